#pragma once
// What is read, on one connection with its prepared statements; one thread. Each call is one round trip and
// one state. Throws DatabaseError when the database fails.
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "store/postgres/rows.hpp"
#include "store/sessions.hpp"
#include "store/types.hpp"

namespace pulse::store::postgres {

class Reads {
public:
    explicit Reads(const ConnectionSettings& settings);

    Result<TenantKpis> tenant_kpis(UserId user);
    Result<TenantState> tenant_state(UserId user, std::optional<Version> after, std::int64_t businesses);
    Result<std::vector<std::pair<UserId, Version>>> versions(const std::vector<UserId>& users);
    Result<BusinessPage> businesses(UserId owner, const BusinessQuery& query);
    Result<Business> business(UserId owner, BusinessId id);
    Result<BusinessMetrics> metrics(UserId owner, BusinessId id, Date from, Date to);
    Result<std::vector<DayCounts>> trends(UserId owner, Date from, Date to);
    Result<User> user_by_email(const std::string& email);
    Result<Session> session(SessionId id);
    Result<void> ping();
    // Sends a notification; what listens hears it once this has returned, or a little later.
    Result<void> notify(const std::string& channel, const std::string& payload);

    Connection& connection() { return connection_; }

private:
    void send_page(const Parameter& user, const BusinessQuery& query);

    Connection connection_;
    const Facts facts_;
};

}  // namespace pulse::store::postgres
