#include "app/demo_data.hpp"

#include <cmath>
#include <random>

#include "auth/password.hpp"
#include "base/random.hpp"
#include "dashboard/simulator.hpp"

namespace pulse::app {

using store::ActivityEvent;
using store::ActivityType;

namespace {

constexpr int business_count = 25;
constexpr int history_days = 180;
constexpr std::size_t batch_size = 1000;

store::BusinessStatus status_of(int n) {
    if (n % 9 == 4) return store::BusinessStatus::pending_verification;
    if (n % 11 == 7) return store::BusinessStatus::stealth_mode;
    return store::BusinessStatus::active;
}

// A day is about what the simulator does in half an hour, and the longest period of the page has one before
// it. Views follow the week and grow slowly; the rest of the funnel is a share of them.
std::vector<ActivityEvent> day_of(BusinessId business, int n, int days_ago, store::Date today,
                                  std::mt19937& random) {
    const auto date = today - std::chrono::days(days_ago);
    const auto weekday = std::chrono::weekday(date).c_encoding();
    const double season = (weekday == 0 || weekday == 6) ? 0.55 : 1.0;
    const double growth = 1.0 + 0.5 * double(history_days - days_ago) / history_days;
    const double appeal = 15.0 + 160.0 / (1.0 + n);
    const auto poisson = [&](double mean) {
        return std::int64_t(std::poisson_distribution<int>(mean)(random));
    };
    const auto views = poisson(appeal * season * growth);
    const std::pair<ActivityType, std::int64_t> funnel[] = {
        {ActivityType::view, views},
        {ActivityType::click, poisson(0.35 * double(views))},
        {ActivityType::invite, poisson(0.11 * double(views))},
        {ActivityType::decline, poisson(0.03 * double(views))},
        {ActivityType::message, poisson(0.08 * double(views))},
        {ActivityType::qfp, poisson(0.02 * double(views))}};
    std::vector<ActivityEvent> events;
    for (const auto& [type, count] : funnel)
        if (count > 0)
            events.push_back({.id = EventId::random(),
                              .business_id = business,
                              .type = type,
                              .count = count,
                              .date = date});
    return events;
}

Task<Result<void>> record(store::Store& store, std::vector<ActivityEvent> events) {
    auto outcomes = co_await store.record_activity(std::move(events));
    if (!outcomes) co_return outcomes.error();
    co_return Result<void>();
}

}  // namespace

DemoTenant make_demo_tenant() {
    DemoTenant tenant{
        .id = UserId::random(), .email = "demo@pulseboard.example", .password = random_base64url(12)};
    tenant.password_hash = auth::hash_password(tenant.password);
    return tenant;
}

Task<Result<std::vector<BusinessId>>> fill_with_demo_data(store::Store& store, DemoTenant tenant,
                                                          WallTime now) {
    store::User user{.id = tenant.id,
                     .email = tenant.email,
                     .password_hash = tenant.password_hash,
                     .role = store::Role::tenant};
    auto created = co_await store.create_user(std::move(user));
    if (!created) co_return created.error();

    const store::Owner owner{.id = tenant.id, .email = tenant.email, .role = store::Role::tenant};
    std::vector<BusinessId> businesses;
    for (int n = 0; n < business_count; ++n) {
        auto [name, category] = dashboard::simulated_name(std::size_t(n));
        store::NewBusiness wanted{
            .name = std::move(name), .category = std::move(category), .status = status_of(n)};
        auto business = co_await store.create_business(owner, std::move(wanted));
        if (!business) co_return business.error();
        businesses.push_back(business->value.id);
    }

    // The same history every time: a picture of the demo can be compared with the last one.
    std::mt19937 random(2026);
    const auto today = std::chrono::floor<std::chrono::days>(now);
    std::vector<ActivityEvent> batch;
    for (int days_ago = history_days - 1; days_ago >= 0; --days_ago) {
        for (int n = 0; n < business_count; ++n) {
            auto day = day_of(businesses[std::size_t(n)], n, days_ago, today, random);
            batch.insert(batch.end(), day.begin(), day.end());
        }
        if (batch.size() < batch_size && days_ago > 0) continue;
        auto recorded = co_await record(store, std::exchange(batch, {}));
        if (!recorded) co_return recorded.error();
    }
    co_return businesses;
}

}  // namespace pulse::app
