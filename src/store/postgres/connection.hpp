#pragma once
// One connection to PostgreSQL, over libpq. SOCI is not used here: it can only block, so a server that hangs
// (stopped, or behind a dead network) would hold its thread for ever, and it sends one statement a round
// trip. Here every wait has a deadline, and statements that do not need each other's answers share a round
// trip (libpq's pipeline mode). Used by one thread at a time. Throws DatabaseError on any failure.
//
//     static const Statement find{"SELECT a, b FROM t WHERE id = $1"};
//     const auto rows = connection.query(find, {id});
//     if (rows.size() > 0) use(rows.text(0, 0), rows.integer(0, 1));
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "store/postgres/hosts.hpp"

struct pg_conn;
struct pg_result;

namespace pulse::store::postgres {

using namespace std::chrono_literals;

struct ConnectionSettings {
    std::string url;  // postgresql://… or a keyword/value string, as libpq takes them
    std::chrono::milliseconds connect_timeout{3s};  // in all; with several hosts each gets its share
    // The server gives up on a statement, or on a lock, after these; zero: never.
    std::chrono::milliseconds statement_timeout{5s};
    std::chrono::milliseconds lock_timeout{3s};
    // How long an answer may take before the connection is given up: longer than the server needs to give up.
    std::chrono::milliseconds answer_timeout{7s};
    // A descriptor: once it can be read, whoever waits for the server gives up the connection.
    int interrupt = -1;
};

class DatabaseError : public std::runtime_error {
public:
    DatabaseError(std::string sqlstate, const std::string& message, bool lost, std::string column = "")
        : std::runtime_error(message), sqlstate(std::move(sqlstate)), column(std::move(column)), lost(lost) {}
    std::string sqlstate;  // five characters; empty: it came from this side
    std::string column;    // which the server named
    bool lost;             // the connection is of no use any more
};

// A statement that each connection prepares at its first use and keeps. Lives as long as the program.
struct Statement {
    const std::string sql;
};

using Parameter = std::optional<std::string>;  // nullopt: NULL
using Parameters = std::vector<Parameter>;

// What one statement answered.
class Rows {
public:
    explicit Rows(pg_result* result);
    int size() const { return size_; }
    bool is_null(int row, int column) const;
    std::string_view text(int row, int column) const;  // NULL: empty
    std::optional<std::string> maybe(int row, int column) const;
    std::int64_t integer(int row, int column) const;  // what is no number: 0
    bool flag(int row, int column) const;
    std::int64_t affected() const;     // rows inserted, updated or deleted
    std::string_view command() const;  // the tag: "COMMIT"

private:
    struct Clear {
        void operator()(pg_result* result) const;
    };
    std::unique_ptr<pg_result, Clear> result_;
    int size_;
};

struct Notification {
    std::string channel;
    std::string payload;
};

class Connection {
public:
    explicit Connection(const ConnectionSettings& settings);
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Queues a statement for the next sync().
    void send(const Statement& statement, const Parameters& parameters = {});
    void send(const char* sql);  // not prepared, without parameters: BEGIN and the like
    // Sends what is queued and waits for all answers, in order: one round trip. The first failure is thrown;
    // what stood behind it was not executed.
    std::vector<Rows> sync();
    // What was queued before is sent with it.
    Rows query(const Statement& statement, const Parameters& parameters = {});
    // One or more statements without parameters; nothing may be queued.
    void exec(const std::string& sql);

    // Lets go of what was queued and not synced, for a transaction that is rolled back.
    void discard();

    bool in_transaction() const;
    // Between transactions: whether the server has something to say that nobody asked for, which is almost
    // always that it closed its end.
    bool is_stale();

    int socket() const;
    void answer_within(std::chrono::milliseconds timeout) { settings_.answer_timeout = timeout; }
    // What NOTIFY brought since the last call, without waiting.
    std::vector<Notification> notifications();

private:
    struct Finish {
        void operator()(pg_conn* connection) const;
    };
    struct Queued {
        const Statement* prepares = nullptr;  // nullptr: it is a query
    };

    void connect();  // to the first host that will do
    void connect(const ConnectionParameters& parameters, std::chrono::steady_clock::time_point deadline);
    void setup();
    void flush();
    pg_result* next_result();  // nullptr at the end of a statement
    void poll_for(short events, std::chrono::steady_clock::time_point deadline);
    void queued(bool ok, const Statement* prepares);
    const std::string& prepared_name(const Statement& statement);
    void note_failure(const pg_result* result);
    void throw_failure();  // if one was noted
    [[noreturn]] void lose(const std::string& message);

    ConnectionSettings settings_;
    std::unique_ptr<pg_conn, Finish> raw_;
    std::unordered_map<const Statement*, std::string> prepared_;
    std::vector<Queued> queue_;
    std::optional<DatabaseError> failure_;  // the first of the statements under way
    std::chrono::steady_clock::time_point deadline_{};
    bool lost_ = false;
    bool interrupted_ = false;
};

// Queues BEGIN; rolls back on the way out unless committed.
class Transaction {
public:
    enum class Kind { snapshot, write };  // snapshot: reads, all of them one state
    Transaction(Connection& connection, Kind kind);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    // Sends what is queued and commits, in one round trip; the answers to what was queued. Once this has
    // begun, a lost connection leaves open whether it was committed.
    std::vector<Rows> commit();
    bool committing() const { return committing_; }

private:
    Connection& connection_;
    bool committing_ = false;
};

// Arrays as PostgreSQL reads them: {a,b,c}. `text(item)` must need no quotes: ids, numbers, dates.
template <class Items, class Text>
std::string array_of(const Items& items, Text text) {
    std::string out = "{";
    for (const auto& item : items) {
        if (out.size() > 1) out += ',';
        out += text(item);
    }
    return out += '}';
}

}  // namespace pulse::store::postgres
