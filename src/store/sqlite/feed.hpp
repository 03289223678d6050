#pragma once
// The change feed: tells who changed, whoever wrote. Its own thread looks every few milliseconds whether
// another connection has committed (PRAGMA data_version, a look at shared memory); the writer of this process
// announces its commits itself, before their callers are answered. A mutex lets one of both look at a time.
// When another database took the place of ours (a backup was put back), everything in it is told of.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "base/promise.hpp"
#include "store/sqlite/query.hpp"
#include "store/store.hpp"

namespace pulse::store::sqlite {

// Reads the end of the log, on the connection of whoever asks.
class FeedQuery {
public:
    explicit FeedQuery(Connection& connection);
    Integer last_seq();
    // What changed after `seq`, and the last seq there is.
    std::pair<std::vector<std::pair<UserId, Version>>, Integer> after(Integer seq);
    // The sessions revoked after `seq` in their own log, and its last seq.
    std::pair<std::vector<SessionId>, Integer> revoked_after(Integer seq);
    std::vector<std::pair<UserId, Version>> everybody();  // with data, whatever the log still holds
    Integer data_version();

private:
    Query<In<>, Out<Integer>> last_seq_;
    Query<In<Integer>, Out<Text, Integer, Integer>> after_;
    Query<In<Integer>, Out<Integer, Text>> revoked_after_;
    Query<In<>, Out<Text, Integer>> everybody_;
    Query<In<>, Out<Integer>> data_version_;
};

class Feed {
public:
    Feed(ConnectionSettings settings, std::chrono::milliseconds interval);
    ~Feed();  // stop()
    Feed(const Feed&) = delete;
    Feed& operator=(const Feed&) = delete;

    // Once. Tells of what is committed from now on, and of sessions revoked lately.
    void start(OnChange on_change, OnRevoked on_revoked);
    // Calls on_change for what is new, on this thread. Never fails: what cannot be read now, the feed's own
    // thread reads later.
    void announce(FeedQuery& query);
    void stop();

    bool hears() const { return hears_; }
    std::uint64_t losses() const { return losses_; }
    // Set when the thread has looked at the file once more, or cannot.
    void expect_look(Promise<Result<void>> looked);

private:
    void open();
    void close();
    void loop();
    void look(FeedQuery& query);          // may throw
    void start_over(FeedQuery& query);    // may throw; with looking_ held, like the next
    void tell_revoked(FeedQuery& query);  // may throw
    void answer(std::vector<Promise<Result<void>>> waiting, const Result<void>& result);

    const ConnectionSettings settings_;
    const std::chrono::milliseconds interval_;
    OnChange on_change_;
    OnRevoked on_revoked_;
    std::unique_ptr<Connection> connection_;  // opened by start(), then its thread's
    std::unique_ptr<FeedQuery> query_;
    std::mutex looking_;     // guards the two below; held while callbacks run, so calls never overlap
    Integer last_seq_ = -1;  // -1: not started
    Integer last_revoked_ = 0;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    bool missed_ = false;                         // an announcement failed
    std::vector<Promise<Result<void>>> waiting_;  // for a look
    std::atomic<bool> hears_{false};
    std::atomic<std::uint64_t> losses_{0};
    std::thread thread_;
};

}  // namespace pulse::store::sqlite
