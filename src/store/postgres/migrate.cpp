#include "store/postgres/migrate.hpp"

#include <thread>

#include "store/postgres/adoption.hpp"
#include "store/postgres/connection.hpp"
#include "store/postgres/failure.hpp"
#include "store/postgres/schema.hpp"

namespace pulse::store::postgres {
namespace {

// Counting a large history takes its time, and so may the transactions that are to finish before it.
ConnectionSettings patient(const std::string& url) {
    ConnectionSettings settings;
    settings.url = url;
    settings.statement_timeout = std::chrono::milliseconds(0);
    settings.lock_timeout = std::chrono::milliseconds(0);
    settings.answer_timeout = std::chrono::hours(24);
    return settings;
}

// "pulse", "schema": one migration at a time in a database.
const Statement take_turn{"SELECT pg_advisory_xact_lock(1886743667, 1935894893)"};
// Asked of the catalog's tables: to_regclass() would remember, over the wait for the turn, that there was
// none.
const Statement has_schema{
    "SELECT EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
    " WHERE n.nspname = 'pulseboard' AND c.relname = 'schema_migrations')"};
const Statement found_version{"SELECT coalesce(max(version), 0) FROM pulseboard.schema_migrations"};
const Statement note_version{"INSERT INTO pulseboard.schema_migrations (version, name) VALUES ($1, $2)"};

// While we wait for a table, everybody else who writes to it waits behind us, and who holds it may be waiting
// for one that we hold. We give way before PostgreSQL looks for deadlocks (after a second, as a rule), so
// that it is never a transaction of the host that it ends, and try again.
const Statement little_patience{"SELECT set_config('lock_timeout', '500ms', true)"};
constexpr int attempts = 40;
constexpr auto pause_between_attempts = std::chrono::milliseconds(200);
constexpr char own_schema[] =
    "CREATE SCHEMA pulseboard;"
    "CREATE TABLE pulseboard.schema_migrations (version integer PRIMARY KEY, name text NOT NULL,"
    " applied_at timestamptz NOT NULL DEFAULT now())";

int version_of(Connection& connection) {
    if (!connection.query(has_schema).flag(0, 0)) return 0;
    return int(connection.query(found_version).integer(0, 0));
}

Error newer(int found) {
    return {ErrorCode::invalid, "the database has schema version " + std::to_string(found) +
                                    ", this program knows " + std::to_string(schema_version()) +
                                    ": use a newer pulseboard"};
}

// What an operator can do something about, said in full. For use in a catch clause.
Error explained() {
    try {
        throw;
    } catch (const DatabaseError& failure) {
        const std::string message = failure.what();
        if (failure.sqlstate == "42501")
            return {ErrorCode::invalid,
                    "database: " + message +
                        ": this needs the owner of the tables, with the right to CREATE in "
                        "the database (docs/adopting.md)"};
        if (failure.sqlstate == "55P03")
            return {
                ErrorCode::unavailable,
                "database: " + message +
                    ": a long transaction holds the tables, or another migration runs; run it again later"};
        if (failure.sqlstate == "2BP01")
            return {ErrorCode::conflict,
                    "database: " + message + ": remove what was built upon the schema pulseboard first"};
        return current_failure().error;
    } catch (const std::exception&) {
        return current_failure().error;
    }
}

Result<void> apply(Connection& connection) {
    // The usual case waits for nobody.
    if (version_of(connection) == schema_version()) return {};
    Transaction transaction(connection, Transaction::Kind::write);
    (void)connection.query(little_patience);
    (void)connection.query(take_turn);
    const int found = version_of(connection);
    if (found > schema_version()) return newer(found);
    if (found == schema_version()) return {};
    const auto host = found_or_made_tables(connection);
    if (!host) return host.error();
    if (found == 0) connection.exec(own_schema);
    connection.exec(lock_sql(*host));
    for (const auto& migration : migrations(*host)) {
        if (migration.version <= found) continue;
        connection.exec(migration.sql);
        (void)connection.query(note_version, {std::to_string(migration.version), migration.name});
    }
    (void)transaction.commit();
    return {};
}

Result<void> remove(Connection& connection) {
    Transaction transaction(connection, Transaction::Kind::write);
    (void)connection.query(little_patience);
    (void)connection.query(take_turn);
    const int found = version_of(connection);
    if (found == 0) return {};
    if (found > schema_version()) return newer(found);
    const auto host = host_of(connection);
    if (!host)
        return Error{ErrorCode::invalid,
                     "no table businesses in the search_path: the triggers on it cannot be found"};
    connection.exec(removal_lock_sql(*host));
    connection.exec(removal_sql(*host));
    (void)transaction.commit();
    return {};
}

template <class F>
Result<void> on_connection(const std::string& url, F job) {
    try {
        Connection connection(patient(url));
        for (int attempt = 1;; ++attempt) {
            try {
                return job(connection);
            } catch (const DatabaseError& failure) {
                if (failure.sqlstate != "55P03" || attempt == attempts) throw;
            }
            std::this_thread::sleep_for(pause_between_attempts);
        }
    } catch (const std::exception&) {
        return explained();
    }
}

}  // namespace

Result<void> migrate(const std::string& url) { return on_connection(url, apply); }
Result<void> migrate_down(const std::string& url) { return on_connection(url, remove); }

}  // namespace pulse::store::postgres
