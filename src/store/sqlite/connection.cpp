#include "store/sqlite/connection.hpp"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

#include <algorithm>
#include <filesystem>

#include "store/sqlite/casefold.hpp"
#include "store/sqlite/database_file.hpp"
#include "store/sqlite/failure.hpp"
#include "store/sqlite/query.hpp"
#include "store/sqlite/schema.hpp"

namespace pulse::store::sqlite {
namespace {

// Statistics that nobody reads: a lock shared by all connections at each malloc() and free().
void forgo_memory_statistics() {
    static const int once = sqlite_api::sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    static_cast<void>(once);  // too late if another part of the program has used SQLite, and no harm
}

std::string connect_string(const ConnectionSettings& settings, Existing existing) {
    forgo_memory_statistics();
    if (settings.file) settings.file->before_open();
    // SOCI opens with SQLITE_OPEN_CREATE, so what must exist is looked for first.
    std::error_code ignored;
    if (existing == Existing::required && !std::filesystem::exists(settings.path, ignored))
        throw soci::sqlite3_soci_error("there is no database file " + settings.path, SQLITE_CANTOPEN);
    if (settings.path.find('"') != std::string::npos)
        throw soci::sqlite3_soci_error("the path of the database must not hold a quotation mark",
                                       SQLITE_CANTOPEN);
    return "dbname=\"" + settings.path + "\"";
}

void fold_function(sqlite_api::sqlite3_context* context, int, sqlite_api::sqlite3_value** arguments) {
    const auto* text = reinterpret_cast<const char*>(sqlite_api::sqlite3_value_text(arguments[0]));
    if (text == nullptr) {
        sqlite_api::sqlite3_result_null(context);
        return;
    }
    const auto folded = casefold({text, std::size_t(sqlite_api::sqlite3_value_bytes(arguments[0]))});
    sqlite_api::sqlite3_result_text(context, folded.data(), int(folded.size()),
                                    sqlite_api::sqlite3_destructor_type(-1));  // SQLITE_TRANSIENT: copies
}

}  // namespace

Connection::Connection(const ConnectionSettings& settings, Existing existing)
    : Connection(settings, existing, settings.file ? settings.file->opening() : Opening()) {}

Connection::Connection(const ConnectionSettings& settings, Existing existing, Opening)
    : session_(soci::sqlite3, connect_string(settings, existing)) {
    if (settings.file && (!settings.file->same_as_before() || file_is_gone()))
        throw NotReady("the database " + settings.path + " was replaced while it was opened");
    set_busy_timeout(settings.busy_timeout);
    sqlite_api::sqlite3_create_function_v2(raw(), "pulse_fold", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                           nullptr, &fold_function, nullptr, nullptr, nullptr);
    // FULL: what is acknowledged survives a power cut. The checkpoint comes later than SQLite's default, so
    // that pages written over and over are copied into the database less often.
    exec(
        "PRAGMA synchronous=FULL; PRAGMA foreign_keys=OFF; PRAGMA recursive_triggers=OFF;"
        "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-32768; PRAGMA wal_autocheckpoint=4000;"
        "PRAGMA journal_size_limit=67108864");
    if (existing == Existing::required) require_schema(settings);
}

void Connection::require_schema(const ConnectionSettings& settings) {
    int found = 0;
    if (Query<In<>, Out<Integer>>(*this, "SELECT 1 FROM sqlite_master WHERE name = 'schema_migrations'")
            .one())
        found = int(std::get<0>(
            Query<In<>, Out<Integer>>(*this, "SELECT coalesce(max(version), 0) FROM schema_migrations")
                .one()
                .value()));
    if (settings.file) settings.file->after_read();
    if (found == schema_version()) return;
    throw NotReady("the database " + settings.path + " has schema version " + std::to_string(found) +
                   ", this program needs " + std::to_string(schema_version()) +
                   (found < schema_version() ? ": run pulseboard migrate" : ": use a newer pulseboard"));
}

void Connection::exec(const std::string& sql) {
    const int result = sqlite_api::sqlite3_exec(raw(), sql.c_str(), nullptr, nullptr, nullptr);
    if (result != SQLITE_OK) throw soci::sqlite3_soci_error(sqlite_api::sqlite3_errmsg(raw()), result);
}

void Connection::set_busy_timeout(std::chrono::steady_clock::duration patience) {
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(patience).count();
    sqlite_api::sqlite3_busy_timeout(raw(), int(std::max<decltype(ms)>(ms, 0)));
}

bool Connection::file_is_gone() const {
    int moved = 0;
    return sqlite_api::sqlite3_file_control(raw(), "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
           moved != 0;
}

bool Connection::in_transaction() const { return sqlite_api::sqlite3_get_autocommit(raw()) == 0; }

sqlite_api::sqlite3* Connection::raw() const {
    auto& session = const_cast<soci::session&>(session_);
    return static_cast<soci::sqlite3_session_backend*>(session.get_backend())->conn_;
}

Transaction::Transaction(Connection& connection, Kind kind) : connection_(connection) {
    connection_.exec(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN");
}

Transaction::~Transaction() {
    if (!connection_.in_transaction()) return;
    try {
        connection_.exec("ROLLBACK");
    } catch (const soci::soci_error&) {
        // The error that led here is the one to tell; a connection that cannot roll back is dropped for it.
    }
}

void Transaction::commit() { connection_.exec("COMMIT"); }

}  // namespace pulse::store::sqlite
