#pragma once
// One connection to the database file: a SOCI session set up our way (WAL, synchronous=FULL, a busy timeout,
// the SQL function pulse_fold). Used by one thread at a time. Throws soci::soci_error on any failure.
#include <soci/session.h>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

namespace sqlite_api {
struct sqlite3;
}

namespace pulse::store::sqlite {

class DatabaseFile;

struct ConnectionSettings {
    std::string path;
    std::chrono::milliseconds busy_timeout{5000};
    std::shared_ptr<DatabaseFile> file = nullptr;  // a store's connections have one in common
};

enum class Existing { required, or_create };

class Connection {
public:
    // Existing::required: a file that is not there is an error, never an empty new database, and so is one
    // without this program's schema (NotReady).
    explicit Connection(const ConnectionSettings& settings, Existing existing = Existing::required);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    soci::session& session() { return session_; }
    void exec(const std::string& sql);  // one or more statements without parameters
    // The file was deleted or replaced: what is written now would go nowhere, without an error.
    bool file_is_gone() const;
    void set_busy_timeout(std::chrono::steady_clock::duration patience);
    bool in_transaction() const;  // false too after an error made SQLite roll back by itself

private:
    using Opening = std::unique_lock<std::mutex>;  // of DatabaseFile; held until the constructor is done
    Connection(const ConnectionSettings& settings, Existing existing, Opening opening);

    // SOCI hides the type information of its back-ends, without which UBSan cannot check the cast in here.
    [[clang::no_sanitize("vptr")]] sqlite_api::sqlite3* raw() const;
    void require_schema(const ConnectionSettings& settings);

    soci::session session_;
};

// Rolls back on the way out unless committed.
class Transaction {
public:
    enum class Kind { read, write };
    Transaction(Connection& connection, Kind kind);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    void commit();

private:
    Connection& connection_;
};

}  // namespace pulse::store::sqlite
