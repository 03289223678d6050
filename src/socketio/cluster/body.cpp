#include "socketio/cluster/body.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>

#include "socketio/packet.hpp"

namespace pulse::socketio::cluster {
namespace json = boost::json;

namespace {

constexpr std::size_t max_args_depth = 32;  // a client's

std::string text_of(const json::string& text) { return {text.data(), text.size()}; }

const json::value* member(const json::value* object, std::string_view key) {
    const auto* members = object ? object->if_object() : nullptr;
    return members ? members->if_contains(json::string_view(key.data(), key.size())) : nullptr;
}

// The type stays EVENT with binary in it too; emitters of old did write BINARY_EVENT.
bool is_event(const json::value& type) {
    return type == int(PacketType::event) || type == int(PacketType::binary_event);
}

bool is_true(const json::value* flag) { return flag && flag->is_bool() && flag->get_bool(); }

}  // namespace

std::string_view to_string(BadMessage error) {
    switch (error) {
        case BadMessage::unreadable:
            return "neither msgpack nor JSON";
        case BadMessage::wrong_shape:
            return "of another adapter's shape";
        case BadMessage::reserved_event:
            return "a reserved event name";
        case BadMessage::too_large:
            return "too large";
        case BadMessage::wrong_channel:
            return "to others than its channel is for";
    }
    return "invalid";
}

Decoded<MsgpackValue> decode_body(std::string_view bytes, std::size_t max_attachments, std::size_t around) {
    const std::size_t max_depth = max_args_depth + around;
    if (bytes.empty()) return BadMessage::unreadable;
    if (bytes[0] != '{' && bytes[0] != '[') {
        auto read = decode_msgpack(bytes, {max_depth, max_attachments});
        if (!read) return BadMessage::unreadable;
        return std::move(*read);
    }
    json::parse_options options;
    options.max_depth = max_depth;
    boost::system::error_code error;
    json::value value = json::parse(json::string_view(bytes.data(), bytes.size()), error, {}, options);
    if (error) return BadMessage::unreadable;
    return MsgpackValue{std::move(value), {}};
}

Decoded<Event> take_event(json::value& data, std::vector<std::string>& attachments) {
    auto* items = data.if_array();
    if (!items || items->empty()) return BadMessage::wrong_shape;
    const json::value name = std::move(items->front());
    if (!name.is_string() && !name.is_number()) return BadMessage::wrong_shape;
    Event event{name.is_string() ? text_of(name.get_string()) : json::serialize(name), {}};
    items->erase(items->begin());
    event.args.json = std::move(*items);
    event.args.attachments = std::move(attachments);
    return event;
}

json::value plain_json(const json::value& value, const std::vector<std::string>& attachments) {
    if (const auto number = placeholder_number(value); number && *number < attachments.size()) {
        json::array bytes;
        for (const char byte : attachments[std::size_t(*number)]) bytes.emplace_back(std::uint8_t(byte));
        return json::object{{"type", "Buffer"}, {"data", std::move(bytes)}};
    }
    if (const auto* items = value.if_array()) {
        json::array out;
        out.reserve(items->size());
        for (const auto& item : *items) out.push_back(plain_json(item, attachments));
        return out;
    }
    if (const auto* members = value.if_object()) {
        json::object out;
        for (const auto& member : *members) {
            out.emplace(member.key(), plain_json(member.value(), attachments));
        }
        return out;
    }
    if (value.is_double() && !std::isfinite(value.get_double())) return nullptr;
    return value;
}

json::array event_array(std::string_view name, const Args& args) {
    json::array items;
    items.reserve(args.size() + 1);
    items.emplace_back(json::string(name.data(), name.size()));
    for (const auto& value : args.json) items.push_back(plain_json(value, args.attachments));
    return items;
}

void write_event(MsgpackWriter& writer, std::string_view name, const Args& args) {
    writer.array(args.size() + 1).text(name);
    for (const auto& value : args.json) writer.value(value, args.attachments);
}

void write_packet(MsgpackWriter& writer, std::string_view nsp, std::string_view event, const Args& args) {
    writer.map(3).text("type").integer(int(PacketType::event)).text("data");
    write_event(writer, event, args);
    writer.text("nsp").text(nsp);
}

json::object packet_object(std::string_view nsp, std::string_view event, const Args& args) {
    return {{"type", int(PacketType::event)},
            {"data", event_array(event, args)},
            {"nsp", json::string(nsp.data(), nsp.size())}};
}

Decoded<void> take_packet(json::value& packet, std::vector<std::string>& attachments, std::string& nsp,
                          Event& event) {
    auto* members = packet.if_object();
    if (!members) return BadMessage::wrong_shape;
    const auto* type = members->if_contains("type");
    if (!type || !is_event(*type)) return BadMessage::wrong_shape;
    nsp = members->contains("nsp") ? text_member(*members, "nsp") : "/";
    auto* data = members->if_contains("data");
    if (!data) return BadMessage::wrong_shape;
    auto taken = take_event(*data, attachments);
    if (taken.has_error()) return taken.error();
    event = std::move(*taken);
    if (is_reserved_event(event.name)) return BadMessage::reserved_event;
    return {};
}

bool read_target(const json::value* opts, Target& target) {
    if (opts && !opts->is_null() && !opts->is_object()) return false;
    if (!read_names(member(opts, "rooms"), target.rooms)) return false;
    if (!read_names(member(opts, "except"), target.except)) return false;
    const auto* flags = member(opts, "flags");
    if (is_true(member(flags, "volatile"))) target.delivery = Delivery::may_drop;
    // Two of ours; Node's adapters leave them alone, and send a plain event.
    if (const auto* key = member(flags, "retain"); key && key->is_string()) {
        target.retain = true;
        target.key = text_of(key->get_string());
    }
    if (const auto* key = member(flags, "conflate"); key && key->is_string()) {
        target.delivery = Delivery::newest;
        target.key = text_of(key->get_string());
    }
    const auto* compress = member(flags, "compress");
    target.compress = !compress || compress->is_null() || is_true(compress);
    return true;
}

std::optional<Duration> read_timeout(const json::value* opts) {
    const auto* timeout = member(member(opts, "flags"), "timeout");
    if (!timeout || !timeout->is_number()) return std::nullopt;
    boost::system::error_code inexact;
    const auto ms = timeout->to_number<std::int64_t>(inexact);
    constexpr std::int64_t longest = 3'600'000;
    if (inexact || ms < 0 || ms > longest) return std::nullopt;
    return std::chrono::milliseconds(ms);
}

json::object target_object(const Target& target) {
    return {{"rooms", name_array(target.rooms)}, {"except", name_array(target.except)}};
}

json::object flags_object(const Target& target) {
    json::object flags;
    if (target.delivery == Delivery::may_drop) flags["volatile"] = true;
    if (target.delivery == Delivery::newest) flags["conflate"] = target.key;
    if (target.retain) flags["retain"] = target.key;
    if (!target.compress) flags["compress"] = false;
    return flags;
}

void write_target(MsgpackWriter& writer, const Target& target, std::optional<Duration> timeout) {
    const auto write_names = [&](std::string_view key, const std::vector<std::string>& names) {
        writer.text(key).array(names.size());
        for (const auto& name : names) writer.text(name);
    };
    const bool may_drop = target.delivery == Delivery::may_drop;
    const bool newest = target.delivery == Delivery::newest;
    writer.map(3);
    write_names("rooms", target.rooms);
    write_names("except", target.except);
    writer.text("flags").map(std::size_t(may_drop) + std::size_t(newest) + std::size_t(target.retain) +
                             std::size_t(!target.compress) + std::size_t(timeout.has_value()));
    if (may_drop) writer.text("volatile").boolean(true);
    if (newest) writer.text("conflate").text(target.key);
    if (target.retain) writer.text("retain").text(target.key);
    if (!target.compress) writer.text("compress").boolean(false);
    if (timeout) writer.text("timeout").integer(*timeout / std::chrono::milliseconds(1));
}

bool read_names(const json::value* names, std::vector<std::string>& out) {
    if (!names || names->is_null()) return true;
    const auto* items = names->if_array();
    if (!items) return false;
    out.reserve(items->size());
    for (const auto& name : *items) {
        if (!name.is_string() && !name.is_number()) return false;
        out.push_back(name.is_string() ? text_of(name.get_string()) : json::serialize(name));
    }
    return true;
}

json::array name_array(const std::vector<std::string>& names) {
    json::array out;
    out.reserve(names.size());
    for (const auto& name : names) out.emplace_back(json::string(name.data(), name.size()));
    return out;
}

std::string text_member(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(json::string_view(key.data(), key.size()));
    return value && value->is_string() ? text_of(value->get_string()) : std::string();
}

}  // namespace pulse::socketio::cluster
