#pragma once
// Session ids: 20 characters of base64url (the length that the reference server's adapters count on). 14
// of the 15 bytes are random, 112 bits; the other one names the shard, so that a request that arrived
// elsewhere finds its session without a shared table. Pure but for the randomness; any thread.
#include <optional>
#include <string>
#include <string_view>

#include "net/shard.hpp"

namespace pulse::engineio {

inline constexpr std::size_t sid_size = 20;

std::string make_sid(net::ShardId shard);
// The shard a sid names, whether or not there is one of that number; nullopt if it is no sid at all.
std::optional<net::ShardId> shard_of(std::string_view sid);

}  // namespace pulse::engineio
