#include "socketio/redis_streams/stream_state.hpp"

#include <charconv>

namespace pulse::socketio::redis_streams {
namespace {

// An id without a position counts as the last possible one: what is compared with it is older.
Position position_or_last(std::string_view id) { return position_of(id).value_or(~Position(0)); }

}  // namespace

std::optional<StreamState> read_state(const redis::Reply& reply) {
    if (!reply.is_list() || reply.list.size() % 2 != 0) return std::nullopt;
    StreamState state;
    std::int64_t length = -1;
    std::int64_t added = -2;
    bool complete = false;
    for (std::size_t i = 0; i + 1 < reply.list.size(); i += 2) {
        const std::string_view name = reply.list[i].text;
        const redis::Reply& value = reply.list[i + 1];
        if (name == "length") length = value.integer;
        if (name == "entries-added") added = value.integer;
        if (name == "last-generated-id" && value.is_text()) {
            state.last_id = value.text;
            state.last = position_or_last(value.text);
            complete = true;
        }
        if (name == "first-entry" && value.is_list() && !value.list.empty()) {
            state.first = position_or_last(value.list[0].text);
        }
    }
    if (!complete || length < 0) return std::nullopt;
    state.whole = length == added;
    // An empty stream that had entries: nothing is left of them.
    if (length == 0) state.first = state.last;
    return state;
}

std::optional<Entry> read_entry(const redis::Reply& reply) {
    if (!reply.is_list() || reply.list.size() != 2 || !reply.list[0].is_text()) return std::nullopt;
    Entry entry;
    entry.id = reply.list[0].text;
    const auto& fields = reply.list[1].list;  // none if it was deleted
    for (std::size_t i = 0; i + 1 < fields.size(); i += 2) {
        const std::string_view name = fields[i].text;
        const std::string_view value = fields[i + 1].text;
        if (name == "uid") entry.uid = value;
        if (name == "nsp") entry.nsp = value;
        if (name == "type") entry.type = value;
        if (name == "data") entry.data = value;
        if (name == "number") {
            std::uint64_t number = 0;
            const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
            if (error == std::errc() && end == value.data() + value.size()) entry.number = number;
        }
    }
    return entry;
}

const std::vector<redis::Reply>* entries_read(const redis::Reply& reply) {
    if (!reply.is_list() || reply.list.size() != 1) return nullptr;
    const auto& stream = reply.list[0];
    if (!stream.is_list() || stream.list.size() != 2 || !stream.list[1].is_list()) return nullptr;
    return &stream.list[1].list;
}

}  // namespace pulse::socketio::redis_streams
