#include "store/postgres/test_server.hpp"

#include <fcntl.h>
#include <libpq-fe.h>
#include <pwd.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "base/random.hpp"
#include "store/postgres/migrate.hpp"

namespace pulse::store::postgres {
namespace {

namespace fs = std::filesystem;

// Newest first; Debian does not put them into PATH.
std::string folder_of_programs() {
    for (int version = 30; version >= 15; --version) {
        const auto folder = "/usr/lib/postgresql/" + std::to_string(version) + "/bin";
        if (access((folder + "/initdb").c_str(), X_OK) == 0) return folder;
    }
    throw std::runtime_error(
        "no PostgreSQL 15 or later in /usr/lib/postgresql: apt-get install postgresql-15 (./test does it)");
}

// In memory where the machine has such a folder.
fs::path place() { return access("/dev/shm", W_OK) == 0 ? "/dev/shm" : fs::temp_directory_path(); }

std::string output_of(const std::string& command) {
    FILE* pipe = popen((command + " 2>&1").c_str(), "r");
    if (!pipe) throw std::runtime_error("cannot run " + command);
    std::string text;
    std::array<char, 4096> buffer;
    while (const auto size = fread(buffer.data(), 1, buffer.size(), pipe)) text.append(buffer.data(), size);
    if (const int status = pclose(pipe); status != 0)
        throw std::runtime_error(command + " ended with " + std::to_string(status) + ":\n" + text);
    return text;
}

constexpr char configuration[] =
    "listen_addresses = ''\nfsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"
    "max_connections = 200\nshared_buffers = 64MB\nmax_prepared_transactions = 8\nautovacuum_naptime = 5s\n"
    "timezone = 'UTC'\nlog_min_messages = fatal\nmax_wal_size = 512MB\n";

}  // namespace

TestServer& TestServer::instance() {
    static TestServer server;
    return server;
}

// PostgreSQL refuses to run as root: then everything is done as `postgres`, whom the package made.
TestServer::TestServer() : folder_((place() / ("pulse-pg-" + random_base64url(9))).string()) {
    const auto programs = folder_of_programs();
    fs::create_directory(folder_);
    if (geteuid() == 0) {
        user_ = "postgres";
        const auto* account = getpwnam("postgres");
        if (!account || chown(folder_.c_str(), account->pw_uid, account->pw_gid) != 0)
            throw std::runtime_error("as root the tests run PostgreSQL as the user postgres, who is missing");
    }
    fs::permissions(folder_, fs::perms::owner_all);
    // Whatever becomes of this process, the other end of the pipe closes with it, and the shell goes on.
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe");
    guard_ = ends[1];
    if (fork() == 0) {
        setsid();
        dup2(ends[0], STDIN_FILENO);
        for (int other = 1; other < 1024; ++other) close(other);
        open("/dev/null", O_WRONLY);
        open("/dev/null", O_WRONLY);
        const auto script = "cat >/dev/null; kill -QUIT $(head -n 1 " + folder_ +
                            "/data/postmaster.pid); rm -rf " + folder_ + "; sleep 1; rm -rf " + folder_;
        execl("/bin/sh", "sh", "-c", script.c_str(), nullptr);
        _exit(1);
    }
    close(ends[0]);
    run(programs +
        "/initdb --no-sync --auth=trust --username=postgres --encoding=UTF8 --locale=C.UTF-8"
        " --pgdata=" +
        folder_ + "/data");
    std::ofstream(folder_ + "/data/postgresql.auto.conf")
        << configuration << "unix_socket_directories = '" << folder_ << "'\n";
    start();
}

void TestServer::start() const {
    run(program("pg_ctl") + " --pgdata=" + folder_ + "/data --log=" + folder_ +
        "/log --wait --timeout=60 start");
}

void TestServer::crash() const {
    const auto file = folder_ + "/data/postmaster.pid";
    int postmaster = 0;
    std::ifstream(file) >> postmaster;
    PlainSql sql(url("postgres"));
    kill(postmaster, SIGSTOP);  // nobody is born any more
    const auto backends = sql.rows("SELECT pid FROM pg_stat_activity");
    kill(postmaster, SIGKILL);  // first, or it would start over by itself
    for (const auto& row : backends) kill(std::stoi(row.at(0)), SIGKILL);
    // Where nobody reaps orphans, its process seems to be there still.
    fs::remove(file);
    fs::remove(folder_ + "/.s.PGSQL.5432.lock");
}

TestServer::~TestServer() { close(guard_); }

std::string TestServer::url(const std::string& database, const std::string& user) const {
    return "host=" + folder_ + " dbname=" + database + " user=" + user;
}

std::string TestServer::program(const std::string& name) const { return folder_of_programs() + "/" + name; }

std::string TestServer::run(const std::string& command) const {
    return output_of(user_.empty() ? "cd / && " + command : "cd / && runuser -u " + user_ + " -- " + command);
}

ScratchDatabase::ScratchDatabase(Holds holds) : name_("t" + random_base64url(12)) {
    auto& server = TestServer::instance();
    for (auto& c : name_)
        if (c == '-') c = '_';
    PlainSql sql(server.url("postgres"));
    if (holds == Holds::nothing) {
        sql.exec("CREATE DATABASE \"" + name_ + "\"");
        return;
    }
    static const bool template_made = [&] {
        sql.exec("CREATE DATABASE pulseboard_template");
        if (const auto migrated = migrate(server.url("pulseboard_template")); !migrated)
            throw std::runtime_error(migrated.error().message);
        return true;
    }();
    (void)template_made;
    sql.exec("CREATE DATABASE \"" + name_ + "\" TEMPLATE pulseboard_template STRATEGY file_copy");
}

ScratchDatabase::~ScratchDatabase() {
    try {
        PlainSql(TestServer::instance().url("postgres")).exec("DROP DATABASE \"" + name_ + "\" WITH (FORCE)");
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "%s\n", failure.what());
    }
}

std::string ScratchDatabase::url(const std::string& user) const {
    return TestServer::instance().url(name_, user);
}

PlainSql::PlainSql(const std::string& url) : raw_(PQconnectdb(url.c_str())) {
    PQsetNoticeProcessor(raw_, [](void*, const char*) {}, nullptr);
    if (PQstatus(raw_) != CONNECTION_OK) {
        const std::string message = PQerrorMessage(raw_);
        PQfinish(raw_);
        throw std::runtime_error(message);
    }
}
PlainSql::~PlainSql() { PQfinish(raw_); }

std::string PlainSql::attempt(const std::string& sql) {
    send(sql);
    return finish();
}

void PlainSql::exec(const std::string& sql) {
    if (const auto failure = attempt(sql); !failure.empty()) throw std::runtime_error(failure + sql);
}

PlainSql::Table PlainSql::rows(const std::string& sql) {
    PGresult* result = PQexec(raw_, sql.c_str());
    Table all;
    const std::string failure = PQresultErrorMessage(result);
    for (int row = 0; row < PQntuples(result); ++row) {
        auto& cells = all.emplace_back();
        for (int column = 0; column < PQnfields(result); ++column)
            cells.emplace_back(PQgetisnull(result, row, column) ? "NULL" : PQgetvalue(result, row, column));
    }
    PQclear(result);
    if (!failure.empty()) throw std::runtime_error(failure + sql);
    return all;
}

std::string PlainSql::value(const std::string& sql) {
    const auto all = rows(sql);
    return all.empty() ? "" : all[0][0];
}

void PlainSql::send(const std::string& sql) {
    if (PQsendQuery(raw_, sql.c_str()) != 1) throw std::runtime_error(PQerrorMessage(raw_));
}

bool PlainSql::is_busy() {
    PQconsumeInput(raw_);
    return PQisBusy(raw_) == 1;
}

std::string PlainSql::finish() {
    std::string failure;
    while (PGresult* result = PQgetResult(raw_)) {
        if (failure.empty()) failure = PQresultErrorMessage(result);
        PQclear(result);
    }
    return failure;
}

int PlainSql::pid() const { return PQbackendPID(raw_); }

}  // namespace pulse::store::postgres
