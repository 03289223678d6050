#pragma once
// Reads the stream for all namespaces of this node, over a connection of its own on which a read waits in
// Redis. It goes on after the last entry it has read, so nothing is lost over a loss of the connection unless
// Redis no longer has it, which is said in the log. While too much is on its way to sockets nothing is read:
// the stream is the queue. Lives on the client's home shard; what says so may be called from any thread.
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "net/timers.hpp"
#include "redis/client.hpp"
#include "socketio/redis_streams/entry_id.hpp"
#include "socketio/redis_streams/message.hpp"
#include "socketio/redis_streams/options.hpp"
#include "socketio/redis_streams/stream_state.hpp"

namespace pulse::socketio::redis_streams {

// Whoever is told, on the home shard, of one namespace's entries.
class Follower {
public:
    virtual ~Follower() = default;
    virtual void on_entry(const Entry& entry, std::optional<Position> position) = 0;
    // Every entry that is added from now on will come, or on_lost().
    virtual void on_live(Position head) = 0;
    virtual void on_lost() = 0;
    // Entries after the last one that came are missing; all after `since` will come.
    virtual void on_gap(Position since) = 0;
    virtual void on_time(TimePoint now) = 0;  // every now and then while live
};

class Reader : public std::enable_shared_from_this<Reader> {
public:
    // Reads where `client` writes. The client's home outlives the reader.
    Reader(const redis::Client& client, const Options& options);
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    void start();  // once; any thread
    // Any thread. One follower for a namespace; it is told on_live() if that is so.
    void follow(std::string nsp, std::weak_ptr<Follower> follower);
    void unfollow(std::string nsp);  // whose follower is gone
    // Any thread: of the last entry that was read, or after which reading began; 0 before that. Its follower
    // may just be handing it on.
    Position head() const { return head_.load(); }

    // Any thread: every entry up to here has been handed to its follower, which is done with handing it on.
    Position passed() const { return passed_.load(); }

    // Home shard. Held by whatever is on its way to sockets.
    std::shared_ptr<void> take_place();

private:
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view nsp) const { return std::hash<std::string_view>()(nsp); }
    };
    void on_state(redis::State state);
    void ask_state();
    void take_state(const StreamState& state);
    void gap(Position since, std::string_view what);
    void read();
    void take_answer(const Result<redis::Reply>& reply);
    void take_entries(const redis::Reply& reply);
    void go_on();
    void failed(const std::string& why);
    void skip_what_cannot_be_read();
    void resume();
    template <class Tell>
    void tell(const Tell& tell);

    net::Shard& home_;
    const Options options_;
    const std::shared_ptr<Stats> stats_;
    redis::Client client_;
    std::unordered_map<std::string, std::weak_ptr<Follower>, Hash, std::equal_to<>> followers_;
    std::optional<std::string> last_;  // the id after which reading goes on; none: not known yet
    std::atomic<Position> head_{0};
    std::atomic<Position> passed_{0};
    std::size_t count_;      // entries that the next read asks for: fewer after one that failed
    unsigned failures_ = 0;  // of reads of single entries, in a row
    // Where the last read began, if it got all it asked for and the stream was not looked at since.
    std::optional<Position> read_after_;
    bool live_ = false;
    bool refused_ = false;  // by Redis, and said so
    std::atomic<bool> paused_{false};
    net::Timer retry_;
};

}  // namespace pulse::socketio::redis_streams
