#pragma once
// The ClusterLog of one namespace: sessions under keys of their own, events in the stream, the newest of them
// at hand. Lives on the home shard of the Redis client, where its node tells it what comes out of the stream;
// what ClusterLog promises for any thread holds.
#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "redis/client.hpp"
#include "socketio/cluster_log.hpp"
#include "socketio/redis_streams/options.hpp"
#include "socketio/redis_streams/reader.hpp"
#include "socketio/redis_streams/recent_events.hpp"
#include "socketio/redis_streams/stream_state.hpp"

namespace pulse::socketio::redis_streams {

class SessionLog final : public ClusterLog, public std::enable_shared_from_this<SessionLog> {
public:
    SessionLog(redis::Client& client, std::shared_ptr<Reader> reader, std::string nsp,
               std::size_t max_attachments, const Options& options);

    std::uint64_t position_of(std::string_view offset) const override;
    std::string offset_of(std::uint64_t position) const override { return id_of(position); }
    std::uint64_t head() const override { return reader_->head(); }
    std::uint64_t settled() const override;
    void save(LeftSession session, Duration keep) override;
    void find(const std::string& pid, std::function<void(std::optional<LeftSession>)> done) override;
    void take(const std::string& pid, std::uint64_t after, std::vector<std::string> rooms,
              std::function<void(std::optional<Missed>)> done) override;

    // By the node, on the home shard. All that is added to the stream after `since` will come.
    void begin(Position since);
    // A recoverable event, `bytes` large in the stream, about to be delivered. Whoever delivers it holds what
    // is returned, and `place`, until all sockets have it.
    std::shared_ptr<void> add(std::shared_ptr<const LoggedEvent> event, std::size_t bytes,
                              std::shared_ptr<void> place);

private:
    // Somebody who came back.
    struct Return {
        std::string pid;
        Position after;
        std::vector<std::string> rooms;
        std::function<void(std::optional<Missed>)> done;
    };
    // The stream between `wanted` and what is at hand, read once for all who need it.
    struct Filling {
        Position wanted;
        Position since;  // of what was read the part after it is kept, for that is what fits
        Position read_to;
        std::deque<RecentEvents::Kept> events{};
        std::size_t bytes = 0;
    };
    void fill();
    void take_state(const StreamState& state);
    void read_on();
    void take_range(const std::vector<redis::Reply>& entries);
    void check_filled();
    void filled();
    template <class Which>
    std::vector<Return> take_waiting(const Which& which);
    void give_up();
    void claim(Return one);
    void hand_over(Return& one);
    std::string key(std::string_view pid) const { return options_.session_key_prefix + std::string(pid); }

    redis::Client& client_;
    const std::shared_ptr<Reader> reader_;
    net::Shard& home_;
    const Options options_;
    const std::shared_ptr<Stats> stats_;
    const std::string nsp_;
    const std::size_t max_attachments_;

    // Home shard.
    RecentEvents recent_;
    std::vector<Return> waiting_;
    std::optional<Filling> filling_;

    // What is on its way to sockets, in order; done ones go with those before them.
    struct OnItsWay;
    const std::shared_ptr<OnItsWay> on_its_way_;
    std::atomic<Position> origin_{0};  // where reading began
    std::atomic<bool> began_{false};
};

}  // namespace pulse::socketio::redis_streams
