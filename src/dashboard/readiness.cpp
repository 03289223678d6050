#include "dashboard/readiness.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <utility>

#include "base/log.hpp"
#include "base/promise.hpp"
#include "net/timers.hpp"

namespace pulse::dashboard {
namespace {

// What a stranger may read; the dependency's own words are for the log.
std::string public_words(const Error& error) {
    return error.code == ErrorCode::unavailable ? "out of reach" : "failed";
}

}  // namespace

bool ReadinessReport::ready() const {
    return !draining && std::all_of(checks.begin(), checks.end(), [](const CheckOutcome& check) {
        return check.error.empty() || check.weight == Weight::advisory;
    });
}

// Lives on the first shard; a round of checks at a time.
struct Readiness::Impl {
    struct Check {
        ReadinessCheck what;
        TimePoint began{};
        bool running = false;
        bool failing = false;  // said so in the log
        CheckOutcome outcome{};
    };

    Impl(net::Shard& shard, std::vector<ReadinessCheck> wanted, Duration longest)
        : home(shard), bound(longest), deadline(home.timers(), [this] { end_round(); }) {
        for (auto& check : wanted) checks.push_back({.what = std::move(check)});
    }

    void ask(Promise<ReadinessReport> promise, const std::shared_ptr<Impl>& self);
    void start(Check& check, const std::shared_ptr<Impl>& self);
    static Task<> run(std::shared_ptr<Impl> self, Check& check);
    void finish(Check& check, const Result<void>& result);
    void end_round();

    net::Shard& home;
    const Duration bound;
    std::vector<Check> checks;
    std::vector<Promise<ReadinessReport>> waiting;
    net::Timer deadline;
    std::atomic<bool> draining{false};

    std::mutex mutex;
    std::condition_variable idle;
    unsigned running = 0;  // under the mutex
};

void Readiness::Impl::ask(Promise<ReadinessReport> promise, const std::shared_ptr<Impl>& self) {
    waiting.push_back(std::move(promise));
    if (waiting.size() > 1) return;  // joins the round under way
    // The round is complete before it begins: a check may be done as soon as it is started.
    std::vector<Check*> idle_ones;
    for (auto& check : checks)
        if (!std::exchange(check.running, true)) idle_ones.push_back(&check);
    deadline.arm(bound);
    for (auto* check : idle_ones) start(*check, self);
}

void Readiness::Impl::start(Check& check, const std::shared_ptr<Impl>& self) {
    check.began = home.clock().now();
    {
        const std::lock_guard lock(mutex);
        ++running;
    }
    boost::asio::co_spawn(home.executor(), run(self, check), [self](const std::exception_ptr&) {
        const std::lock_guard lock(self->mutex);
        if (--self->running == 0) self->idle.notify_all();
    });
}

Task<> Readiness::Impl::run(std::shared_ptr<Impl> self, Check& check) {
    Result<void> result = Error{ErrorCode::internal, "the check was given up"};
    try {
        result = co_await check.what.run();
    } catch (const std::exception& error) {
        result = Error{ErrorCode::internal, error.what()};
    }
    self->finish(check, result);
}

void Readiness::Impl::finish(Check& check, const Result<void>& result) {
    check.running = false;
    check.outcome = {check.what.name, check.what.weight, home.clock().now() - check.began,
                     result ? "" : public_words(result.error())};
    if (!result && !check.failing) log::warn("ready: {} failed: {}", check.what.name, result.error().message);
    if (result && check.failing) log::info("ready: {} works again", check.what.name);
    check.failing = !result;
    if (!waiting.empty() &&
        std::none_of(checks.begin(), checks.end(), [](const Check& other) { return other.running; }))
        end_round();
}

void Readiness::Impl::end_round() {
    deadline.cancel();
    ReadinessReport report{.draining = draining, .checks = {}};
    for (const auto& check : checks) {
        report.checks.push_back(check.outcome);
        if (!check.running) continue;
        const auto took = home.clock().now() - check.began;
        report.checks.back() = {check.what.name, check.what.weight, took, "no answer in time"};
    }
    for (auto& promise : std::exchange(waiting, {})) promise.set(report);
}

Readiness::Readiness(net::ShardPool& shards, std::vector<ReadinessCheck> checks, Duration bound)
    : impl_(std::make_shared<Impl>(shards[0], std::move(checks), bound)) {}

Readiness::~Readiness() = default;

Task<ReadinessReport> Readiness::report() {
    return await_promise<ReadinessReport>([impl = impl_](Promise<ReadinessReport> promise) {
        // A draining node asks nobody any more: what it depends on may be stopped already.
        if (impl->draining) return promise.set({.draining = true, .checks = {}});
        impl->home.dispatch([impl, promise = std::make_shared<Promise<ReadinessReport>>(std::move(promise))] {
            impl->ask(std::move(*promise), impl);
        });
    });
}

void Readiness::drain() { impl_->draining = true; }

void Readiness::wait_until_idle() {
    std::unique_lock lock(impl_->mutex);
    impl_->idle.wait(lock, [this] { return impl_->running == 0; });
}

}  // namespace pulse::dashboard
