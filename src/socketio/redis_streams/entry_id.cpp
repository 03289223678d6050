#include "socketio/redis_streams/entry_id.hpp"

#include <charconv>

namespace pulse::socketio::redis_streams {
namespace {

constexpr unsigned number_bits = 22;
constexpr std::uint64_t largest_number = (std::uint64_t(1) << number_bits) - 1;
constexpr std::uint64_t latest = (std::uint64_t(1) << (64 - number_bits)) - 1;

// All of `text`, and nothing but digits.
std::optional<std::uint64_t> read(std::string_view text, std::uint64_t most) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number > most) return std::nullopt;
    return number;
}

}  // namespace

std::optional<Position> position_of(std::string_view id) {
    const auto dash = id.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto time = read(id.substr(0, dash), latest);
    const auto number = read(id.substr(dash + 1), largest_number);
    if (!time || !number) return std::nullopt;
    return *time << number_bits | *number;
}

std::string id_of(Position position) {
    return std::to_string(position >> number_bits) + '-' + std::to_string(position & largest_number);
}

}  // namespace pulse::socketio::redis_streams
