#include "store/sqlite/migrate.hpp"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <string>
#include <thread>

#include "store/sqlite/failure.hpp"
#include "store/sqlite/query.hpp"
#include "store/sqlite/schema.hpp"

namespace pulse::store::sqlite {
namespace {

// Changing the journal mode does not honour the busy timeout, so two processes that create the same
// database have to take turns here.
void use_wal(Connection& connection, std::chrono::milliseconds patience) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (true) {
        try {
            connection.exec("PRAGMA journal_mode=WAL");
            return;
        } catch (const soci::sqlite3_soci_error& failure) {
            const bool busy = failure.result() == SQLITE_BUSY || failure.result() == SQLITE_LOCKED;
            if (!busy || std::chrono::steady_clock::now() > deadline) throw;
            std::this_thread::sleep_for(std::chrono::milliseconds(10));
        }
    }
}

// The version is read inside the write transaction, so what two processes do at once happens once.
// Returns the version found; applies the next migration if there is one.
int step(Connection& connection) {
    Transaction transaction(connection, Transaction::Kind::write);
    connection.exec(
        "CREATE TABLE IF NOT EXISTS schema_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL,"
        " applied_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))) STRICT");
    Query<In<>, Out<Integer>> latest(connection, "SELECT coalesce(max(version), 0) FROM schema_migrations");
    const int found = int(std::get<0>(*latest.one()));
    for (const auto& migration : migrations()) {
        if (migration.version != found + 1) continue;
        connection.exec(migration.sql);
        Query<In<Integer, Text>> note(connection,
                                      "INSERT INTO schema_migrations (version, name) VALUES (:v, :n)");
        note.run(migration.version, migration.name);
    }
    transaction.commit();
    return found;
}

}  // namespace

Result<void> migrate(const ConnectionSettings& settings) {
    try {
        Connection connection(settings, Existing::or_create);
        use_wal(connection, settings.busy_timeout);
        int found = 0;
        do {
            found = step(connection);
        } while (found < schema_version());
        if (found > schema_version())
            return Error{ErrorCode::invalid, "the database " + settings.path + " has schema version " +
                                                 std::to_string(found) + ", this program knows " +
                                                 std::to_string(schema_version()) +
                                                 ": use a newer pulseboard"};
        return {};
    } catch (const std::exception&) {
        return current_failure().error;
    }
}

}  // namespace pulse::store::sqlite
