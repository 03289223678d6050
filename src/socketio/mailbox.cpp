#include "socketio/mailbox.hpp"

#include <atomic>
#include <bit>

namespace pulse::socketio {

Mailbox::~Mailbox() { clear(); }

void Mailbox::clear() {
    while (take()) {
    }
}

unsigned Mailbox::lane_of_this_thread() {
    static std::atomic<unsigned> next{0};
    thread_local const unsigned lane = next.fetch_add(1, std::memory_order_relaxed) % lane_count;
    return lane;
}

bool Mailbox::put(std::unique_ptr<Work> work) {
    const unsigned number = lane_of_this_thread();
    const std::lock_guard lock(mutex_);
    Lane& lane = lanes_[number];
    Work* const added = work.release();
    (lane.first ? lane.last->next_ : lane.first) = added;
    lane.last = added;
    filled_ |= std::uint64_t(1) << number;
    return !std::exchange(awake_, true);
}

std::unique_ptr<Mailbox::Work> Mailbox::take() {
    const std::lock_guard lock(mutex_);
    if (filled_ == 0) {
        awake_ = false;
        return nullptr;
    }
    const unsigned number = (turn_ + unsigned(std::countr_zero(std::rotr(filled_, int(turn_))))) % lane_count;
    turn_ = (number + 1) % lane_count;
    Lane& lane = lanes_[number];
    std::unique_ptr<Work> work(lane.first);
    lane.first = work->next_;
    if (!lane.first) filled_ &= ~(std::uint64_t(1) << number);
    return work;
}

// Work holds what its namespace holds, the mailbox too: what a stopped shard never runs must not stay in it.
class ShardMail::Waker {
public:
    explicit Waker(std::shared_ptr<ShardMail> mail) : mail_(std::move(mail)) {}
    Waker(Waker&&) = default;
    ~Waker() {
        if (mail_) mail_->mailbox_.clear();
    }
    void operator()() { std::exchange(mail_, nullptr)->run(); }

private:
    std::shared_ptr<ShardMail> mail_;
};

void ShardMail::wake() { shard_.post(Waker(shared_from_this())); }

void ShardMail::run() {
    const auto until = std::chrono::steady_clock::now() + longest_slice;
    for (int i = 0; i < most_at_once; ++i) {
        const auto work = mailbox_.take();
        if (!work) return;
        work->run();
        if (std::chrono::steady_clock::now() >= until) break;
    }
    wake();
}

}  // namespace pulse::socketio
