#pragma once
// One Redis for the whole process: commands on one connection, pipelined, and subscriptions on a second one,
// opened at the first subscribe(). Both live on one shard; every function may be called from any thread
// unless it says otherwise, and callbacks run on that shard; what they throw is logged.
//
// Connections are made by themselves and made anew, with growing pauses, whenever one is lost, is silent
// for longer than `deadline` while an answer is due, or reached a replica that refuses writes. While Redis
// is known to be out of reach a command fails at once; one that was sent when the connection broke fails
// too, and may have been carried out. Names are looked up again at each attempt, off the loop.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/promise.hpp"
#include "base/result.hpp"
#include "base/task.hpp"
#include "net/shard.hpp"
#include "redis/command.hpp"
#include "redis/options.hpp"
#include "redis/reply.hpp"
#include "redis/script.hpp"
#include "redis/url.hpp"
#include "redis/waiting.hpp"

namespace pulse::redis {

class Client {
public:
    // Begins to connect when start() is called. `home` outlives the client.
    Client(net::Shard& home, Target target, Options options = {});
    // Stops it, if nobody has: on the home shard, so that elsewhere, while the shard runs, callbacks may
    // still come after it.
    ~Client();
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    void start();  // once
    // Ends both connections; what waits is answered `unavailable`, as is what comes later, then on the
    // caller's thread; no other callback comes. On the home shard (ShardPool::run_on_each gets there), or
    // when no shard runs any more.
    void stop();

    // One command, its reply to a callback on the home shard, on time or not at all: `unavailable` for a
    // refusal, a loss or after `patience` (Duration::max(): as long as the connection answers anything).
    // An error that Redis answers is an Error too: `unavailable` with its text, which begins with its code
    // ("READONLY …"). `reply` may be move-only.
    template <class OnReply>
    void send(Command command, OnReply reply) {
        submit(std::move(command), deadline_, waiting_for(std::move(reply)));
    }
    template <class OnReply>
    void send(Command command, Duration patience, OnReply reply) {
        submit(std::move(command), patience, waiting_for(std::move(reply)));
    }
    // The same for a coroutine, which goes on where it was.
    Task<Result<Reply>> call(Command command);
    Task<Result<Reply>> call(Command command, Duration patience);

    // EVALSHA, and EVAL where Redis does not have the script yet. `script` outlives the client.
    template <class OnReply>
    void eval(const Script& script, Arguments keys, Arguments args, Duration patience, OnReply reply) {
        submit_script(script, keys, args, patience, waiting_for(std::move(reply)));
    }

    // Sent and forgotten; a loss is counted. However many they are: only their bytes are bounded.
    void publish(std::string_view channel, std::string_view payload) {
        publish(channel, payload, [](bool) {});
    }
    // `done` is told whether Redis took it; false: it did not, or may have. Where there is no room that is at
    // once, on the caller's thread.
    template <class OnDone>
    void publish(std::string_view channel, std::string_view payload, OnDone done) {
        submit_publish(channel, payload,
                       waiting_for([done = std::move(done)](const Result<Reply>& reply) mutable {
                           done(reply.has_value());
                       }));
    }
    // How many connections subscribe to each, patterns not counted, in the order asked.
    Task<Result<std::vector<std::uint64_t>>> subscribers(std::vector<std::string> channels);

    // `active` is called when Redis has confirmed, again after each reconnect. One handler per channel and
    // per pattern: the last one counts. Kept over reconnects; what is published meanwhile is lost. What
    // Redis's access rules refuse is asked for again at the next connection, and counted meanwhile.
    void subscribe(std::string channel, OnMessage message, std::function<void()> active = {});
    void unsubscribe(std::string channel);
    void psubscribe(std::string pattern, OnMessage message, std::function<void()> active = {});
    void punsubscribe(std::string pattern);

    // Called at each change, in the order of registration, which is before start(). Of the subscriptions `up`
    // means that all are active again, but for those that Redis refuses.
    void on_commands(std::function<void(State)> watch);
    void on_subscriptions(std::function<void(State)> watch);

    bool up() const;       // commands: connected and logged in
    bool stalled() const;  // commands: up, but one was not answered in time and nothing came since
    Stats stats() const;
    net::Shard& home() const { return home_; }
    const Target& target() const;
    // For another client of the same Redis. One whose commands wait there (XREAD BLOCK) needs a connection of
    // its own, for answers come in order, and a longer `deadline`: so long Redis may say nothing.
    const Options& options() const;

private:
    void submit(Command command, Duration patience, std::unique_ptr<Waiting> waiting);
    void submit_publish(std::string_view channel, std::string_view payload, std::unique_ptr<Waiting> waiting);
    void submit_script(const Script& script, Arguments keys, Arguments args, Duration patience,
                       std::unique_ptr<Waiting> waiting);

    class Core;
    net::Shard& home_;
    const Duration deadline_;
    const std::shared_ptr<Core> core_;
};

}  // namespace pulse::redis
