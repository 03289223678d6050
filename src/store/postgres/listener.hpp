#pragma once
// The change feed: a thread with a connection of its own on which it LISTENs, never in a transaction. The
// triggers send `<user id>:<version>` for each tenant at each commit, and `session:<id>` for one that ended.
// Own writes are told by the writer, before their callers are answered, and once more when the notification
// arrives.
//
// While the connection is down, changes go unheard and hears() is false. Once it is back, every tenant that
// changed since it was last known to work is told of, and only then hears() is true again.
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/promise.hpp"
#include "store/postgres/connection.hpp"
#include "store/store.hpp"

namespace pulse::store::postgres {

class Listener {
public:
    struct Timing {
        Duration probe_every = 2s;  // a question, so that a connection that is dead on one side is found
        std::chrono::milliseconds answer{2s};  // how long its answer may take
        Duration first_retry = 50ms;
        Duration last_retry = 5s;
        Duration wake_up = 2s;
    };
    using Changed = std::vector<std::pair<UserId, Version>>;

    Listener(ConnectionSettings settings, Timing timing);
    ~Listener();  // stop()
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    // Once. Returns when it listens, or cannot for now; it goes on trying then.
    void start(OnChange on_change, OnRevoked on_revoked);
    void stop();
    bool hears() const { return hears_; }
    std::uint64_t losses() const { return losses_; }

    // Calls on_change on this thread.
    void tell(const Changed& changed);
    void tell_revoked(const std::vector<SessionId>& revoked);  // on_revoked, likewise

    // A wake-up is on its way: when it arrives, `heard` is set; at the deadline, or if the connection is
    // lost, it gets an error. Returns what to send on wake_channel().
    std::string expect(Promise<Result<void>> heard);
    void give_up(const std::string& token, const Error& error);
    const std::string& wake_channel() const { return wake_channel_; }

private:
    struct Waiter {
        std::string token;
        TimePoint deadline;
        Promise<Result<void>> heard;
    };

    void loop();
    void connect();
    void catch_up();
    void listen();  // until stop(), or throws
    void probe();
    void take_notifications();
    void tell_in_slices(const Changed& changed);
    void lose(const std::string& why);
    void answer_overdue();
    void answer_all(const Error& error);
    bool wait(int socket, Duration longest);  // true: the socket is readable
    TimePoint next_deadline(TimePoint otherwise);

    const int stop_fd_;  // readable from stop() on
    const ConnectionSettings settings_;
    const Timing timing_;
    const std::string wake_channel_;
    const int wake_fd_;
    std::atomic<bool> stopping_{false};
    std::atomic<bool> hears_{false};
    std::atomic<std::uint64_t> losses_{0};

    std::mutex telling_;  // held while a callback runs, so calls never overlap
    OnChange on_change_;
    OnRevoked on_revoked_;
    std::mutex mutex_;
    std::vector<Waiter> waiters_;

    // Of the thread.
    std::unique_ptr<Connection> connection_;
    std::string last_good_;  // when the connection was last known to work, by the database's clock
    bool failing_ = false;
    TimePoint probe_at_{};
    std::thread thread_;
};

}  // namespace pulse::store::postgres
