#pragma once
// One connection to Redis that comes back by itself: looked up, connected, logged in, read, watched for
// silence, and made anew after a pause. What is said on it is the business of the two classes that derive
// from it: Commands and Subscriptions. Lives on one shard and is touched only there. It owns all that it
// needs but the shard, so that its coroutine may end after whoever stopped it is gone.
//
// The sockets are Asio's and hiredis only reads the replies: its own asynchronous API connects by a
// blocking look-up, has no deadlines in the version we build with, and keeps a book of subscriptions that
// we would have to keep as well, to have them back after a loss.
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/task.hpp"
#include "net/shard.hpp"
#include "redis/backoff.hpp"
#include "redis/lookup.hpp"
#include "redis/options.hpp"
#include "redis/reply.hpp"
#include "redis/url.hpp"

namespace pulse::redis {

class Connection : public std::enable_shared_from_this<Connection> {
public:
    Connection(net::Shard& home, Target target, Options options, std::string name);
    virtual ~Connection() = default;  // when no handler is left that holds it
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void start();  // once
    void stop();   // nothing below is called any more, but for what runs at the moment
    bool stopped() const { return stopped_; }
    bool up() const { return up_; }

    std::vector<std::function<void(State)>> watchers;  // filled before start()

protected:
    // Logged in: what is written from now on is read by Redis.
    virtual void connected() = 0;
    // An attempt failed (`was_up` false), or the connection is lost; everything unanswered is.
    struct Loss {
        std::string why;
        bool was_up = false;
        bool silent = false;  // Redis had not answered in time
    };
    virtual void disconnected(const Loss& loss) = 0;
    virtual void received(Reply reply) = 0;
    // Asks for a sign of life; nothing was said for a while.
    virtual void heartbeat() = 0;

    // Appends to what flush() sends. `answers` is how many replies are due for it: while some are, Redis
    // must say something within the deadline.
    void write(std::string_view bytes, std::size_t answers);
    void flush();
    void answered(std::size_t answers = 1);
    // Ends the connection from outside its reading, as if Redis had.
    void drop(std::string why);
    void tell(State state);

    net::Shard& home_;
    const Target target_;
    const Options options_;

private:
    using Protocol = boost::asio::generic::stream_protocol;
    using Socket = boost::asio::basic_stream_socket<Protocol, Executor>;
    using Pause =
        boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                          boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;
    struct Wire;  // one attempt: its socket and what goes through it

    Task<> run(std::shared_ptr<Connection> self);
    Task<std::string> attempt(std::shared_ptr<Wire> wire);
    Task<Result<std::vector<Protocol::endpoint>>> find();
    Task<std::string> connect(std::shared_ptr<Wire> wire);
    Task<std::string> log_in(std::shared_ptr<Wire> wire);
    Task<std::string> listen(std::shared_ptr<Wire> wire);
    // Waits for bytes and feeds them to the reader; an empty string if all is well.
    Task<std::string> read_some(std::shared_ptr<Wire> wire);
    void watch();
    void watch_within(Duration time);
    double chance();

    const std::string name_;
    std::size_t turn_ = 0;            // which of several addresses is tried first
    std::unique_ptr<Lookup> lookup_;  // under way, perhaps for an attempt that gave up
    Pause pause_;
    Backoff backoff_;
    std::minstd_rand random_;
    std::shared_ptr<Wire> wire_;
    bool up_ = false;
    bool stopped_ = false;
    bool silent_ = false;
    std::optional<std::string> dropped_because_;  // set by drop(); says more than "operation aborted"
    std::size_t answers_due_ = 0;
    TimePoint heard_at_{};  // or when the first of the answers due was asked for
    TimePoint up_at_{};
    TimePoint watch_due_{};
    net::Timer watch_;
};

}  // namespace pulse::redis
