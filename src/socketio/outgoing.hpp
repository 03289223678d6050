#pragma once
// A packet on its way out, encoded once for all its recipients. Immutable; shared between shards.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engineio/frame.hpp"
#include "socketio/packet.hpp"
#include "socketio/value.hpp"

namespace pulse::socketio {

// What the packet is the newest of (held_events.hpp); none: it is sent whatever follows.
using Slot = std::shared_ptr<const std::string>;

struct Outgoing {
    engineio::FramePtr text;
    std::vector<engineio::FramePtr> binaries;  // the attachments, which follow the text at once
    std::uint64_t position = 0;                // in the namespace's log; 0: not logged
    Slot slot{};

    std::size_t bytes() const;

    PacketType event_type() const { return binaries.empty() ? PacketType::event : PacketType::binary_event; }
    static Outgoing make(std::string_view text, const std::vector<std::string>& attachments,
                         bool compress = true, std::uint64_t position = 0);
};

// The event that a packet carries, read again from what was encoded once for all: for the few who ask.
// nullopt: it is none.
std::optional<std::pair<std::string, Args>> read_event(const Outgoing& packet);

// Throws std::invalid_argument for what must not be sent: a reserved event name, or more attachments than
// the stock client accepts. Only the application can cause it.
void check_sendable(std::string_view event, const Args& args, std::size_t max_attachments);
void check_sendable(const Args& args, std::size_t max_attachments);

}  // namespace pulse::socketio
