#pragma once
// For tests: a store in memory whose KPI reads can be held back and which can be out of reach. One lock;
// safe from any thread.
#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <vector>

#include "base/promise.hpp"
#include "store/store.hpp"

namespace pulse::dashboard::testing {

class FakeStore : public store::Store, public store::Sessions {
public:
    using Day = std::map<store::Date, store::Counts>;

    // What the test sets up, and looks at.
    std::map<UserId, store::TenantKpis> kpis;
    std::map<BusinessId, store::Business> rows;  // all created at once: "newest first" is by id
    std::map<BusinessId, Day> days;
    bool out_of_reach = false;
    bool hold_reads = false;
    bool address_taken = false;
    std::atomic<bool> hears = true;
    std::uint64_t kpi_reads = 0;
    std::optional<store::BusinessQuery> last_query;
    std::pair<store::Date, store::Date> last_range;
    store::Owner last_owner;

    // Lets the held KPI reads go on, each with the row as it was when it was asked for.
    void release_reads() {
        std::vector<std::pair<Promise<store::TenantKpis>, store::TenantKpis>> held;
        {
            const std::lock_guard lock(mutex_);
            hold_reads = false;
            held.swap(held_);
        }
        for (auto& [promise, row] : held) promise.set(row);
    }
    std::size_t held() {
        const std::lock_guard lock(mutex_);
        return held_.size();
    }
    store::Business add(UserId owner, std::string name) {
        store::Business business;
        business.id = BusinessId::random();
        business.user_id = owner;
        business.name = std::move(name);
        business.category = "Cafe";
        rows[business.id] = business;
        return business;
    }

    Result<void> migrate() override { return {}; }
    Result<void> migrate_down() override { return {}; }
    Result<std::vector<store::KpiDifference>> recount(store::Recount) override {
        return std::vector<store::KpiDifference>{};
    }
    void follow(store::OnChange) override {}
    bool hears_changes() const override { return hears; }
    void stop() override {}

    Task<Result<store::TenantKpis>> tenant_kpis(UserId user) override {
        auto row =
            co_await await_promise<store::TenantKpis>([this, user](Promise<store::TenantKpis> promise) {
                const std::lock_guard lock(mutex_);
                ++kpi_reads;
                if (hold_reads)
                    held_.emplace_back(std::move(promise), kpis[user]);
                else
                    promise.set(kpis[user]);
            });
        if (out_of_reach) co_return gone();
        co_return row;
    }
    Task<Result<store::TenantState>> tenant_state(UserId user, std::optional<store::Version>,
                                                  std::int64_t limit) override {
        if (out_of_reach) co_return gone();
        store::TenantState state;
        state.kpis = kpis[user];
        for (const auto& [id, business] : rows) {
            if (business.user_id != user) continue;
            ++state.businesses_total;
            if (std::int64_t(state.businesses.size()) < limit) state.businesses.push_back(business);
        }
        co_return state;
    }
    Task<Result<std::vector<std::pair<UserId, store::Version>>>> versions(std::vector<UserId>) override {
        co_return gone();
    }

    Task<Result<store::BusinessPage>> businesses(UserId owner, store::BusinessQuery query) override {
        last_query = query;
        if (out_of_reach) co_return gone();
        store::BusinessPage page;
        for (const auto& [id, business] : rows) {
            if (business.user_id != owner) continue;
            if (page.total++ >= query.offset && std::int64_t(page.businesses.size()) < query.limit)
                page.businesses.push_back(business);
        }
        co_return page;
    }
    Task<Result<store::Business>> business(UserId owner, BusinessId id) override {
        if (out_of_reach) co_return gone();
        if (!owns(owner, id)) co_return nothing();
        co_return rows[id];
    }
    Task<Result<store::BusinessMetrics>> metrics(UserId owner, BusinessId id, store::Date from,
                                                 store::Date to) override {
        last_range = {from, to};
        if (!owns(owner, id)) co_return nothing();
        store::BusinessMetrics found;
        for (auto day = days[id].rbegin(); day != days[id].rend(); ++day) {
            found.totals.views += day->second.views;
            if (day->first >= from && day->first <= to) found.history.push_back({day->first, day->second});
        }
        co_return found;
    }
    Task<Result<std::vector<store::DayCounts>>> trends(UserId owner, store::Date from,
                                                       store::Date to) override {
        last_range = {from, to};
        std::vector<store::DayCounts> found;
        for (const auto& [id, business] : rows)
            if (business.user_id == owner)
                for (const auto& [date, counts] : days[id])
                    if (date >= from && date <= to) found.push_back({date, counts});
        co_return found;
    }

    Task<Result<store::Written<store::Business>>> create_business(store::Owner owner,
                                                                  store::NewBusiness wanted) override {
        last_owner = owner;
        if (out_of_reach) co_return gone();
        if (address_taken) co_return Error{ErrorCode::conflict, "The address belongs to another user"};
        auto& business = rows[add(owner.id, wanted.name).id];
        business.category = wanted.category;
        business.logo_url = wanted.logo_url;
        business.status = wanted.status;
        co_return store::Written<store::Business>{business, changed(owner.id)};
    }
    Task<Result<store::Written<store::Business>>> update_business(store::Owner owner, BusinessId id,
                                                                  store::BusinessPatch patch) override {
        if (!owns(owner.id, id)) co_return nothing();
        auto& business = rows[id];
        if (patch.name) business.name = *patch.name;
        if (patch.logo_url) business.logo_url = *patch.logo_url;
        if (patch.stealth_mode_enabled) business.stealth_mode_enabled = *patch.stealth_mode_enabled;
        co_return store::Written<store::Business>{business, changed(owner.id)};
    }
    Task<Result<store::Written<BusinessId>>> delete_business(store::Owner owner, BusinessId id) override {
        if (!owns(owner.id, id)) co_return nothing();
        rows.erase(id);
        co_return store::Written<BusinessId>{id, changed(owner.id)};
    }

    Task<Result<std::vector<store::ActivityOutcome>>> record_activity(
        std::vector<store::ActivityEvent> events) override {
        if (out_of_reach) co_return gone();
        std::vector<store::ActivityOutcome> outcomes;
        for (const auto& event : events) {
            if (!rows.contains(event.business_id)) {
                outcomes.push_back(store::ActivityOutcome::unknown_business);
            } else if (!seen_.insert(event.id).second) {
                outcomes.push_back(store::ActivityOutcome::duplicate);
            } else {
                days[event.business_id][event.date].views += event.count;
                outcomes.push_back(store::ActivityOutcome::accepted);
            }
        }
        co_return outcomes;
    }

    Task<Result<store::User>> create_user(store::User) override { co_return gone(); }
    Task<Result<store::User>> user_by_email(std::string) override { co_return nothing(); }
    store::Sessions& sessions() override { return *this; }
    void on_revoked(store::OnRevoked) override {}
    Task<Result<void>> create_session(store::NewSession) override { co_return gone(); }
    Task<Result<store::Rotated>> rotate_session(store::Rotation) override { co_return gone(); }
    Task<Result<store::Session>> session(SessionId) override { co_return nothing(); }
    Task<Result<void>> revoke_session(SessionId) override { co_return gone(); }
    Task<Result<void>> ping() override {
        if (out_of_reach) co_return gone();
        co_return Result<void>();
    }
    Task<Result<void>> wake_up() override { co_return Result<void>(); }
    store::StoreStats stats() const override { return {}; }

private:
    static Error gone() { return {ErrorCode::unavailable, "the database is gone"}; }
    static Error nothing() { return {ErrorCode::not_found, "no such row"}; }
    bool owns(UserId owner, BusinessId id) { return rows.contains(id) && rows[id].user_id == owner; }
    store::Version changed(UserId owner) { return ++kpis[owner].version; }

    std::mutex mutex_;
    std::vector<std::pair<Promise<store::TenantKpis>, store::TenantKpis>> held_;
    std::set<EventId> seen_;
};

}  // namespace pulse::dashboard::testing
