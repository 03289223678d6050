#include "socketio/outgoing.hpp"

#include <boost/json/serialize.hpp>
#include <stdexcept>

#include "socketio/packet.hpp"

namespace pulse::socketio {

Outgoing Outgoing::make(std::string_view text, const std::vector<std::string>& attachments, bool compress,
                        std::uint64_t position) {
    Outgoing packet{engineio::Frame::text_message(text, compress), {}, position, {}};
    packet.binaries.reserve(attachments.size());
    for (const auto& bytes : attachments)
        packet.binaries.push_back(engineio::Frame::binary_message(bytes, compress));
    return packet;
}

std::size_t Outgoing::bytes() const {
    std::size_t all = text->size();
    for (const auto& binary : binaries) all += binary->size();
    return all;
}

std::optional<std::pair<std::string, Args>> read_event(const Outgoing& packet) {
    const auto head = parse_head(packet.text->payload().substr(1), packet.binaries.size());
    if (head.has_error() || (head->type != PacketType::event && head->type != PacketType::binary_event)) {
        return std::nullopt;
    }
    auto payload = parse_payload(*head);
    if (payload.has_error()) return std::nullopt;
    Args args(std::move(payload->as_array()));
    const auto name = std::move(args.json.front());
    args.json.erase(args.json.begin());
    for (const auto& bytes : packet.binaries) args.attachments.emplace_back(bytes->payload());
    return std::pair(name.is_string() ? std::string(name.get_string()) : boost::json::serialize(name),
                     std::move(args));
}

void check_sendable(std::string_view event, const Args& args, std::size_t max_attachments) {
    if (is_reserved_event(event)) {
        throw std::invalid_argument("\"" + std::string(event) + "\" is a reserved event name");
    }
    check_sendable(args, max_attachments);
}

void check_sendable(const Args& args, std::size_t max_attachments) {
    if (args.attachments.size() > max_attachments) {
        throw std::invalid_argument("a packet may carry " + std::to_string(max_attachments) +
                                    " attachments, this one has " + std::to_string(args.attachments.size()));
    }
}

}  // namespace pulse::socketio
