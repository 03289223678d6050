#pragma once
// For tests: a cache without bound or expiry that keeps the version guard, and that can be told to need
// waiting, as one in another process does. Safe from any thread.
#include <map>
#include <mutex>

#include "cache/cache.hpp"

namespace pulse::dashboard::testing {

class FakeCache final : public cache::Cache {
public:
    enum class Kind { in_process, remote };
    explicit FakeCache(Kind kind = Kind::in_process) : kind_(kind) {}

    Task<cache::Json> get(UserId user) override { co_return lookup(user); }
    Task<> put(UserId user, cache::Version version, cache::Json json) override {
        keep(user, version, json);
        co_return;
    }
    std::optional<cache::Json> get_now(UserId user) override {
        if (kind_ == Kind::remote) return std::nullopt;
        return lookup(user);
    }
    bool put_now(UserId user, cache::Version version, const cache::Json& json) override {
        if (kind_ == Kind::remote) return false;
        keep(user, version, json);
        return true;
    }
    void invalidate(UserId user, cache::Version version) override {
        const std::lock_guard lock(mutex_);
        auto& entry = entries_[user];
        if (version <= entry.version) return;
        entry = {version, nullptr};
    }
    cache::CacheStats stats() const override { return {}; }

private:
    struct Entry {
        cache::Version version = 0;
        cache::Json json;
    };
    cache::Json lookup(UserId user) {
        const std::lock_guard lock(mutex_);
        return entries_[user].json;
    }
    void keep(UserId user, cache::Version version, const cache::Json& json) {
        const std::lock_guard lock(mutex_);
        auto& entry = entries_[user];
        if (version >= entry.version) entry = {version, json};
    }

    const Kind kind_;
    std::mutex mutex_;
    std::map<UserId, Entry> entries_;
};

}  // namespace pulse::dashboard::testing
