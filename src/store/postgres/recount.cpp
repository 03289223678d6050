#include "store/postgres/recount.hpp"

#include <thread>

#include "store/postgres/connection.hpp"
#include "store/postgres/failure.hpp"
#include "store/sql/recount.hpp"
#include "store/sql/rows.hpp"

namespace pulse::store::postgres {
namespace {

ConnectionSettings patient(const std::string& url) {
    ConnectionSettings settings;
    settings.url = url;
    settings.statement_timeout = std::chrono::milliseconds(0);
    settings.lock_timeout = std::chrono::milliseconds(0);
    settings.answer_timeout = std::chrono::hours(24);
    return settings;
}

const Statement all_differences{sql::differences()};
// Who drains notes begins with a row of this table. So none is under way once this is granted, and what the
// host's tables show from then on has been counted.
constexpr char keep_drains_out[] = "LOCK TABLE pulseboard.business_totals IN EXCLUSIVE MODE";
// While we wait for it, commits wait behind us, and who holds it may take its time: as a migration does, we
// give way before PostgreSQL looks for deadlocks, and try again.
constexpr char little_patience[] = "SET LOCAL lock_timeout = '500ms'";
constexpr int attempts = 40;
constexpr auto pause_between_attempts = std::chrono::milliseconds(200);
const Statement announced{
    "SELECT version, pg_notify('pulseboard_changes', user_id || ':' || version)"
    " FROM pulseboard.tenant_kpis WHERE user_id = $1"};

std::vector<KpiDifference> found_differences(Connection& connection) {
    Transaction snapshot(connection, Transaction::Kind::snapshot);
    const auto rows = connection.query(all_differences);
    std::vector<KpiDifference> found;
    for (int row = 0; row < rows.size(); ++row) {
        const auto at = [&](int column) { return rows.integer(row, column); };
        found.push_back({sql::to_id<UserId>(rows.text(row, 0)),
                         {at(1), at(2), at(3), at(4), Version(at(5))},
                         {at(6), at(7), at(8), at(9), Version(at(5))}});
    }
    (void)snapshot.commit();
    return found;
}

// In a transaction of its own, so that commits wait for one tenant to be counted at most.
void correct(Connection& connection, KpiDifference& difference) {
    Transaction transaction(connection, Transaction::Kind::write);
    connection.send(little_patience);
    connection.send(keep_drains_out);
    (void)connection.sync();
    for (const auto& correction : sql::corrections(difference.user)) connection.exec(correction);
    const auto version = connection.query(announced, {difference.user.to_string()}).integer(0, 0);
    (void)transaction.commit();
    difference.counted.version = Version(version);
}

void correct_giving_way(Connection& connection, KpiDifference& difference) {
    for (int attempt = 1;; ++attempt) {
        try {
            return correct(connection, difference);
        } catch (const DatabaseError& failure) {
            if (failure.sqlstate != "55P03") throw;
            if (attempt == attempts)
                throw DatabaseError(failure.sqlstate,
                                    std::string(failure.what()) +
                                        ": a long transaction of somebody else's is in the way; what was"
                                        " corrected stays, run it again later",
                                    false);
        }
        std::this_thread::sleep_for(pause_between_attempts);
    }
}

}  // namespace

Result<std::vector<KpiDifference>> recount(const std::string& url, Recount what) {
    try {
        Connection connection(patient(url));
        auto found = found_differences(connection);
        if (what == Recount::report || found.empty()) return found;
        for (auto& difference : found) correct_giving_way(connection, difference);
        return found;
    } catch (const std::exception&) {
        return current_failure().error;
    }
}

}  // namespace pulse::store::postgres
