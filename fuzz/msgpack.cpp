// msgpack from other nodes and clients: memory in proportion to the bytes, and what was accepted is the same
// when written again.
#include "socketio/msgpack.hpp"

#include "json_equal.hpp"
#include "promise.hpp"
#include "targets.hpp"

namespace pulse::fuzz {

void msgpack(std::string_view input) {
    const auto choice = take_choice(input);
    const socketio::MsgpackLimits limits{.depth = std::size_t(choice % 36),
                                         .attachments = std::size_t(choice / 36)};
    const auto read = socketio::decode_msgpack(input, limits);
    if (!read) return;
    // Every value is at least a byte, and what stands for binary has two more of its own.
    promise(count_values(read->value) <= 3 * input.size(), "no more values than bytes");
    promise(depth_of(read->value) <= limits.depth + 1, "no deeper than allowed");
    promise(read->attachments.size() <= limits.attachments, "no more attachments than allowed");
    const auto written = socketio::MsgpackWriter().value(read->value, read->attachments).take();
    const auto again = socketio::decode_msgpack(written, limits);
    promise(again.has_value(), "what is written can be read");
    promise(same(read->value, read->attachments, again->value, again->attachments), "and says the same");
}

}  // namespace pulse::fuzz
