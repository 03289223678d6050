#include "store/postgres/writer.hpp"

#include <algorithm>

#include "base/log.hpp"

namespace pulse::store::postgres {
namespace {

constexpr int attempts = 5;

TimePoint now() { return std::chrono::steady_clock::now(); }

}  // namespace

// Activity that comes together is counted together: as many rows are touched as there are businesses.
struct Writer::Activity final : Job {
    using Outcome = Result<std::vector<ActivityOutcome>>;
    Activity(std::vector<ActivityEvent> e, Promise<Outcome> p)
        : events(std::move(e)), promise(std::move(p)) {}
    bool run(Writes&) override { return true; }
    void deliver() override { promise.set(std::move(outcomes)); }
    void refuse(Error error) override { promise.set(Outcome(std::move(error))); }
    Activity* activity() override { return this; }

    std::vector<ActivityEvent> events;
    std::vector<ActivityOutcome> outcomes;
    Promise<Outcome> promise;
};

Writer::Writer(const ConnectionSettings& settings, Gate& gate, Limits limits, const Clock& clock,
               Listener& listener)
    : settings_(settings),
      gate_(gate),
      limits_(limits),
      clock_(clock),
      listener_(listener),
      queue_(limits.max_waiting, limits.patience),
      trim_at_((now() + limits.trim_interval).time_since_epoch().count()) {
    for (unsigned i = 0; i < limits.threads; ++i) threads_.emplace_back([this] { loop(); });
}

Writer::~Writer() { stop(); }

void Writer::stop() {
    queue_.stop();
    for (auto& thread : threads_) {
        if (thread.joinable()) thread.join();
    }
}

Task<Result<std::vector<ActivityOutcome>>> Writer::record(std::vector<ActivityEvent> events) {
    return await_promise<Activity::Outcome>(
        [this, events = std::move(events)](Promise<Activity::Outcome> promise) mutable {
            queue_.push(std::make_unique<Activity>(std::move(events), std::move(promise)));
        });
}

void Writer::loop() {
    ThreadConnection<Writes> session(settings_, gate_);
    while (true) {
        const auto jobs = queue_.take([this](Waiting& waiting) { return choose(waiting); },
                                      TimePoint(Duration(trim_at_.load())));
        if (jobs.empty() && queue_.stopped()) return;
        if (!jobs.empty()) {
            std::vector<Job*> all;
            for (const auto& job : jobs) all.push_back(job.get());
            write(session, std::move(all));
        }
        trim_if_due(session);
    }
}

// Activity goes together, other writes go together.
Writer::Jobs Writer::choose(Waiting& waiting) {
    Jobs taken;
    Waiting left;
    std::size_t events = 0;
    const auto fits = [&](Job& job) {
        if (taken.empty()) return !job.activity() || !counting_;
        if (!job.activity() != !taken.front()->activity()) return false;
        return job.activity() ? events < limits_.max_events : taken.size() < limits_.max_group;
    };
    for (auto& job : waiting) {
        if (!fits(*job)) {
            left.push_back(std::move(job));
            continue;
        }
        if (const auto* activity = job->activity()) events += activity->events.size();
        taken.push_back(std::move(job));
    }
    waiting.swap(left);
    if (!taken.empty() && taken.front()->activity()) counting_ = true;
    return taken;
}

void Writer::write(ThreadConnection<Writes>& session, std::vector<Job*> jobs) {
    writes_ += jobs.size();
    // The rows of tenants are locked in the order of their ids, as the triggers of one statement do it.
    std::sort(jobs.begin(), jobs.end(), [](const Job* a, const Job* b) { return a->tenant < b->tenant; });
    const bool counts = jobs.front()->activity() != nullptr;
    const auto attempt = transact(session, jobs);
    if (counts) queue_.choose_again([this] { counting_ = false; });
    if (attempt == Attempt::done) return;
    // One after the other, each may wait for somebody's lock: the last ones not for longer than was promised.
    for (auto* job : jobs) {
        if (std::chrono::steady_clock::now() < job->deadline)
            transact(session, {job});
        else
            fail({job}, {.error = {ErrorCode::unavailable, "the writes before it took too long"}});
    }
}

Writer::Attempt Writer::transact(ThreadConnection<Writes>& session, const std::vector<Job*>& jobs) {
    bool lost_before = false;
    for (int attempt = 1;; ++attempt) {
        bool committing = false;
        try {
            perform(session.open(), jobs, committing);
            break;
        } catch (const std::exception&) {
            auto failure = current_failure();
            const bool lost = failure.link == Link::lost;
            if (lost) session.drop();
            if (lost && committing) {
                failure.error.message += "; whether the write was committed is not known";
                fail(jobs, failure);
                return Attempt::done;
            }
            // A lost connection is tried anew once: the server may have closed this one alone.
            if (failure.again == Again::worthwhile && attempt < attempts && !(lost && lost_before)) {
                lost_before = lost;
                // Whom we had a deadlock with gets the locks first, instead of the same deadlock again.
                if (!lost) std::this_thread::sleep_for(attempt * 10ms);
                continue;
            }
            if (jobs.size() > 1 && !lost) return Attempt::apart;
            fail(jobs, failure);
            return Attempt::done;
        }
    }
    if (failing_ && failing_.exchange(false)) log::info("store: writing works again");
    for (auto* job : jobs) job->deliver();
    return Attempt::done;
}

void Writer::perform(Writes& writes, const std::vector<Job*>& jobs, bool& committing) {
    Transaction transaction(writes.connection(), Transaction::Kind::write);
    if (jobs.size() > 1) writes.connection().send("SET LOCAL lock_timeout = 500");
    std::vector<Touch> tenants;  // of activity
    std::vector<Touch*> touched;
    if (jobs.front()->activity()) {
        std::vector<ActivityEvent> events;
        for (auto* job : jobs) {
            const auto& more = job->activity()->events;
            events.insert(events.end(), more.begin(), more.end());
        }
        const auto outcomes = writes.record_activity(events, clock_.wall_now(), tenants);
        auto from = outcomes.begin();
        for (auto* job : jobs) {
            const auto to = from + std::ptrdiff_t(job->activity()->events.size());
            job->activity()->outcomes.assign(from, to);
            from = to;
        }
        for (auto& touch : tenants) touched.push_back(&touch);
    } else {
        for (auto* job : jobs) {
            job->touch = {};
            if (job->run(writes) && job->touch.user != UserId{}) touched.push_back(&job->touch);
        }
    }
    committing = true;
    writes.commit(transaction, touched);
    ++transactions_;
    Listener::Changed changed;
    for (const auto* touch : touched) changed.emplace_back(touch->user, touch->latest);
    listener_.tell(changed);
}

void Writer::fail(const std::vector<Job*>& jobs, const Failure& failure) {
    const auto& error = failure.error;
    if (error.code == ErrorCode::unavailable) {
        ++errors_;
        if (!failing_.exchange(true)) log::error("store: cannot write: {}", error.message);
    } else if (error.code == ErrorCode::internal) {
        ++errors_;
        log::warn("store: a write failed: {}", error.message);
    }
    for (auto* job : jobs) job->refuse(error);
}

void Writer::trim_if_due(ThreadConnection<Writes>& session) {
    auto due = trim_at_.load();
    const auto next = (now() + limits_.trim_interval).time_since_epoch().count();
    if (now().time_since_epoch().count() < due || !trim_at_.compare_exchange_strong(due, next)) return;
    try {
        // The next slice comes after the writes that arrived meanwhile, or at once if there are none.
        if (session.open().trim() == Writes::Left::maybe_more) trim_at_ = now().time_since_epoch().count();
    } catch (const std::exception&) {
        const auto failure = current_failure();
        ++errors_;
        if (!failing_.exchange(true)) log::error("store: cannot trim: {}", failure.error.message);
        if (failure.link == Link::lost) session.drop();
    }
}

}  // namespace pulse::store::postgres
