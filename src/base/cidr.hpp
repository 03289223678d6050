#pragma once
// Which addresses are meant by a list such as "127.0.0.0/8,::1" (TRUSTED_PROXIES). Pure; any thread.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pulse {

class CidrList {
public:
    // Comma-separated IPv4 and IPv6 addresses, each with an optional /prefix; spaces around them are
    // ignored and an empty list contains nothing. nullopt: one of them is no such thing.
    static std::optional<CidrList> parse(std::string_view text);

    // False for what is no address. An IPv4 address counts the same when it comes mapped into IPv6
    // (::ffff:127.0.0.1), as a socket that listens for both reports it; a zone (%eth0) is ignored.
    bool contains(std::string_view address) const;

    bool empty() const { return ranges_.empty(); }
    std::string to_string() const;  // as parse() reads it
    bool operator==(const CidrList&) const = default;

private:
    struct Range {
        std::array<std::uint8_t, 16> network{};  // IPv4 as mapped into IPv6
        std::uint8_t prefix = 128;
        bool operator==(const Range&) const = default;
    };
    static std::optional<Range> parse_range(std::string_view text);
    std::vector<Range> ranges_;
};

}  // namespace pulse
