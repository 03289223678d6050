#include "cache/redis/redis_cache.hpp"

#include <atomic>
#include <mutex>
#include <utility>

#include "base/random.hpp"
#include "cache/redis/entry.hpp"
#include "cache/redis/floors.hpp"

namespace pulse::cache {
namespace {

constexpr std::size_t most_in_flight = 256;  // invalidations: the rest waits, so that gets find room
constexpr Duration retry_after = std::chrono::seconds(1);
constexpr std::size_t longest_json = 64 * 1024;  // KPIs have some hundred bytes; this is somebody else's

std::string text_of(std::chrono::milliseconds time) { return std::to_string(time.count()); }

}  // namespace

struct RedisCache::State : std::enable_shared_from_this<State> {
    State(redis::Client& c, const Clock& k, std::chrono::milliseconds t, const RedisCacheOptions& options)
        : client(c),
          clock(k),
          ttl(t),
          patience(options.patience),
          value_ttl(text_of(t)),
          guard_ttl(text_of(t + options.guard_longer)),
          floors(options.max_floors, t, k.now() + options.hesitation.value_or(t)),
          retry(c.home().timers(), [this] { send_invalidations(); }) {}

    // What Redis holds is returned only if it is ours and as new as what this node knows of now.
    Json accept(UserId user, const redis::Reply& reply) {
        if (!reply.is_list() || reply.list.size() != 2) return nullptr;
        const auto& value = reply.list[0];
        const auto guard = parse_guard(reply.list[1].text);
        if (!value.is_text() || value.text.size() > longest_json || !guard) return nullptr;
        if (guard->digest != redis::sha1_hex(value.text)) return nullptr;
        {
            const std::lock_guard lock(mutex);
            if (!floors.allows(user, guard->version, clock.now())) {
                floors.lost(user);
                ask_to_send();
                return nullptr;
            }
        }
        return std::make_shared<const std::string>(value.text);
    }

    void ask_to_send() {
        if (asked.exchange(true)) return;
        client.home().post([self = shared_from_this()] {
            self->asked = false;
            self->send_invalidations();
        });
    }

    // On the client's shard.
    void send_invalidations() {
        while (client.up() && in_flight < most_in_flight) {
            std::optional<Floors::Told> told;
            {
                const std::lock_guard lock(mutex);
                told = floors.next_to_send();
            }
            if (!told) return;
            ++in_flight;
            client.eval(invalidate_script(), {value_key(told->user), guard_key(told->user)},
                        {std::to_string(told->version), guard_ttl}, Duration::max(),
                        [self = shared_from_this(), told = *told](Result<redis::Reply> reply) {
                            self->invalidated(told, reply.has_value());
                        });
        }
    }

    void invalidated(Floors::Told told, bool done) {
        --in_flight;
        {
            const std::lock_guard lock(mutex);
            done ? floors.confirmed(told) : floors.failed(told);
        }
        if (done) {
            send_invalidations();
        } else if (client.up() && !retry.armed()) {
            retry.arm(retry_after);
        }
    }

    void back() {
        // So that the first of each need not be sent twice.
        for (const auto* script : {&fill_script(), &invalidate_script()}) {
            client.send({"SCRIPT", "LOAD", script->text()}, [](const Result<redis::Reply>&) {});
        }
        send_invalidations();
    }

    redis::Client& client;
    const Clock& clock;
    const std::chrono::milliseconds ttl;
    const Duration patience;
    const std::string value_ttl;
    const std::string guard_ttl;
    const std::string ping_key = "pulseboard:ping:" + random_base64url(9);

    std::mutex mutex;
    Floors floors;
    std::atomic<bool> asked{false};
    std::size_t in_flight = 0;  // the client's shard's
    net::Timer retry;           // likewise

    std::atomic<std::uint64_t> hits{0};
    std::atomic<std::uint64_t> misses{0};
    std::atomic<std::uint64_t> stale_fills{0};
    std::atomic<std::uint64_t> pings{0};
};

RedisCache::RedisCache(redis::Client& client, const Clock& clock, std::chrono::milliseconds ttl,
                       RedisCacheOptions options)
    : state_(std::make_shared<State>(client, clock, ttl, options)) {
    client.on_commands([state = std::weak_ptr(state_)](redis::State now) {
        const auto self = state.lock();
        if (self && now == redis::State::up) self->back();
    });
}

RedisCache::~RedisCache() = default;

Task<Json> RedisCache::get(UserId user) {
    auto& state = *state_;
    Json json;
    if (state.ttl.count() > 0 && state.client.up() && !state.client.stalled()) {
        redis::Command command{"MGET", value_key(user), guard_key(user)};
        const auto reply = co_await state.client.call(std::move(command), state.patience);
        if (reply) json = state.accept(user, *reply);
    }
    ++(json ? state.hits : state.misses);
    co_return json;
}

Task<> RedisCache::put(UserId user, Version version, Json json) {
    auto& state = *state_;
    if (state.ttl.count() <= 0 || !state.client.up()) co_return;
    {
        const std::lock_guard lock(state.mutex);
        if (version < state.floors.of(user)) {
            ++state.stale_fills;
            co_return;
        }
        state.floors.know({user, version}, state.clock.now());
    }
    state.client.eval(fill_script(), {value_key(user), guard_key(user)},
                      {std::to_string(version), *json, state.value_ttl, state.guard_ttl}, Duration::max(),
                      [self = state_](const Result<redis::Reply>& reply) {
                          if (reply && reply->integer == 0) ++self->stale_fills;
                      });
}

void RedisCache::invalidate(UserId user, Version version) {
    auto& state = *state_;
    {
        const std::lock_guard lock(state.mutex);
        if (!state.floors.raise({user, version}, state.clock.now())) return;
    }
    state.ask_to_send();
}

Task<Result<void>> RedisCache::ping() {
    auto& state = *state_;
    const auto token = std::to_string(++state.pings);
    const auto key = state.ping_key + ":" + token;
    redis::Command set{"SET", key, token, "PX", "10000"};
    const auto kept = co_await state.client.call(std::move(set));
    if (!kept) co_return kept.error();
    redis::Command get{"GET", key};
    const auto got = co_await state.client.call(std::move(get));
    if (!got) co_return got.error();
    if (got->text != token) co_return Error{ErrorCode::unavailable, "Redis did not keep what it was given"};
    co_return Result<void>();
}

CacheStats RedisCache::stats() const {
    return {.hits = state_->hits, .misses = state_->misses, .stale_fills = state_->stale_fills};
}

std::size_t RedisCache::unconfirmed() const {
    const std::lock_guard lock(state_->mutex);
    return state_->floors.unconfirmed();
}

}  // namespace pulse::cache
