#include "net/shard.hpp"

#include <algorithm>
#include <boost/asio/basic_waitable_timer.hpp>
#include <cassert>
#include <latch>

namespace pulse::net {
namespace {

thread_local Shard* current_shard = nullptr;

// Marks the calling thread as the shard's, for as long as it acts for it.
class Acting {
public:
    explicit Acting(Shard* shard) : before_(std::exchange(current_shard, shard)) {}
    ~Acting() { current_shard = before_; }
    Acting(const Acting&) = delete;

private:
    Shard* const before_;
};

constexpr Duration lag_interval = std::chrono::milliseconds(500);
constexpr unsigned probes_per_window = 20;

}  // namespace

struct Shard::Wait {
    explicit Wait(boost::asio::io_context& context) : timer(context) {}
    boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                      boost::asio::wait_traits<std::chrono::steady_clock>, Executor>
        timer;
    TimePoint until = TimePoint::max();  // by the shard's clock; max() while nothing is waited for
};

Shard::Shard(ShardId id, const Clock& clock)
    : id_(id),
      clock_(clock),
      timers_(clock),
      read_buffer_(new char[read_buffer_size]),
      context_(1),
      work_(context_.get_executor()),
      wait_(std::make_unique<Wait>(context_)) {
    timers_.on_earlier = [this] { rearm(); };
    lag_probe_ = std::make_unique<Timer>(timers_, [this] { measure_lag(); });
}

Shard::~Shard() { timers_.on_earlier = nullptr; }

Shard* Shard::current() { return current_shard; }

Duration Shard::take_worst_lag() { return std::chrono::nanoseconds(worst_lag_ns_.exchange(0)); }

Duration Shard::worst_lag() const {
    return std::chrono::nanoseconds(std::max(recent_lag_ns_.load(), earlier_lag_ns_.load()));
}

void Shard::run() {
    const Acting acting(this);
    lag_expected_ = clock_.now() + lag_interval;
    lag_probe_->arm(lag_interval);
    context_.run();
}

void Shard::stop() { context_.stop(); }

void Shard::rearm() {
    const TimePoint due = timers_.next_due();
    // A wait that is early enough stays: timers are mostly moved to later or cancelled, and a wake-up that
    // finds nothing due is cheaper than moving Asio's timer each time.
    if (due >= wait_->until) return;
    wait_->until = due;
    wait_->timer.expires_after(std::max(due - clock_.now(), Duration::zero()));
    wait_->timer.async_wait([this](const boost::system::error_code& error) {
        if (error) return;  // moved to an earlier time
        wait_->until = TimePoint::max();
        timers_.run_due();
        rearm();
    });
}

void Shard::measure_lag() {
    const TimePoint now = clock_.now();
    const std::int64_t late =
        std::chrono::duration_cast<std::chrono::nanoseconds>(now - lag_expected_).count();
    std::int64_t worst = worst_lag_ns_.load(std::memory_order_relaxed);
    while (late > worst && !worst_lag_ns_.compare_exchange_weak(worst, late)) {
    }
    if (++recent_probes_ > probes_per_window) {
        recent_probes_ = 1;
        earlier_lag_ns_ = recent_lag_ns_.exchange(0);
    }
    recent_lag_ns_ = std::max(recent_lag_ns_.load(), late);
    lag_expected_ = now + lag_interval;
    lag_probe_->arm(lag_interval);
}

ShardPool::ShardPool(unsigned count, const Clock& clock) {
    assert(count >= 1 && count <= 64);
    for (unsigned i = 0; i < count; ++i) shards_.push_back(std::make_unique<Shard>(ShardId(i), clock));
}

ShardPool::~ShardPool() { stop(); }

void ShardPool::start() {
    for (const auto& shard : shards_) threads_.emplace_back([&shard = *shard] { shard.run(); });
}

void ShardPool::stop() {
    for (const auto& shard : shards_) shard->stop();
    for (auto& thread : threads_) thread.join();
    threads_.clear();
    // Handlers of one shard own things of another, so all are destroyed while every shard still exists. A
    // second round takes what the first ones posted as they went.
    for (int round = 0; round < 2; ++round) {
        for (const auto& shard : shards_) {
            const Acting acting(shard.get());
            shard->context_.discard_handlers();
        }
    }
}

void ShardPool::run_on_each(const std::function<void(Shard&)>& work) {
    assert(!Shard::current());
    if (threads_.empty()) {
        for (const auto& shard : shards_) {
            const Acting acting(shard.get());
            work(*shard);
        }
        return;
    }
    std::latch done(std::ptrdiff_t(shards_.size()));
    for (const auto& shard : shards_) {
        shard->post([&work, &done, &shard = *shard] {
            work(shard);
            done.count_down();
        });
    }
    done.wait();
}

}  // namespace pulse::net
