#include "store/sqlite/recount.hpp"

#include "store/sql/recount.hpp"
#include "store/sql/rows.hpp"
#include "store/sqlite/failure.hpp"
#include "store/sqlite/query.hpp"

namespace pulse::store::sqlite {

Result<std::vector<KpiDifference>> recount(const ConnectionSettings& settings, Recount what) {
    try {
        Connection connection(settings);
        Transaction transaction(connection,
                                what == Recount::fix ? Transaction::Kind::write : Transaction::Kind::read);
        using Columns =
            Out<Text, Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer, Integer>;
        Query<In<>, Columns> all(connection, sql::differences());
        std::vector<KpiDifference> found;
        all.each([&found](const Columns& row) {
            const auto& [id, active, invites, views, messages, version, a, i, v, m] = row;
            found.push_back({sql::to_id<UserId>(id),
                             {active, invites, views, messages, Version(version)},
                             {a, i, v, m, Version(version)}});
        });
        if (what == Recount::report) return found;
        for (auto& difference : found) {
            for (const auto& correction : sql::corrections(difference.user)) connection.exec(correction);
            Query<In<Text>, Out<Integer>> version(connection,
                                                  "SELECT version FROM tenant_kpis WHERE user_id = :user");
            difference.counted.version =
                Version(std::get<0>(version.one(difference.user.to_string()).value()));
        }
        transaction.commit();
        return found;
    } catch (const std::exception&) {
        return current_failure().error;
    }
}

}  // namespace pulse::store::sqlite
