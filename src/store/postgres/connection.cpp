#include "store/postgres/connection.hpp"

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <utility>

namespace pulse::store::postgres {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr SteadyTime::duration least_share = 500ms;

// On one line, for the log.
std::string trimmed(const char* message) {
    std::string text;
    for (const char c : std::string_view(message ? message : "")) {
        if (c != '\n' && c != '\t') {
            text += c;
        } else if (!text.empty() && text.back() != ' ') {
            text += ' ';
        }
    }
    while (!text.empty() && text.back() == ' ') text.pop_back();
    return text;
}

std::string field(const PGresult* result, int which) {
    const char* text = PQresultErrorField(result, which);
    return text ? text : "";
}

bool is_good(const PGresult* result) {
    const auto status = PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY;
}

std::string setting(const char* name, std::chrono::milliseconds value) {
    return std::string("SET ") + name + " = " + std::to_string(value.count()) + ";";
}

std::string place_of(const ConnectionParameters& parameters) {
    for (const auto* name : {"host", "hostaddr"})
        for (const auto& [key, value] : parameters)
            if (key == name) return value;
    return "the default host";
}

}  // namespace

void Rows::Clear::operator()(pg_result* result) const { PQclear(result); }

Rows::Rows(pg_result* result) : result_(result), size_(PQntuples(result)) {}

bool Rows::is_null(int row, int column) const { return PQgetisnull(result_.get(), row, column) != 0; }

std::string_view Rows::text(int row, int column) const {
    return {PQgetvalue(result_.get(), row, column), std::size_t(PQgetlength(result_.get(), row, column))};
}

std::optional<std::string> Rows::maybe(int row, int column) const {
    return is_null(row, column) ? std::nullopt : std::optional<std::string>(text(row, column));
}

std::int64_t Rows::integer(int row, int column) const {
    const auto digits = text(row, column);
    std::int64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

bool Rows::flag(int row, int column) const { return text(row, column) == "t"; }

std::int64_t Rows::affected() const {
    const std::string_view digits = PQcmdTuples(result_.get());
    std::int64_t value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

std::string_view Rows::command() const { return PQcmdStatus(result_.get()); }

void Connection::Finish::operator()(pg_conn* connection) const { PQfinish(connection); }

Connection::Connection(const ConnectionSettings& settings) : settings_(settings) {
    connect();
    setup();
}

void Connection::connect() {
    static const ConnectionParameters defaults{{"fallback_application_name", "pulseboard"},
                                               {"keepalives_idle", "10"},
                                               {"keepalives_interval", "3"},
                                               {"keepalives_count", "3"},
                                               {"tcp_user_timeout", "15000"}};
    static const ConnectionParameters demands{{"client_encoding", "UTF8"}};
    const auto attempts = attempts_of(settings_.url, defaults, demands);
    const auto deadline = std::chrono::steady_clock::now() + settings_.connect_timeout;
    std::string reasons;
    for (std::size_t i = 0; i < attempts.size(); ++i) {
        // A fair share of what is left, so that one dead host leaves time for the others.
        const auto now = std::chrono::steady_clock::now();
        const auto share = (deadline - now) / std::int64_t(attempts.size() - i);
        try {
            connect(attempts[i], now + std::max<SteadyTime::duration>(share, least_share));
            return;
        } catch (const DatabaseError& failure) {
            if (attempts.size() == 1 || interrupted_) throw;
            const auto place = place_of(attempts[i]);
            const std::string_view what = failure.what();
            if (!reasons.empty()) reasons += "; ";
            // libpq says it itself where it knows more.
            if (what.find(place) == std::string_view::npos) reasons += place + ": ";
            reasons += what;
        }
    }
    lose(reasons);
}

void Connection::connect(const ConnectionParameters& parameters, SteadyTime deadline) {
    std::vector<const char*> names;
    std::vector<const char*> values;
    for (const auto& [name, value] : parameters) {
        names.push_back(name.c_str());
        values.push_back(value.c_str());
    }
    names.push_back(nullptr);
    values.push_back(nullptr);
    raw_.reset(PQconnectStartParams(names.data(), values.data(), 0));
    if (!raw_) throw std::bad_alloc();
    lost_ = false;
    if (PQstatus(raw_.get()) == CONNECTION_BAD) lose(trimmed(PQerrorMessage(raw_.get())));
    short events = POLLOUT;
    while (true) {
        poll_for(events, deadline);
        switch (PQconnectPoll(raw_.get())) {
            case PGRES_POLLING_READING:
                events = POLLIN;
                break;
            case PGRES_POLLING_WRITING:
                events = POLLOUT;
                break;
            case PGRES_POLLING_OK:
                return;
            default:
                lose(trimmed(PQerrorMessage(raw_.get())));
        }
    }
}

void Connection::setup() {
    PQsetNoticeProcessor(
        raw_.get(), [](void*, const char*) {}, nullptr);  // notices are for people at a prompt
    PQsetnonblocking(raw_.get(), 1);
    if (PQserverVersion(raw_.get()) < 150000)
        throw DatabaseError("",
                            "this is PostgreSQL " + std::to_string(PQserverVersion(raw_.get()) / 10000) +
                                "; 15 or later is needed",
                            true);
    exec(
        // A row that a policy hides would be missing from a sum: fail instead.
        "SET row_security = off;"
        "SET TIME ZONE 'UTC'; SET DateStyle = 'ISO'; SET standard_conforming_strings = on; SET jit = off;"
        // Our own tables first (schema.hpp); the host's stay where its search_path finds them.
        "SELECT set_config('search_path', concat_ws(', ', 'pulseboard',"
        " nullif(current_setting('search_path'), '')), false);" +
        setting("idle_in_transaction_session_timeout", 30s) +
        setting("statement_timeout", settings_.statement_timeout) +
        setting("lock_timeout", settings_.lock_timeout));
}

void Connection::queued(bool ok, const Statement* prepares) {
    if (!ok) lose(trimmed(PQerrorMessage(raw_.get())));
    queue_.push_back({prepares});
}

const std::string& Connection::prepared_name(const Statement& statement) {
    auto& name = prepared_[&statement];
    if (name.empty()) {
        name = "p" + std::to_string(prepared_.size());
        queued(PQsendPrepare(raw_.get(), name.c_str(), statement.sql.c_str(), 0, nullptr) == 1, &statement);
    }
    return name;
}

void Connection::send(const Statement& statement, const Parameters& parameters) {
    std::vector<const char*> values;
    values.reserve(parameters.size());
    for (const auto& parameter : parameters) {
        if (parameter && parameter->find('\0') != std::string::npos)
            throw std::invalid_argument("text must not hold a zero byte");
        values.push_back(parameter ? parameter->c_str() : nullptr);
    }
    if (queue_.empty() && PQenterPipelineMode(raw_.get()) != 1) lose(trimmed(PQerrorMessage(raw_.get())));
    const auto& name = prepared_name(statement);
    queued(PQsendQueryPrepared(raw_.get(), name.c_str(), int(values.size()), values.data(), nullptr, nullptr,
                               0) == 1,
           nullptr);
}

void Connection::send(const char* sql) {
    if (queue_.empty() && PQenterPipelineMode(raw_.get()) != 1) lose(trimmed(PQerrorMessage(raw_.get())));
    queued(PQsendQueryParams(raw_.get(), sql, 0, nullptr, nullptr, nullptr, nullptr, 0) == 1, nullptr);
}

std::vector<Rows> Connection::sync() {
    if (queue_.empty()) return {};
    if (PQpipelineSync(raw_.get()) != 1) lose(trimmed(PQerrorMessage(raw_.get())));
    deadline_ = std::chrono::steady_clock::now() + settings_.answer_timeout;
    flush();
    std::vector<Rows> answers;
    failure_.reset();
    for (const auto& sent : std::exchange(queue_, {})) {
        bool good = false;
        while (auto* raw = next_result()) {
            Rows result(raw);
            good = is_good(raw);
            if (good && !sent.prepares) answers.push_back(std::move(result));
            if (!good && !failure_) note_failure(raw);
        }
        if (!good && sent.prepares) prepared_.erase(sent.prepares);
    }
    Rows end(next_result());  // PGRES_PIPELINE_SYNC
    PQexitPipelineMode(raw_.get());
    throw_failure();
    return answers;
}

Rows Connection::query(const Statement& statement, const Parameters& parameters) {
    send(statement, parameters);
    auto answers = sync();
    return std::move(answers.back());
}

void Connection::exec(const std::string& sql) {
    if (PQsendQuery(raw_.get(), sql.c_str()) != 1) lose(trimmed(PQerrorMessage(raw_.get())));
    deadline_ = std::chrono::steady_clock::now() + settings_.answer_timeout;
    flush();
    failure_.reset();
    while (auto* raw = next_result()) {
        Rows result(raw);
        if (!is_good(raw) && !failure_) note_failure(raw);
    }
    throw_failure();
}

void Connection::flush() {
    while (true) {
        const int left = PQflush(raw_.get());
        if (left == 0) return;
        if (left < 0) lose(trimmed(PQerrorMessage(raw_.get())));
        // Reading too: the server may be waiting for us to take answers before it takes more.
        poll_for(POLLIN | POLLOUT, deadline_);
        if (PQconsumeInput(raw_.get()) != 1) lose(trimmed(PQerrorMessage(raw_.get())));
    }
}

pg_result* Connection::next_result() {
    while (PQisBusy(raw_.get()) == 1) {
        poll_for(POLLIN, deadline_);
        if (PQconsumeInput(raw_.get()) != 1) lose(trimmed(PQerrorMessage(raw_.get())));
    }
    return PQgetResult(raw_.get());
}

void Connection::poll_for(short events, SteadyTime deadline) {
    while (true) {
        const auto left =
            std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
        // A negative descriptor is passed over.
        pollfd watched[] = {{PQsocket(raw_.get()), events, 0}, {settings_.interrupt, POLLIN, 0}};
        const int ready = left.count() > 0 ? poll(watched, 2, int(left.count())) : 0;
        if (watched[1].revents != 0) {
            interrupted_ = true;
            lose("given up, since the program stops");
        }
        if (watched[0].revents != 0) return;
        if (ready < 0 && errno == EINTR) continue;
        lose("no answer in time");
    }
}

void Connection::note_failure(const pg_result* raw) {
    // The primary message alone: the detail holds values, which belong in no log.
    failure_.emplace(field(raw, PG_DIAG_SQLSTATE), field(raw, PG_DIAG_MESSAGE_PRIMARY), false,
                     field(raw, PG_DIAG_COLUMN_NAME));
}

void Connection::throw_failure() {
    if (PQstatus(raw_.get()) == CONNECTION_BAD) lose(trimmed(PQerrorMessage(raw_.get())));
    if (auto failure = std::exchange(failure_, std::nullopt)) throw DatabaseError(std::move(*failure));
}

void Connection::lose(const std::string& message) {
    lost_ = true;
    // What the server said before it hung up tells more than that it did.
    if (auto failure = std::exchange(failure_, std::nullopt))
        throw DatabaseError(failure->sqlstate, failure->what(), true);
    throw DatabaseError("", message, true);
}

void Connection::discard() {
    if (queue_.empty() || lost_) return;
    try {
        sync();
    } catch (const DatabaseError& failure) {
        if (failure.lost) throw;
    }
}

bool Connection::in_transaction() const {
    const auto status = PQtransactionStatus(raw_.get());
    return !lost_ && status != PQTRANS_IDLE && status != PQTRANS_UNKNOWN;
}

bool Connection::is_stale() {
    if (lost_ || PQstatus(raw_.get()) == CONNECTION_BAD) return true;
    pollfd watched{PQsocket(raw_.get()), POLLIN, 0};
    return poll(&watched, 1, 0) > 0;
}

int Connection::socket() const { return PQsocket(raw_.get()); }

std::vector<Notification> Connection::notifications() {
    std::vector<Notification> all;
    failure_.reset();
    if (PQconsumeInput(raw_.get()) != 1) lose(trimmed(PQerrorMessage(raw_.get())));
    while (PGnotify* one = PQnotifies(raw_.get())) {
        all.push_back({one->relname, one->extra});
        PQfreemem(one);
    }
    return all;
}

Transaction::Transaction(Connection& connection, Kind kind) : connection_(connection) {
    connection_.send(kind == Kind::write ? "BEGIN" : "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY");
}

Transaction::~Transaction() {
    try {
        connection_.discard();
        if (connection_.in_transaction()) connection_.exec("ROLLBACK");
    } catch (const DatabaseError&) {
        // The error that led here is the one to tell; this connection is known to be lost now.
    }
}

std::vector<Rows> Transaction::commit() {
    connection_.send("COMMIT");
    committing_ = true;
    auto answers = connection_.sync();
    if (answers.empty() || answers.back().command() != "COMMIT")
        throw DatabaseError("40000", "the transaction was rolled back", false);
    answers.pop_back();
    return answers;
}

}  // namespace pulse::store::postgres
