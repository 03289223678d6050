#pragma once
// Where an entry stands in the stream: Redis's id "<milliseconds>-<number>", which grows, in one number that
// grows with it. 42 bits of milliseconds last until the year 2109; a number of more than 22 bits, which takes
// four million entries in a millisecond or a clock set back, has no position: such an entry is delivered, but
// nobody can come back to it. Pure; any thread.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pulse::socketio::redis_streams {

using Position = std::uint64_t;  // 0: before the first entry

// nullopt: no id of an entry, or one without a position.
std::optional<Position> position_of(std::string_view id);
std::string id_of(Position position);

}  // namespace pulse::socketio::redis_streams
