#pragma once
// UUIDs (RFC 9562) and the ids made of them. Each kind of id is a type of its own: in a multi-tenant
// server a swapped pair must not compile. Value types; any thread.
#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace pulse {

struct Uuid {
    std::array<std::uint8_t, 16> bytes{};

    // Reads 8-4-4-4-12 hexadecimal digits in any case; anything else is nullopt.
    static std::optional<Uuid> parse(std::string_view text);
    static Uuid random();           // version 4, from the CSPRNG
    std::string to_string() const;  // lower case
    auto operator<=>(const Uuid&) const = default;
};

template <class Tag>
struct Id {
    Uuid uuid;

    static std::optional<Id> parse(std::string_view text) {
        const auto parsed = Uuid::parse(text);
        return parsed ? std::optional<Id>(Id{*parsed}) : std::nullopt;
    }
    static Id random() { return Id{Uuid::random()}; }
    std::string to_string() const { return uuid.to_string(); }
    auto operator<=>(const Id&) const = default;
};

using UserId = Id<struct UserTag>;
using BusinessId = Id<struct BusinessTag>;
using EventId = Id<struct EventTag>;      // an activity event's idempotency key
using SessionId = Id<struct SessionTag>;  // one sign-in, with every token that came of it

}  // namespace pulse

template <class Tag>
struct std::hash<pulse::Id<Tag>> {
    std::size_t operator()(const pulse::Id<Tag>& id) const noexcept {
        // Ids may be chosen by peers, so both halves count and are mixed.
        std::uint64_t high = 0;
        std::uint64_t low = 0;
        std::memcpy(&high, id.uuid.bytes.data(), 8);
        std::memcpy(&low, id.uuid.bytes.data() + 8, 8);
        std::uint64_t mixed = (high ^ (low * 0x9E3779B97F4A7C15u));
        mixed ^= mixed >> 29;
        return mixed * 0xBF58476D1CE4E5B9u;
    }
};
