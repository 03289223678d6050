#include "dashboard/kpi_service.hpp"

#include <utility>
#include <vector>

#include "base/promise.hpp"
#include "dashboard/json.hpp"
#include "dashboard/kpis.hpp"

namespace pulse::dashboard {

using cache::Json;

namespace {

Json text_of(const store::TenantKpis& sums) {
    return std::make_shared<const std::string>(kpis_text(kpis_of(sums)));
}

}  // namespace

struct KpiService::Flight {
    std::vector<Promise<Result<Json>>> waiters;  // under the stripe's mutex, as all of this
    std::optional<Result<Json>> landed;
};

// Ends a flight however its reader ends, so that nobody waits for ever.
class KpiService::Landing {
public:
    Landing(Stripe& stripe, UserId user, std::shared_ptr<Flight> flight)
        : stripe_(stripe), user_(user), flight_(std::move(flight)) {}
    Landing(const Landing&) = delete;
    Landing& operator=(const Landing&) = delete;

    Result<Json> outcome = Error{ErrorCode::unavailable, "the read of the KPIs was given up"};

    ~Landing() {
        std::vector<Promise<Result<Json>>> waiters;
        {
            const std::lock_guard lock(stripe_.mutex);
            const auto found = stripe_.flights.find(user_);
            if (found != stripe_.flights.end() && found->second == flight_) stripe_.flights.erase(found);
            flight_->landed = outcome;
            waiters.swap(flight_->waiters);
        }
        for (auto& waiter : waiters) waiter.set(outcome);
    }

private:
    Stripe& stripe_;
    const UserId user_;
    const std::shared_ptr<Flight> flight_;
};

KpiService::KpiService(store::Store& store, cache::Cache& cache) : store_(store), cache_(cache) {}
KpiService::~KpiService() = default;

Json KpiService::try_cached(UserId user) {
    if (!store_.hears_changes()) return nullptr;
    return cache_.get_now(user).value_or(nullptr);
}

// The user's flight under way, or a new one whose pilot the caller is.
std::shared_ptr<KpiService::Flight> KpiService::take_off(UserId user, bool& first) {
    auto& stripe = stripe_of(user);
    const std::lock_guard lock(stripe.mutex);
    auto& flight = stripe.flights[user];
    first = !flight;
    if (first) flight = std::make_shared<Flight>();
    return flight;
}

Task<Result<Json>> KpiService::calculate(UserId user) {
    if (store_.hears_changes()) {
        auto cached = co_await cache_.get(user);
        if (cached) co_return cached;
    }
    bool first = false;
    auto flight = take_off(user, first);
    if (first) {
        auto outcome = co_await read(user, std::move(flight));
        co_return outcome;
    }
    ++joined_;
    auto outcome = co_await await_promise<Result<Json>>([this, user, &flight](Promise<Result<Json>> promise) {
        const std::lock_guard lock(stripe_of(user).mutex);
        if (flight->landed)
            promise.set(*flight->landed);
        else
            flight->waiters.push_back(std::move(promise));
    });
    co_return outcome;
}

Task<Result<Json>> KpiService::read(UserId user, std::shared_ptr<Flight> flight) {
    Landing landing(stripe_of(user), user, std::move(flight));
    // Somebody else's flight may have landed between our miss and our take-off.
    if (auto filled = try_cached(user)) {
        landing.outcome = filled;
        co_return filled;
    }
    ++reads_;
    const auto sums = co_await store_.tenant_kpis(user);
    if (!sums) {
        // Perhaps not the latest any more, but the latest that can be known.
        Json last;
        if (sums.error().code == ErrorCode::unavailable) last = co_await cache_.get(user);
        if (last)
            landing.outcome = last;
        else
            landing.outcome = sums.error();
        co_return landing.outcome;
    }
    auto json = text_of(*sums);
    if (!cache_.put_now(user, sums->version, json)) co_await cache_.put(user, sums->version, json);
    landing.outcome = json;
    co_return json;
}

void KpiService::invalidate(UserId user, store::Version version) {
    cache_.invalidate(user, version);
    // Who is on a flight that began before this may have its answer; who asks from now on may not.
    auto& stripe = stripe_of(user);
    const std::lock_guard lock(stripe.mutex);
    stripe.flights.erase(user);
}

void KpiService::remember(UserId user, const store::TenantKpis& sums) {
    // A cache that would have to be waited for is only told what is too old now.
    if (!cache_.put_now(user, sums.version, text_of(sums))) invalidate(user, sums.version);
}

KpiStats KpiService::stats() const { return {reads_.load(), joined_.load()}; }

}  // namespace pulse::dashboard
