#include "socketio/packet.hpp"

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serializer.hpp>
#include <charconv>
#include <cmath>

namespace pulse::socketio {
namespace json = boost::json;

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The leading digits of `text`, which are removed from it.
std::string_view take_digits(std::string_view& text) {
    std::size_t n = 0;
    while (n < text.size() && is_digit(text[n])) ++n;
    const auto digits = text.substr(0, n);
    text.remove_prefix(n);
    return digits;
}

template <class Number>
bool read_number(std::string_view digits, Number& out) {
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out);
    return error == std::errc() && end == digits.data() + digits.size();
}

bool is_binary(PacketType type) { return type == PacketType::binary_event || type == PacketType::binary_ack; }

// Depth is bounded by the JSON parser's limit.
bool placeholders_are_legal(const json::value& value, std::size_t count) {
    if (is_placeholder(value)) {
        const auto number = placeholder_number(value);
        return number && *number < count;
    }
    if (const auto* array = value.if_array()) {
        return std::all_of(array->begin(), array->end(),
                           [&](const json::value& item) { return placeholders_are_legal(item, count); });
    }
    if (const auto* object = value.if_object()) {
        return std::all_of(object->begin(), object->end(), [&](const json::key_value_pair& member) {
            return placeholders_are_legal(member.value(), count);
        });
    }
    return true;
}

Parsed<void> check_event(const json::value& payload) {
    const auto* array = payload.if_array();
    if (!array || array->empty()) return PacketError::wrong_payload;
    const json::value& name = array->front();
    if (name.is_number()) return {};
    if (!name.is_string()) return PacketError::wrong_payload;
    if (is_reserved_event(name.get_string())) return PacketError::reserved_event;
    return {};
}

void append_text(std::string& out, json::serializer& serializer) {
    char chunk[1024];
    while (!serializer.done()) out.append(serializer.read(chunk));
}

void append_string(std::string& out, std::string_view text) {
    json::serializer serializer;
    serializer.reset(json::string_view(text.data(), text.size()));
    append_text(out, serializer);
}

bool all_finite(const json::value& value) {
    switch (value.kind()) {
        case json::kind::double_:
            return std::isfinite(value.get_double());
        case json::kind::array:
            return std::all_of(value.get_array().begin(), value.get_array().end(), all_finite);
        case json::kind::object:
            return std::all_of(value.get_object().begin(), value.get_object().end(),
                               [](const json::key_value_pair& member) { return all_finite(member.value()); });
        default:
            return true;
    }
}

void null_what_is_not_finite(json::value& value) {
    if (value.is_double() && !std::isfinite(value.get_double())) value = nullptr;
    if (auto* array = value.if_array()) {
        for (auto& item : *array) null_what_is_not_finite(item);
    }
    if (auto* object = value.if_object()) {
        for (auto& member : *object) null_what_is_not_finite(member.value());
    }
}

void append_value(std::string& out, const json::value& value) {
    json::serializer serializer;
    if (all_finite(value)) {
        serializer.reset(&value);
        append_text(out, serializer);
        return;
    }
    // JSON has no NaN and no infinity; JavaScript's JSON.stringify writes null for them, and so do we.
    json::value finite = value;
    null_what_is_not_finite(finite);
    serializer.reset(&finite);
    append_text(out, serializer);
}

void append_namespace(std::string& out, std::string_view nsp) {
    if (nsp == "/") return;
    out += nsp;
    out += ',';
}

char digit_of(PacketType type) { return char('0' + int(type)); }

std::string begin(PacketType plain, PacketType binary, std::string_view nsp, const Args& args) {
    std::string out;
    out.reserve(256);
    if (args.attachments.empty()) {
        out += digit_of(plain);
    } else {
        out += digit_of(binary);
        out += std::to_string(args.attachments.size());
        out += '-';
    }
    append_namespace(out, nsp);
    return out;
}

void append_items(std::string& out, const json::array& items, bool first) {
    for (const auto& item : items) {
        if (!first) out += ',';
        first = false;
        append_value(out, item);
    }
    out += ']';
}

}  // namespace

std::string_view to_string(PacketError error) {
    switch (error) {
        case PacketError::unknown_type:
            return "unknown packet type";
        case PacketError::bad_attachment_count:
            return "attachment count missing or not a number";
        case PacketError::too_many_attachments:
            return "too many attachments";
        case PacketError::namespace_too_long:
            return "namespace name too long";
        case PacketError::bad_ack_id:
            return "acknowledgement id out of range";
        case PacketError::bad_json:
            return "payload is not JSON";
        case PacketError::bad_msgpack:
            return "not a packet in msgpack";
        case PacketError::wrong_payload:
            return "payload of the wrong kind";
        case PacketError::reserved_event:
            return "reserved event name";
        case PacketError::illegal_attachment:
            return "placeholder without attachment";
        case PacketError::attachments_too_large:
            return "attachments too large";
        case PacketError::unexpected_binary:
            return "binary message that no packet waits for";
        case PacketError::unexpected_text:
            return "text message where an attachment was due";
    }
    return "invalid packet";
}

Parsed<PacketHead> parse_head(std::string_view text, std::size_t max_attachments) {
    PacketHead head;
    if (text.empty() || text[0] < '0' || text[0] > '6') return PacketError::unknown_type;
    head.type = PacketType(text[0] - '0');
    text.remove_prefix(1);

    if (is_binary(head.type)) {
        const auto digits = take_digits(text);
        if (digits.empty() || text.empty() || text[0] != '-') return PacketError::bad_attachment_count;
        text.remove_prefix(1);
        if (!read_number(digits, head.attachments) || head.attachments > max_attachments) {
            return PacketError::too_many_attachments;
        }
    }
    if (!text.empty() && text[0] == '/') {
        // Clients do send "0/admin" without the comma, so the end of the text ends the name too.
        const auto comma = text.find(',');
        head.nsp = text.substr(0, comma);
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
        if (head.nsp.size() > max_namespace_name) return PacketError::namespace_too_long;
    }
    if (const auto digits = take_digits(text); !digits.empty()) {
        AckId id;
        if (digits.size() > 32 || !read_number(digits, id.value)) return PacketError::bad_ack_id;
        id.digits = std::uint8_t(digits.size());
        head.id = id;
    }
    head.json = text;
    return head;
}

Parsed<json::value> parse_payload(const PacketHead& head) {
    if (head.json.empty()) return check_payload(head.type, head.attachments, std::nullopt);
    if (head.type == PacketType::disconnect) return PacketError::wrong_payload;
    boost::system::error_code error;
    // In default storage: a copy of a Boost.JSON 1.81 value allocates where its original did, so what
    // a handler copies must not come from a buffer that ends with the call.
    auto payload = json::parse(json::string_view(head.json.data(), head.json.size()), error);
    if (error) return PacketError::bad_json;
    return check_payload(head.type, head.attachments, std::move(payload));
}

Parsed<json::value> check_payload(PacketType type, std::size_t attachments,
                                  std::optional<json::value> payload) {
    switch (type) {
        case PacketType::connect:
            if (!payload) payload = json::object();
            if (!payload->is_object()) return PacketError::wrong_payload;
            break;
        case PacketType::disconnect:
            if (payload) return PacketError::wrong_payload;
            payload = nullptr;
            break;
        case PacketType::connect_error:
            if (!payload || (!payload->is_object() && !payload->is_string())) {
                return PacketError::wrong_payload;
            }
            break;
        case PacketType::event:
        case PacketType::binary_event: {
            if (!payload) return PacketError::wrong_payload;
            const auto checked = check_event(*payload);
            if (checked.has_error()) return checked.error();
            break;
        }
        case PacketType::ack:
        case PacketType::binary_ack:
            if (!payload) payload = json::array();
            if (!payload->is_array()) return PacketError::wrong_payload;
            break;
    }
    if (is_binary(type) && !placeholders_are_legal(*payload, attachments)) {
        return PacketError::illegal_attachment;
    }
    return std::move(*payload);
}

std::string_view to_string(PacketType type) {
    switch (type) {
        case PacketType::connect:
            return "connect";
        case PacketType::disconnect:
            return "disconnect";
        case PacketType::event:
            return "event";
        case PacketType::ack:
            return "ack";
        case PacketType::connect_error:
            return "connect_error";
        case PacketType::binary_event:
            return "binary_event";
        case PacketType::binary_ack:
            return "binary_ack";
    }
    return "event";
}

bool is_reserved_event(std::string_view name) {
    static constexpr std::string_view reserved[] = {"connect",       "connect_error", "disconnect",
                                                    "disconnecting", "newListener",   "removeListener"};
    return std::find(std::begin(reserved), std::end(reserved), name) != std::end(reserved);
}

std::string encode_event(std::string_view nsp, std::string_view event, const Args& args,
                         std::optional<std::uint64_t> id) {
    std::string out = begin(PacketType::event, PacketType::binary_event, nsp, args);
    if (id) out += std::to_string(*id);
    out += '[';
    append_string(out, event);
    append_items(out, args.json, false);
    return out;
}

std::string encode_ack(std::string_view nsp, AckId id, const Args& args) {
    std::string out = begin(PacketType::ack, PacketType::binary_ack, nsp, args);
    const std::string number = std::to_string(id.value);
    if (number.size() < id.digits) out.append(id.digits - number.size(), '0');
    out += number;
    out += '[';
    append_items(out, args.json, true);
    return out;
}

std::string encode_connect(std::string_view nsp, std::string_view sid, std::string_view pid) {
    std::string out(1, digit_of(PacketType::connect));
    append_namespace(out, nsp);
    out += "{\"sid\":\"";
    out += sid;
    if (!pid.empty()) {
        out += "\",\"pid\":\"";
        out += pid;
    }
    out += "\"}";
    return out;
}

std::string encode_connect_error(std::string_view nsp, const ConnectError& error) {
    std::string out(1, digit_of(PacketType::connect_error));
    append_namespace(out, nsp);
    out += "{\"message\":";
    append_string(out, error.message);
    if (error.data) {
        out += ",\"data\":";
        append_value(out, *error.data);
    }
    out += '}';
    return out;
}

std::string encode_disconnect(std::string_view nsp) {
    std::string out(1, digit_of(PacketType::disconnect));
    append_namespace(out, nsp);
    return out;
}

}  // namespace pulse::socketio
