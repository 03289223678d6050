#pragma once
// A shard: one event loop on one thread, and what lives there. Sessions, timers and connections belong to
// one shard and are touched only on its thread, so none of them takes a lock. Between shards travel only
// immutable things, by post().
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "base/clock.hpp"
#include "base/task.hpp"
#include "net/timers.hpp"

namespace pulse::net {

using ShardId = std::uint8_t;

class Shard {
public:
    Shard(ShardId id, const Clock& clock);
    ~Shard();
    Shard(const Shard&) = delete;

    ShardId id() const { return id_; }
    boost::asio::io_context& context() { return context_; }
    Executor executor() { return context_.get_executor(); }
    Timers& timers() { return timers_; }
    const Clock& clock() const { return clock_; }

    // Where every connection of this shard receives, so that an idle one owns no buffer. What is read must
    // be used or copied before the handler returns.
    std::span<char> read_buffer() { return {read_buffer_.get(), read_buffer_size}; }
    static constexpr std::size_t read_buffer_size = 64 * 1024;

    bool is_current() const { return current() == this; }
    static Shard* current();  // the shard whose thread calls; nullptr on any other thread

    // Runs later on this shard; callable from any thread.
    template <class F>
    void post(F&& work) {
        boost::asio::post(context_, std::forward<F>(work));
    }
    // Runs at once if called on this shard, else later on it.
    template <class F>
    void dispatch(F&& work) {
        if (is_current()) {
            work();
        } else {
            post(std::forward<F>(work));
        }
    }

    // How late the loop ran a timer at its worst since the last call (any thread): what a metric shows.
    Duration take_worst_lag();
    // The same of the last 10 to 20 seconds (any thread), for readers that do not know of each other.
    Duration worst_lag() const;

    void run();   // until stop(); called by the shard's own thread
    void stop();  // any thread

private:
    friend class ShardPool;
    // Asio's context, with its protected way of destroying the handlers that never ran.
    struct Context : boost::asio::io_context {
        using io_context::io_context;
        void discard_handlers() { shutdown(); }
    };
    void rearm();
    void measure_lag();

    const ShardId id_;
    const Clock& clock_;
    // Before the context, because handlers that it destroys at the end own timers.
    Timers timers_;
    std::unique_ptr<char[]> read_buffer_;
    Context context_;
    boost::asio::executor_work_guard<Executor> work_;
    struct Wait;  // the one Asio timer behind timers_
    std::unique_ptr<Wait> wait_;
    std::unique_ptr<Timer> lag_probe_;
    TimePoint lag_expected_{};
    std::atomic<std::int64_t> worst_lag_ns_{0};
    // Of the current ten seconds, and of those before.
    std::atomic<std::int64_t> recent_lag_ns_{0};
    std::atomic<std::int64_t> earlier_lag_ns_{0};
    unsigned recent_probes_ = 0;
};

// All shards of the program and their threads. Outlives everything that lives on a shard.
class ShardPool {
public:
    ShardPool(unsigned count, const Clock& clock);  // 1 to 64
    ~ShardPool();                                   // stops and joins

    void start();  // one thread each
    void stop();   // stops the loops and joins the threads; handlers that never ran are destroyed
    unsigned size() const { return unsigned(shards_.size()); }
    Shard& operator[](ShardId id) { return *shards_[id]; }

    // Runs `work(shard)` once on every shard and returns when all have; not callable on a shard. While no
    // threads run (before start(), after stop()) the caller's thread does it.
    void run_on_each(const std::function<void(Shard&)>& work);

private:
    std::vector<std::unique_ptr<Shard>> shards_;
    std::vector<std::thread> threads_;
};

}  // namespace pulse::net
