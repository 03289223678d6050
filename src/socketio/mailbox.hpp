#pragma once
// Work for one shard from other threads. What one thread puts in comes out in that order; between threads it
// comes out by turns, so that a burst from one does not delay what another puts in. Any thread puts in, the
// shard's takes out.
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>

#include "net/shard.hpp"

namespace pulse::socketio {

class Mailbox {
public:
    class Work {
    public:
        virtual ~Work() = default;
        virtual void run() = 0;

    private:
        friend class Mailbox;
        Work* next_ = nullptr;
    };
    template <class F>
    static std::unique_ptr<Work> make(F&& call) {
        struct Call final : Work {
            explicit Call(F&& given) : call(std::forward<F>(given)) {}
            void run() override { call(); }
            std::decay_t<F> call;
        };
        return std::make_unique<Call>(std::forward<F>(call));
    }

    Mailbox() = default;
    ~Mailbox();
    Mailbox(const Mailbox&) = delete;

    // True if the shard has to be woken: nothing was there when take() was last called, or ever.
    bool put(std::unique_ptr<Work> work);
    // nullptr: nothing is there, and the next put() says so.
    std::unique_ptr<Work> take();
    void clear();

private:
    // More threads than this share lanes, which costs fairness, not order.
    static constexpr unsigned lane_count = 64;
    struct Lane {
        Work* first = nullptr;
        Work* last = nullptr;
    };
    static unsigned lane_of_this_thread();

    std::mutex mutex_;
    std::array<Lane, lane_count> lanes_;
    std::uint64_t filled_ = 0;  // a bit for each lane
    unsigned turn_ = 0;         // whose is next
    bool awake_ = false;
};

// A shard's mailbox and its emptying: in slices, between which the shard reads, writes and runs its timers.
// Any thread posts; what was posted is run on the shard, or destroyed with what the shard never ran.
class ShardMail : public std::enable_shared_from_this<ShardMail> {
public:
    explicit ShardMail(net::Shard& shard) : shard_(shard) {}

    template <class F>
    void post(F&& work) {
        if (mailbox_.put(Mailbox::make(std::forward<F>(work)))) wake();
    }
    // At once if called on the shard.
    template <class F>
    void dispatch(F&& work) {
        if (shard_.is_current()) {
            work();
        } else {
            post(std::forward<F>(work));
        }
    }

private:
    class Waker;
    static constexpr int most_at_once = 64;
    static constexpr auto longest_slice = std::chrono::milliseconds(1);
    void wake();
    void run();

    net::Shard& shard_;
    Mailbox mailbox_;
};

}  // namespace pulse::socketio
