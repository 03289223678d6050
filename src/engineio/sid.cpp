#include "engineio/sid.hpp"

#include <array>

#include "base/base64.hpp"
#include "base/random.hpp"

namespace pulse::engineio {

std::string make_sid(net::ShardId shard) {
    std::array<unsigned char, 15> bytes;
    random_bytes(bytes);
    // Masked by a random byte, so that ids show no pattern.
    bytes[14] = static_cast<unsigned char>(bytes[0] ^ shard);
    return base64url_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

std::optional<net::ShardId> shard_of(std::string_view sid) {
    if (sid.size() != sid_size) return std::nullopt;
    const auto bytes = base64url_decode(sid);
    if (!bytes || bytes->size() != 15) return std::nullopt;
    return net::ShardId((*bytes)[14] ^ (*bytes)[0]);
}

}  // namespace pulse::engineio
