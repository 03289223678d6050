#pragma once
// What is read, on one connection with its prepared statements; one thread. Each call that takes several
// statements is one transaction, hence one state. Throws soci::soci_error when the database fails.
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "store/sqlite/query.hpp"
#include "store/sqlite/rows.hpp"
#include "store/sqlite/sessions.hpp"
#include "store/types.hpp"

namespace pulse::store::sqlite {

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
    Result<Session> session(SessionId id) { return sessions_.find(id); }
    Result<void> ping();

    const Connection& connection() const { return connection_; }

private:
    TenantKpis kpis_of(const Text& user);
    BusinessPage page_of(const Text& user, const BusinessQuery& query);
    // Fills changes, complete and totals; kpis are there.
    void changes_after(const Text& user, Version after, TenantState& state);

    Connection connection_;
    SessionRows sessions_;
    Query<In<Text>, Out<Integer, Integer, Integer, Integer, Integer>> kpis_;
    Query<In<Text, Integer>, Out<Integer, Text, Text, MaybeText>> changes_;
    Query<In<Text, Text>, CountColumns> totals_;
    Query<In<Text, Text, Text, Integer, Integer>, BusinessColumns> page_;
    Query<In<Text, Text, Text>, Out<Integer>> page_total_;
    Query<In<Text, Text>, BusinessColumns> business_;
    Query<In<Text, Text, Text>, Out<Text, Integer, Integer, Integer, Integer, Integer, Integer>> history_;
    Query<In<Text, Text, Text>, Out<Text, Integer, Integer, Integer, Integer, Integer, Integer>> days_;
    Query<In<Text>, Out<Text, Text, Text, Text>> user_;
    Query<In<>, Out<Integer>> schema_;
};

}  // namespace pulse::store::sqlite
