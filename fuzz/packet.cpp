// Socket.IO packets: the text, then what follows it as attachments, between bytes FF, which no UTF-8 has.
// What was accepted is the same when written again.
#include "socketio/packet.hpp"

#include <string>

#include "json_equal.hpp"
#include "promise.hpp"
#include "socketio/assembler.hpp"
#include "targets.hpp"

namespace pulse::fuzz {
namespace {

using socketio::PacketHead;
using socketio::PacketType;
namespace json = boost::json;

constexpr char separator = '\xff';

bool is_binary(PacketType type) { return type == PacketType::binary_event || type == PacketType::binary_ack; }

std::string_view take_part(std::string_view& rest) {
    const auto part = rest.substr(0, rest.find(separator));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    return part;
}

// Arguments whose attachments are only counted: what they hold does not show in the text.
socketio::Args arguments(const json::array& items, std::size_t first, std::size_t attachments) {
    socketio::Args args(json::array(items.begin() + first, items.end()));
    args.attachments.resize(attachments);
    return args;
}

// The packet's text anew; "" if it is not one that a server sends.
std::string write(const PacketHead& head, const json::value& payload) {
    switch (head.type) {
        case PacketType::event:
        case PacketType::binary_event: {
            const auto& items = payload.get_array();
            if (!items[0].is_string()) return {};
            const auto id = head.id ? std::optional(head.id->value) : std::nullopt;
            return socketio::encode_event(head.nsp, items[0].get_string(),
                                          arguments(items, 1, head.attachments), id);
        }
        case PacketType::ack:
        case PacketType::binary_ack:
            if (!head.id) return {};
            return socketio::encode_ack(head.nsp, *head.id,
                                        arguments(payload.get_array(), 0, head.attachments));
        case PacketType::disconnect:
            return socketio::encode_disconnect(head.nsp);
        case PacketType::connect:
        case PacketType::connect_error:
            break;
    }
    return {};
}

void check_written(const PacketHead& head, const json::value& payload, std::size_t most) {
    // A binary packet may have no attachments; it is written as a plain one.
    const std::string text = write(head, payload);
    if (text.empty()) return;
    const auto again = socketio::parse_head(text, most);
    promise(again.has_value(), "the head of what is written can be read");
    promise(again->nsp == head.nsp && again->attachments == head.attachments, "the head says the same");
    const auto id = [](const PacketHead& of) { return of.id ? std::optional(of.id->value) : std::nullopt; };
    if (head.type != PacketType::disconnect) promise(id(*again) == id(head), "the same id");
    const auto parsed = socketio::parse_payload(*again);
    promise(parsed.has_value(), "the payload of what is written can be read");
    promise(same(*parsed, {}, payload, {}), "the payload says the same");
}

void assemble(const PacketHead& head, json::value payload, std::string_view attachments) {
    constexpr std::size_t most_bytes = 100;
    socketio::Assembler assembler(head, std::move(payload), most_bytes);
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < head.attachments; ++i) {
        const auto part = take_part(attachments);
        bytes += part.size();
        const auto complete = assembler.add(part);
        promise(complete.has_value() == (bytes <= most_bytes), "attachments are bounded");
        if (!complete) return;
        promise(*complete == (i + 1 == head.attachments), "the last attachment completes the packet");
    }
    promise(assembler.take().attachments.size() == head.attachments, "as many attachments as were said");
}

}  // namespace

void packet(std::string_view input) {
    const std::size_t most = take_choice(input) % 16;
    const auto text = take_part(input);
    const auto head = socketio::parse_head(text, most);
    if (!head) return;
    promise(head->attachments <= most, "no more attachments than allowed");
    promise(head->nsp.starts_with('/') && head->nsp.size() <= socketio::max_namespace_name,
            "a namespace is a short path");
    auto payload = socketio::parse_payload(*head);
    if (!payload) return;
    promise(depth_of(*payload) <= 32, "no deeper than a handler may recurse");
    check_written(*head, *payload, most);
    if (is_binary(head->type) && head->attachments > 0) assemble(*head, std::move(*payload), input);
}

}  // namespace pulse::fuzz
