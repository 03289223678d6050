#include "base/cidr.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace pulse {
namespace {

using Address = std::array<std::uint8_t, 16>;

constexpr Address mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr unsigned mapped_bits = 96;

bool is_mapped(const Address& address) {
    return std::equal(mapped_prefix.begin(), mapped_prefix.begin() + 12, address.begin());
}

std::optional<Address> parse_address(std::string_view text) {
    char buffer[INET6_ADDRSTRLEN + 1];
    if (text.empty() || text.size() >= sizeof buffer || text.find('\0') != text.npos) return std::nullopt;
    std::memcpy(buffer, text.data(), text.size());
    buffer[text.size()] = '\0';
    Address address{};
    if (inet_pton(AF_INET6, buffer, address.data()) == 1) return address;
    address = mapped_prefix;
    if (inet_pton(AF_INET, buffer, address.data() + 12) == 1) return address;
    return std::nullopt;
}

void keep_prefix(Address& address, unsigned bits) {
    for (unsigned i = 0; i < 16; ++i) {
        const unsigned kept = bits <= i * 8 ? 0 : std::min(8u, bits - i * 8);
        address[i] = std::uint8_t(address[i] & (0xFF00u >> kept));
    }
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

}  // namespace

std::optional<CidrList::Range> CidrList::parse_range(std::string_view text) {
    const auto slash = text.find('/');
    const auto address = parse_address(text.substr(0, slash));
    if (!address) return std::nullopt;
    Range range{*address, 128};
    if (slash != text.npos) {
        const auto digits = text.substr(slash + 1);
        // The notation decides which prefix is meant: /8 of an IPv4 address is /104 of the mapped one.
        const bool v4 = text.substr(0, slash).find(':') == text.npos;
        unsigned prefix = 0;
        const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), prefix);
        if (problem != std::errc{} || end != digits.data() + digits.size() || prefix > (v4 ? 32u : 128u)) {
            return std::nullopt;
        }
        range.prefix = std::uint8_t(prefix + (v4 ? mapped_bits : 0));
    }
    keep_prefix(range.network, range.prefix);
    return range;
}

std::optional<CidrList> CidrList::parse(std::string_view text) {
    CidrList list;
    if (trim(text).empty()) return list;
    for (;;) {
        const auto comma = text.find(',');
        const auto range = parse_range(trim(text.substr(0, comma)));
        if (!range) return std::nullopt;
        list.ranges_.push_back(*range);
        if (comma == text.npos) return list;
        text.remove_prefix(comma + 1);
    }
}

bool CidrList::contains(std::string_view text) const {
    const auto parsed = parse_address(text.substr(0, text.find('%')));
    if (!parsed) return false;
    return std::any_of(ranges_.begin(), ranges_.end(), [&](const Range& range) {
        auto network = *parsed;
        keep_prefix(network, range.prefix);
        return network == range.network;
    });
}

std::string CidrList::to_string() const {
    std::string text;
    for (const auto& range : ranges_) {
        const bool v4 = range.prefix >= mapped_bits && is_mapped(range.network);
        char buffer[INET6_ADDRSTRLEN];
        inet_ntop(v4 ? AF_INET : AF_INET6, range.network.data() + (v4 ? 12 : 0), buffer, sizeof buffer);
        if (!text.empty()) text += ',';
        text += buffer;
        if (range.prefix != 128) text += "/" + std::to_string(range.prefix - (v4 ? mapped_bits : 0));
    }
    return text;
}

}  // namespace pulse
