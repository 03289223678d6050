#include "store/sqlite/writer.hpp"

#include <soci/soci.h>

#include "base/log.hpp"

namespace pulse::store::sqlite {

Writer::Writer(ConnectionSettings settings, Limits limits, const Clock& clock, Feed& feed)
    : settings_(std::move(settings)),
      limits_(limits),
      clock_(clock),
      feed_(feed),
      trim_at_(std::chrono::steady_clock::now() + limits.trim_interval),
      thread_([this] { loop(); }) {}

Writer::~Writer() { stop(); }

void Writer::stop() {
    {
        const std::lock_guard lock(mutex_);
        if (!stopping_) stop_by_ = std::chrono::steady_clock::now() + settings_.busy_timeout;
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

std::size_t Writer::waiting() const {
    const std::lock_guard lock(mutex_);
    return jobs_.size();
}

void Writer::submit(std::unique_ptr<Job> job) {
    std::unique_lock lock(mutex_);
    const bool stopping = stopping_;
    if (stopping || jobs_.size() >= limits_.max_waiting) {
        lock.unlock();
        refuse(*job, stopping ? "the store has stopped" : "too many writes are waiting");
        return;
    }
    jobs_.push_back(std::move(job));
    lock.unlock();
    wake_.notify_one();
}

void Writer::refuse(Job& job, const char* why) {
    ++errors_;
    job.fail({ErrorCode::unavailable, why});
    job.deliver();
}

Writer::Batch Writer::take_batch() {
    Batch batch;
    std::size_t cost = 0;
    while (!jobs_.empty() && batch.size() < limits_.max_batch && cost < limits_.max_batch_cost) {
        cost += jobs_.front()->cost;
        batch.push_back(std::move(jobs_.front()));
        jobs_.pop_front();
    }
    return batch;
}

void Writer::loop() {
    std::unique_lock lock(mutex_);
    while (true) {
        wake_.wait_until(lock, trim_at_, [this] { return stopping_ || !jobs_.empty(); });
        if (stopping_ && jobs_.empty()) return;
        auto batch = take_batch();
        const auto stop_by = stop_by_;
        lock.unlock();
        if (stop_by && std::chrono::steady_clock::now() >= *stop_by) {
            for (const auto& job : batch) refuse(*job, "the store has stopped");
        } else if (!batch.empty()) {
            write(batch, stop_by);
            for (const auto& job : batch) job->deliver();
        }
        batch.clear();
        if (!stop_by) trim_if_due();
        lock.lock();
    }
}

void Writer::open() {
    if (writes_on_ && writes_on_->connection().file_is_gone()) writes_on_.reset();
    if (!writes_on_) writes_on_ = std::make_unique<Writes>(settings_);
}

void Writer::write(Batch& batch, StopBy stop_by) {
    writes_ += batch.size();
    try {
        open();
        auto& connection = writes_on_->connection();
        if (stop_by) connection.set_busy_timeout(*stop_by - std::chrono::steady_clock::now());
        Transaction transaction(connection, Transaction::Kind::write);
        for (const auto& job : batch) run_one(*job);
        transaction.commit();
        ++transactions_;
        if (std::exchange(failing_, false)) log::info("store: writing works again");
    } catch (const std::exception&) {
        fail_all(batch, current_failure());
        return;
    }
    feed_.announce(writes_on_->feed());
}

// Throws if not only this write but the whole transaction is lost.
void Writer::run_one(Job& job) {
    auto& connection = writes_on_->connection();
    connection.exec("SAVEPOINT one");
    bool keep = false;
    try {
        keep = job.run(*writes_on_);
    } catch (const std::exception&) {
        const auto failure = current_failure();
        // On a full disk, and the like, SQLite rolls back everything by itself.
        if (failure.link == Link::lost || !connection.in_transaction()) throw;
        ++errors_;
        log::warn("store: a write failed: {}", failure.error.message);
        job.fail(failure.error);
    }
    connection.exec(keep ? "RELEASE one" : "ROLLBACK TO one; RELEASE one");
}

void Writer::fail_all(Batch& batch, const Failure& failure) {
    note(failure.error);
    for (const auto& job : batch) job->fail(failure.error);
    if (failure.link == Link::lost) writes_on_.reset();
}

void Writer::note(const Error& error) {
    ++errors_;
    if (!std::exchange(failing_, true)) log::error("store: cannot write: {}", error.message);
}

void Writer::trim_if_due() {
    if (std::chrono::steady_clock::now() < trim_at_) return;
    trim_at_ = std::chrono::steady_clock::now() + limits_.trim_interval;
    try {
        open();
        Transaction transaction(writes_on_->connection(), Transaction::Kind::write);
        const auto left = writes_on_->trim(clock_.wall_now());
        transaction.commit();
        // The next slice comes after the writes that arrived meanwhile, or at once if there are none.
        if (left == Writes::Left::maybe_more) trim_at_ = std::chrono::steady_clock::now();
    } catch (const std::exception&) {
        const auto failure = current_failure();
        note(failure.error);
        if (failure.link == Link::lost) writes_on_.reset();
    }
}

}  // namespace pulse::store::sqlite
