#pragma once
// What every Cache must do, wherever it keeps its entries: a suite for a factory (cache_suite_test.cpp). A
// cache's own test instantiates CacheSuite with a function that makes an empty TestCache.
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "cache/cache.hpp"

namespace pulse::cache {

// An empty cache that a test owns.
class TestCache {
public:
    virtual ~TestCache() = default;
    virtual Cache& cache() = 0;
    virtual void expire(UserId user) = 0;  // the value's TTL is over
};

using MakeCache = std::function<std::unique_ptr<TestCache>()>;

template <class T>
T finished(Task<T> task) {
    boost::asio::io_context loop;
    auto result = boost::asio::co_spawn(loop, std::move(task), boost::asio::use_future);
    loop.run();
    return result.get();
}

inline UserId user(std::uint8_t n) {
    UserId id;
    id.uuid.bytes[15] = n;
    return id;
}

inline Json json_of(Version version) { return std::make_shared<const std::string>(std::to_string(version)); }

inline void put(Cache& cache, UserId id, Version version) {
    finished(cache.put(id, version, json_of(version)));
    finished(cache.ping());  // put() does not wait for a cache elsewhere; what is said to it is done in order
}

// The version of what the cache returns; nullopt for a miss.
inline std::optional<Version> version_in(Cache& cache, UserId id) {
    const auto json = finished(cache.get(id));
    return json ? std::optional<Version>(std::stoull(*json)) : std::nullopt;
}

class CacheSuite : public ::testing::TestWithParam<MakeCache> {
protected:
    const std::unique_ptr<TestCache> made_ = GetParam()();
    Cache& cache_ = made_->cache();
};

}  // namespace pulse::cache
