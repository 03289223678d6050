#pragma once
// What this node was told of: below which version nothing may be returned for a user, and which of these
// Redis has not confirmed yet. Bounded: the users who were told of the longest ago are forgotten. Pure; the
// caller locks.
#include <cstddef>
#include <deque>
#include <list>
#include <optional>
#include <unordered_map>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "cache/cache.hpp"

namespace pulse::cache {

class Floors {
public:
    // A value in the cache lives for `ttl` at most. Until `distrust_until` those of users that this node
    // knows nothing of are not returned.
    Floors(std::size_t capacity, Duration ttl, TimePoint distrust_until)
        : capacity_(capacity), ttl_(ttl), distrust_until_(distrust_until) {}

    struct Told {
        UserId user;
        Version version = 0;
    };

    // False: it was known already. Else it is among what has to be sent.
    bool raise(Told told, TimePoint now);
    // This node read that version itself: the floor, but nothing that Redis has to be told.
    void know(Told read, TimePoint now);
    // What is cached for the user at `version` may be returned. For somebody forgotten that cannot be told
    // while a value may be left which Redis was never told to drop; the answer is no then.
    bool allows(UserId user, Version version, TimePoint now) const;
    // The user's floor, 0 for an unknown one.
    Version of(UserId user) const;

    // The next to be sent to Redis; confirmed() or failed() must follow.
    std::optional<Told> next_to_send();
    void confirmed(Told told);
    void failed(Told told);  // has to be sent again
    // Redis holds something older than it had confirmed to know of: it lost it.
    void lost(UserId user);

    std::size_t unconfirmed() const { return unconfirmed_; }
    std::size_t waiting() const { return to_send_.size(); }  // a little more than have to be sent

private:
    enum class Telling { to_send, sent, confirmed };
    struct Record {
        Told told;
        Telling telling = Telling::to_send;
    };
    using Records = std::list<Record>;  // most recently told first

    void queue(Record& record);
    Record* find(UserId user);
    void make_room(TimePoint now);
    Record& add(Told told);

    const std::size_t capacity_;
    const Duration ttl_;
    Records records_;
    std::unordered_map<UserId, Records::iterator> index_;
    std::deque<UserId> to_send_;  // and users whose record has changed or gone since
    std::size_t unconfirmed_ = 0;
    TimePoint distrust_until_;
};

}  // namespace pulse::cache
