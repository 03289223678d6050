#pragma once
// What the store holds, as plain values: the tables of contract section 6 and what is kept beside them.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"

namespace pulse::store {

// The contract's `version`: counts the changes of one tenant, without gaps, in commit order. 0: none yet.
using Version = std::uint64_t;
using Date = std::chrono::sys_days;  // a UTC day

enum class Role { tenant, landlord, broker, service };
std::optional<Role> parse_role(std::string_view text);
std::string_view to_string(Role role);

enum class BusinessStatus { active, pending_verification, stealth_mode };
std::optional<BusinessStatus> parse_status(std::string_view text);
std::string_view to_string(BusinessStatus status);

struct User {
    UserId id;
    std::string email;
    std::string password_hash;  // empty: cannot sign in
    Role role = Role::tenant;
};

struct Business {
    BusinessId id;
    UserId user_id;
    std::string name;
    std::optional<std::string> logo_url;
    std::string category;
    BusinessStatus status = BusinessStatus::pending_verification;
    bool is_verified = false;
    bool stealth_mode_enabled = false;
    WallTime created_at{};
    WallTime updated_at{};
    bool operator==(const Business&) const = default;
};

// The six counters of business_metrics, of one day or summed up.
struct Counts {
    std::int64_t views = 0;
    std::int64_t clicks = 0;
    std::int64_t invites = 0;
    std::int64_t declined = 0;
    std::int64_t messages = 0;
    std::int64_t qfps = 0;
    bool operator==(const Counts&) const = default;
};

struct DayCounts {
    Date date;
    Counts counts;
    bool operator==(const DayCounts&) const = default;
};

// One row of tenant_kpis: what the four KPIs are computed from, and the version of that state.
struct TenantKpis {
    std::int64_t active_businesses = 0;
    std::int64_t invites = 0;
    std::int64_t views = 0;
    std::int64_t messages = 0;
    Version version = 0;
    bool operator==(const TenantKpis&) const = default;
};

// A tenant whose kept sums are not what counting everything again gives. Equal KPIs: its days are wrong, or
// the sums of single businesses. counted.version is the version after the correction, or the one found.
struct KpiDifference {
    UserId user;
    TenantKpis kept;
    TenantKpis counted;
    bool operator==(const KpiDifference&) const = default;
};

enum class Recount { report, fix };

enum class ChangeKind { business_created, business_updated, business_deleted, metrics_updated };

// One row of tenant_changes. `business` is the state that this very change left, for created and updated.
struct Change {
    Version version = 0;
    ChangeKind kind = ChangeKind::metrics_updated;
    BusinessId business_id;
    std::optional<Business> business;
};

struct BusinessTotals {
    BusinessId business_id;
    Counts totals;  // of all time
};

// Everything a follower of one tenant needs, read in one transaction, so that it is one state.
struct TenantState {
    TenantKpis kpis;              // kpis.version is the version of the whole state
    std::vector<Change> changes;  // after the version asked for, oldest first; metrics_updated once per
                                  // business, at its latest version
    bool more = false;            // changes are left after the last one given (a read takes at most 1000, the
                                  // oldest first): read again after its version
    bool complete = true;         // false: the log no longer reaches back that far; `changes` is what is left
    std::vector<BusinessTotals> totals;  // of the businesses with metrics_updated that still exist
    std::vector<Business> businesses;    // newest first, at most as many as asked for
    std::int64_t businesses_total = 0;   // only if businesses were asked for
};

struct BusinessQuery {
    std::int64_t offset = 0;
    std::int64_t limit = 20;
    std::optional<BusinessStatus> status;
    std::string search;  // part of the name, any case; empty: all
};

struct BusinessPage {
    std::vector<Business> businesses;  // newest first, then by id
    std::int64_t total = 0;
};

struct NewBusiness {
    std::string name;
    std::string category;
    std::optional<std::string> logo_url;
    BusinessStatus status = BusinessStatus::pending_verification;
};

struct BusinessPatch {  // what is set is changed
    std::optional<std::string> name;
    std::optional<std::string> category;
    std::optional<std::optional<std::string>> logo_url;  // set to nullopt: cleared
    std::optional<BusinessStatus> status;
    std::optional<bool> stealth_mode_enabled;
};

struct BusinessMetrics {
    Counts totals;
    std::vector<DayCounts> history;  // days with data, newest first
};

enum class ActivityType { view, click, invite, decline, message, qfp };

struct ActivityEvent {
    EventId id;
    BusinessId business_id;
    ActivityType type = ActivityType::view;
    std::int64_t count = 1;
    Date date;  // the UTC day it counts for
};

// The most that one counter of a row of business_metrics holds: every sum of them stays within 64 bits.
inline constexpr std::int64_t counter_limit = 1'000'000'000'000;

// counter_full: the counter of that business and day has no room for it. A refused event left nothing behind.
enum class ActivityOutcome { accepted, duplicate, unknown_business, counter_full };

}  // namespace pulse::store
