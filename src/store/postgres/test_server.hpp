#pragma once
// For tests: one private PostgreSQL per test program, in a temporary folder, reached through a unix socket
// there; it is stopped and removed when the program ends, however it ends. Databases for single tests are
// copies of a template, which takes some milliseconds.
#include <string>
#include <vector>

#include "store/postgres/connection.hpp"

namespace pulse::store::postgres {

// Starts at the first use. Throws, saying what is missing, when it cannot.
class TestServer {
public:
    static TestServer& instance();

    TestServer(const TestServer&) = delete;
    TestServer& operator=(const TestServer&) = delete;
    ~TestServer();

    const std::string& folder() const { return folder_; }  // where its socket is
    std::string url(const std::string& database, const std::string& user = "postgres") const;
    std::string program(const std::string& name) const;  // the path of psql, pg_dump, …
    // Runs a shell command as the user that owns the server; what it printed. Throws if it fails.
    std::string run(const std::string& command) const;
    // SIGKILL to all its processes, as when the machine's memory runs out; start() brings it back.
    void crash() const;
    void start() const;

private:
    TestServer();

    std::string folder_;
    std::string user_;  // whom to run as; empty: ourselves
    int guard_ = -1;    // its end tells the watching process that we are gone
};

enum class Holds { nothing, our_schema };

// A database for one test; dropped with it.
class ScratchDatabase {
public:
    explicit ScratchDatabase(Holds holds = Holds::our_schema);
    ~ScratchDatabase();
    ScratchDatabase(const ScratchDatabase&) = delete;
    ScratchDatabase& operator=(const ScratchDatabase&) = delete;

    const std::string& name() const { return name_; }
    std::string url(const std::string& user = "postgres") const;

private:
    std::string name_;
};

// Plain SQL as another program would send it: a connection with the server's defaults, its own transactions
// and search_path.
class PlainSql {
public:
    explicit PlainSql(const std::string& url);
    ~PlainSql();
    PlainSql(const PlainSql&) = delete;
    PlainSql& operator=(const PlainSql&) = delete;

    using Table = std::vector<std::vector<std::string>>;
    void exec(const std::string& sql);            // throws with the server's message
    std::string attempt(const std::string& sql);  // that message; empty: it worked
    Table rows(const std::string& sql);           // of the last statement; NULL as "NULL"
    std::string value(const std::string& sql);    // the first cell; "" without one
    void send(const std::string& sql);            // without waiting
    bool is_busy();                               // what was sent is not answered yet
    std::string finish();                         // waits for it; the message of the failure
    int pid() const;

private:
    pg_conn* raw_;
};

}  // namespace pulse::store::postgres
