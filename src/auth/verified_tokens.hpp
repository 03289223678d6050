#pragma once
// Tokens whose signature was found right not long ago. A dashboard that polls, or that makes several calls,
// shows the same token each time, and the signature is most of a request's cost (5 µs of HS256, 61 of
// ES256). Only what was accepted is kept, and only until it expires. Any thread.
#include <array>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "auth/token.hpp"

namespace pulse::auth {

class VerifiedTokens {
public:
    explicit VerifiedTokens(
        std::size_t capacity = 4096);  // at least 16; a newer token takes an older one's place

    // nullopt: not kept, expired by now, or found right at a later time than now (the clock went back).
    std::optional<Identity> find(std::string_view token, WallTime now) const;
    void keep(std::string_view token, const Identity& identity, WallTime now);

private:
    struct Slot {
        std::string token;  // whole: two tokens with one hash are two tokens
        Identity identity;
        WallTime verified_at{};
    };
    struct alignas(64) Part {
        mutable std::mutex mutex;
        std::vector<Slot> slots;
    };
    static constexpr std::size_t part_count = 16;

    std::array<Part, part_count> parts_;
};

}  // namespace pulse::auth
