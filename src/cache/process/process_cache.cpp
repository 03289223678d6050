#include "cache/process/process_cache.hpp"

#include <algorithm>
#include <utility>

namespace pulse::cache {
namespace {

struct Record {
    UserId user;
    Version version = 0;  // nothing older is taken or returned
    Json json;            // nullptr: only the version is known
    TimePoint expires_at{};
};

}  // namespace

// Its own cache line: parts are there so that shards do not meet.
class alignas(64) ProcessCache::Part {
public:
    explicit Part(std::size_t capacity) : capacity_(capacity) {}

    enum class Misses { counted, not_counted };

    Json get(UserId user, TimePoint now, Misses misses) {
        Json expired;  // freed after the lock
        const std::lock_guard lock(mutex_);
        const auto found = index_.find(user);
        if (found == index_.end() || !found->second->json) {
            if (misses == Misses::counted) ++counts_.misses;
            return nullptr;
        }
        auto& record = *found->second;
        if (now >= record.expires_at) {
            expired = take(record);
            if (misses == Misses::counted) ++counts_.misses;
            return nullptr;
        }
        touch(found->second);
        ++counts_.hits;
        return record.json;
    }

    void put(UserId user, Version version, Json json, TimePoint expires_at) {
        Json replaced;
        Record evicted;
        const std::lock_guard lock(mutex_);
        auto& record = record_of(user, evicted);
        if (version < record.version) {
            ++counts_.stale_fills;
            return;
        }
        replaced = take(record);
        record.version = version;
        record.json = std::move(json);
        record.expires_at = expires_at;
        if (record.json) ++counts_.entries;
    }

    void invalidate(UserId user, Version version) {
        Json outdated;
        Record evicted;
        const std::lock_guard lock(mutex_);
        auto& record = record_of(user, evicted);
        if (version <= record.version) return;
        record.version = version;
        outdated = take(record);
    }

    void add_to(CacheStats& sum) const {
        const std::lock_guard lock(mutex_);
        sum.hits += counts_.hits;
        sum.misses += counts_.misses;
        sum.stale_fills += counts_.stale_fills;
        sum.entries += counts_.entries;
        sum.evictions += counts_.evictions;
    }

private:
    using Records = std::list<Record>;  // most recently used first

    void touch(Records::iterator record) { records_.splice(records_.begin(), records_, record); }

    Json take(Record& record) {
        if (record.json) --counts_.entries;
        return std::exchange(record.json, nullptr);
    }

    // The user's record, a fresh one at version 0 if there was none, in front. What had to make room for
    // it is moved to `evicted`, to be freed after the lock.
    Record& record_of(UserId user, Record& evicted) {
        if (const auto found = index_.find(user); found != index_.end()) {
            touch(found->second);
            return *found->second;
        }
        if (records_.size() >= capacity_) {
            const auto oldest = std::prev(records_.end());
            if (oldest->json) ++counts_.evictions;
            evicted.json = take(*oldest);
            index_.erase(oldest->user);
            records_.erase(oldest);
        }
        records_.push_front(Record{.user = user});
        index_.emplace(user, records_.begin());
        return records_.front();
    }

    mutable std::mutex mutex_;
    const std::size_t capacity_;
    Records records_;
    std::unordered_map<UserId, Records::iterator> index_;
    CacheStats counts_;
};

ProcessCache::ProcessCache(const Clock& clock, Duration ttl, ProcessCacheLimits limits)
    : clock_(clock), ttl_(ttl) {
    const auto count = std::max<std::size_t>(1, limits.parts);
    parts_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        parts_.push_back(std::make_unique<Part>(std::max<std::size_t>(1, limits.capacity / count)));
    }
}

ProcessCache::~ProcessCache() = default;

ProcessCache::Part& ProcessCache::part_of(UserId user) const {
    // The upper half of the hash: the map inside the part uses the lower bits.
    return *parts_[(std::hash<UserId>{}(user) >> 32) % parts_.size()];
}

Json ProcessCache::lookup(UserId user) {
    return part_of(user).get(user, clock_.now(), Part::Misses::counted);
}

void ProcessCache::store(UserId user, Version version, Json json) {
    part_of(user).put(user, version, std::move(json), clock_.now() + ttl_);
}

Task<Json> ProcessCache::get(UserId user) { co_return lookup(user); }

Task<> ProcessCache::put(UserId user, Version version, Json json) {
    store(user, version, std::move(json));
    co_return;
}

std::optional<Json> ProcessCache::get_now(UserId user) {
    return part_of(user).get(user, clock_.now(), Part::Misses::not_counted);
}

bool ProcessCache::put_now(UserId user, Version version, const Json& json) {
    store(user, version, json);
    return true;
}

void ProcessCache::invalidate(UserId user, Version version) { part_of(user).invalidate(user, version); }

CacheStats ProcessCache::stats() const {
    CacheStats sum;
    for (const auto& part : parts_) part->add_to(sum);
    return sum;
}

}  // namespace pulse::cache
