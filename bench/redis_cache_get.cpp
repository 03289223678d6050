// What a get() of the Redis cache costs: CPU of this process per operation, and time. One client shard, and
// one shard where the callers run. Usage: redis_cache_get REDIS_URL [OPERATIONS [CALLERS]]
#include <sys/resource.h>

#include <boost/asio/co_spawn.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <latch>
#include <thread>

#include "cache/redis/redis_cache.hpp"

namespace {

using namespace pulse;

double cpu_seconds() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) { return double(time.tv_sec) + double(time.tv_usec) / 1e6; };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

Task<> ask(cache::Cache& cache, UserId user, int times, std::latch& done) {
    for (int i = 0; i < times; ++i) {
        const auto json = co_await cache.get(user);
        if (!json) std::abort();
    }
    done.count_down();
}

}  // namespace

int main(int count, char** words) {
    const auto target = redis::parse_url(count > 1 ? words[1] : "redis://127.0.0.1");
    if (!target) return std::fprintf(stderr, "%s\n", target.error().message.c_str()), 2;
    const int operations = count > 2 ? std::atoi(words[2]) : 200'000;
    const int callers = count > 3 ? std::atoi(words[3]) : 64;
    net::ShardPool shards(2, system_clock());
    redis::Client client(shards[0], *target);
    cache::RedisCache cache(client, system_clock(), std::chrono::minutes(5),
                            {.patience = std::chrono::seconds(10)});
    shards.start();
    client.start();
    while (!client.up()) std::this_thread::sleep_for(std::chrono::milliseconds(1));

    const auto user = UserId::random();
    const auto json = std::make_shared<const std::string>(
        R"({"activeBusinesses":12,"responseRate":75.5,"landlordViews":123456,"messagesTotal":4321})");
    auto filled = cache.put(user, 1, json);
    boost::asio::co_spawn(shards[1].context(), std::move(filled), [](const std::exception_ptr&) {});
    std::latch warm(1);
    while (client.stats().in_flight > 0 || client.stats().commands < 3) std::this_thread::yield();
    boost::asio::co_spawn(shards[1].context(), ask(cache, user, 1, warm), [](const std::exception_ptr&) {});
    warm.wait();

    std::latch done(callers);
    const double cpu = cpu_seconds();
    const auto start = std::chrono::steady_clock::now();
    for (int i = 0; i < callers; ++i) {
        boost::asio::co_spawn(shards[1].context(), ask(cache, user, operations / callers, done),
                              [](const std::exception_ptr&) {});
    }
    done.wait();
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    const double all = double(operations / callers) * callers;
    std::printf("%.0f gets by %d callers: %.0f a second, %.2f us CPU each, %.1f us until answered\n", all,
                callers, all / took.count(), (cpu_seconds() - cpu) / all * 1e6,
                took.count() * callers / all * 1e6);
    shards.run_on_each([&](net::Shard& shard) {
        if (&shard == &client.home()) client.stop();
    });
    shards.stop();
}
