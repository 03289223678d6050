#include "store/postgres/listener.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <future>
#include <iterator>
#include <map>
#include <optional>

#include "base/log.hpp"
#include "base/random.hpp"
#include "store/postgres/failure.hpp"
#include "store/postgres/rows.hpp"
#include "store/postgres/sessions.hpp"

namespace pulse::store::postgres {
namespace {

constexpr char channel[] = "pulseboard_changes";
constexpr std::size_t slice = 1000;
constexpr auto patience_for_catching_up = 60s;

const Statement database_time{"SELECT clock_timestamp()"};
// The log reaches back ten minutes. What was stamped shortly before the connection was last seen to work may
// have been committed shortly after.
const Statement away_too_long{"SELECT clock_timestamp() - $1::timestamptz > interval '4 minutes'"};
const Statement changed_since{
    "SELECT user_id, max(version) FROM tenant_changes"
    " WHERE changed_at >= $1::timestamptz - interval '5 minutes' GROUP BY user_id"};
const Statement everybody{"SELECT user_id, version FROM tenant_kpis"};

ConnectionSettings for_catching_up(ConnectionSettings settings, int stop) {
    settings.statement_timeout = patience_for_catching_up;
    settings.interrupt = stop;
    return settings;
}

Listener::Changed to_changed(const Rows& rows) {
    Listener::Changed changed;
    for (int row = 0; row < rows.size(); ++row)
        changed.emplace_back(to_id<UserId>(rows.text(row, 0)), Version(rows.integer(row, 1)));
    return changed;
}

// <user id>:<version>; anybody may send anything on the channel.
std::optional<std::pair<UserId, Version>> parse_payload(const std::string& payload) {
    const auto colon = payload.find(':');
    const auto user = UserId::parse(std::string_view(payload).substr(0, colon));
    if (colon == std::string::npos || !user) return std::nullopt;
    Version version = 0;
    const auto* end = payload.data() + payload.size();
    const auto [at, failure] = std::from_chars(payload.data() + colon + 1, end, version);
    if (failure != std::errc{} || at != end) return std::nullopt;
    return std::pair(*user, version);
}

// session:<id>
std::optional<SessionId> parse_session(std::string_view payload) {
    constexpr std::string_view mark = "session:";
    if (!payload.starts_with(mark)) return std::nullopt;
    return SessionId::parse(payload.substr(mark.size()));
}

}  // namespace

Listener::Listener(ConnectionSettings settings, Timing timing)
    : stop_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      settings_(for_catching_up(std::move(settings), stop_fd_)),
      timing_(timing),
      wake_channel_("pulseboard_wake_" + BusinessId::random().to_string()),
      wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}

Listener::~Listener() {
    stop();
    close(wake_fd_);
    close(stop_fd_);
}

void Listener::start(OnChange on_change, OnRevoked on_revoked) {
    {
        const std::lock_guard lock(telling_);
        on_change_ = std::move(on_change);
        on_revoked_ = std::move(on_revoked);
    }
    std::promise<void> tried;
    thread_ = std::thread([this, &tried] {
        try {
            connect();
            tell_revoked(lately_revoked(*connection_));
            probe();
            hears_ = true;
        } catch (const std::exception&) {
            // Every reader asks for the state it shows anyway, so starting late loses nothing but time.
            lose(current_failure().error.message);
        }
        tried.set_value();
        loop();
    });
    tried.get_future().wait();
}

void Listener::stop() {
    stopping_ = true;
    eventfd_write(stop_fd_, 1);  // whatever it waits for of the database, it gives up
    eventfd_write(wake_fd_, 1);
    if (thread_.joinable()) thread_.join();
    hears_ = false;
    answer_all({ErrorCode::unavailable, "the store has stopped"});
}

void Listener::tell(const Changed& changed) {
    const std::lock_guard lock(telling_);
    if (on_change_ && !changed.empty()) on_change_(changed);
}

void Listener::tell_revoked(const std::vector<SessionId>& revoked) {
    const std::lock_guard lock(telling_);
    if (on_revoked_ && !revoked.empty()) on_revoked_(revoked);
}

void Listener::tell_in_slices(const Changed& changed) {
    for (std::size_t at = 0; at < changed.size(); at += slice) {
        const auto end = std::min(changed.size(), at + slice);
        tell(Changed(changed.begin() + std::ptrdiff_t(at), changed.begin() + std::ptrdiff_t(end)));
    }
}

void Listener::loop() {
    Duration backoff = timing_.first_retry;
    while (!stopping_) {
        try {
            if (!connection_) {
                connect();
                catch_up();
                hears_ = true;
                failing_ = false;
            }
            backoff = timing_.first_retry;
            listen();
        } catch (const std::exception&) {
            if (stopping_) break;
            lose(current_failure().error.message);
            wait(-1, backoff);
            backoff = std::min(2 * backoff, timing_.last_retry);
        }
    }
    connection_.reset();
}

void Listener::lose(const std::string& why) {
    hears_ = false;
    connection_.reset();
    if (!std::exchange(failing_, true)) {
        ++losses_;
        log::warn("change feed: changes made by others are not heard: {}", why);
    }
    answer_all({ErrorCode::unavailable, "the database's notifications are out of reach"});
}

void Listener::connect() {
    auto connection = std::make_unique<Connection>(settings_);
    connection->exec(std::string("LISTEN ") + channel + "; LISTEN \"" + wake_channel_ + '"');
    connection->answer_within(timing_.answer);
    connection_ = std::move(connection);
}

// Listening has begun, so what is committed from here on is heard; what was committed before is read.
void Listener::catch_up() {
    connection_->answer_within(patience_for_catching_up);
    const bool too_long = last_good_.empty() || connection_->query(away_too_long, {last_good_}).flag(0, 0);
    const auto missed = to_changed(too_long ? connection_->query(everybody)
                                            : connection_->query(changed_since, {last_good_}));
    const auto revoked = lately_revoked(*connection_);
    connection_->answer_within(timing_.answer);
    tell_revoked(revoked);
    tell_in_slices(missed);
    log::info("change feed: listening again; {} tenants may have changed meanwhile", missed.size());
    probe();
}

void Listener::probe() {
    last_good_ = connection_->query(database_time).text(0, 0);
    probe_at_ = std::chrono::steady_clock::now() + timing_.probe_every;
}

void Listener::listen() {
    while (!stopping_) {
        take_notifications();
        answer_overdue();
        const auto now = std::chrono::steady_clock::now();
        if (now >= probe_at_) {
            probe();
            continue;
        }
        wait(connection_->socket(), next_deadline(probe_at_) - now);
    }
}

void Listener::take_notifications() {
    std::map<UserId, Version> latest;
    std::vector<SessionId> revoked;
    for (const auto& [name, payload] : connection_->notifications()) {
        if (name == wake_channel_) {
            std::optional<Promise<Result<void>>> heard;
            {
                const std::lock_guard lock(mutex_);
                const auto waiter = std::find_if(waiters_.begin(), waiters_.end(),
                                                 [&](const auto& one) { return one.token == payload; });
                if (waiter == waiters_.end()) continue;
                heard = std::move(waiter->heard);
                waiters_.erase(waiter);
            }
            heard->set({});
        } else if (const auto session = parse_session(payload)) {
            revoked.push_back(*session);
        } else if (const auto change = parse_payload(payload)) {
            auto& version = latest[change->first];
            version = std::max(version, change->second);
        }
    }
    tell_revoked(revoked);
    tell_in_slices(Changed(latest.begin(), latest.end()));
}

bool Listener::wait(int socket, Duration longest) {
    // A negative descriptor is passed over by poll().
    pollfd watched[] = {{socket, POLLIN, 0}, {wake_fd_, POLLIN, 0}};
    const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(longest).count();
    poll(watched, 2, int(std::max<std::int64_t>(milliseconds, 0)));
    if (watched[1].revents != 0 && !stopping_) {
        eventfd_t ignored = 0;
        eventfd_read(wake_fd_, &ignored);
    }
    return watched[0].revents != 0;
}

std::string Listener::expect(Promise<Result<void>> heard) {
    auto token = random_base64url(12);
    {
        const std::lock_guard lock(mutex_);
        if (hears_) {
            waiters_.push_back({token, std::chrono::steady_clock::now() + timing_.wake_up, std::move(heard)});
            eventfd_write(wake_fd_, 1);  // the thread has a new deadline
            return token;
        }
    }
    heard.set(Error{ErrorCode::unavailable, "the database's notifications are out of reach"});
    return token;
}

void Listener::give_up(const std::string& token, const Error& error) {
    std::optional<Promise<Result<void>>> heard;
    {
        const std::lock_guard lock(mutex_);
        const auto waiter = std::find_if(waiters_.begin(), waiters_.end(),
                                         [&](const auto& one) { return one.token == token; });
        if (waiter == waiters_.end()) return;
        heard = std::move(waiter->heard);
        waiters_.erase(waiter);
    }
    heard->set(error);
}

TimePoint Listener::next_deadline(TimePoint otherwise) {
    const std::lock_guard lock(mutex_);
    for (const auto& waiter : waiters_) otherwise = std::min(otherwise, waiter.deadline);
    return otherwise;
}

void Listener::answer_overdue() {
    std::vector<Waiter> overdue;
    {
        const std::lock_guard lock(mutex_);
        const auto now = std::chrono::steady_clock::now();
        // All wait equally long: the first are the oldest.
        const auto end = std::find_if(waiters_.begin(), waiters_.end(),
                                      [&](const auto& waiter) { return waiter.deadline > now; });
        std::move(waiters_.begin(), end, std::back_inserter(overdue));
        waiters_.erase(waiters_.begin(), end);
    }
    for (auto& waiter : overdue)
        waiter.heard.set(Error{ErrorCode::unavailable, "a wake-up through the database was not heard"});
}

void Listener::answer_all(const Error& error) {
    std::vector<Waiter> all;
    {
        const std::lock_guard lock(mutex_);
        all.swap(waiters_);
    }
    for (auto& waiter : all) waiter.heard.set(error);
}

}  // namespace pulse::store::postgres
