#pragma once
// What the messages between nodes have in common: a body is msgpack or JSON text, told apart by its first
// byte, and its parts are read without trusting any of them. Pure; any thread.
#include <boost/json/object.hpp>
#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "socketio/msgpack.hpp"
#include "socketio/namespace.hpp"

namespace pulse::socketio::cluster {

// How broadcasts are written: Node's `parser` option. Both are read, whatever is chosen.
enum class Encoding { msgpack, json };

enum class BadMessage {
    unreadable,   // neither msgpack nor JSON
    wrong_shape,  // of another kind of adapter, or nonsense
    reserved_event,
    too_large,
    wrong_channel,  // to others than the channel is for
};
std::string_view to_string(BadMessage error);
template <class T>
using Decoded = boost::system::result<T, BadMessage>;

// `around`: how many arrays and maps stand around the arguments: the message, its packet and its data.
Decoded<MsgpackValue> decode_body(std::string_view bytes, std::size_t max_attachments,
                                  std::size_t around = 3);

// An event as packets carry it: [name, ...args].
struct Event {
    std::string name;
    Args args;
};
// Takes it out of a value, with the body's attachments.
Decoded<Event> take_event(boost::json::value& data, std::vector<std::string>& attachments);
// As JSON.stringify writes it: a Buffer is an object with its bytes, what is not finite is null.
boost::json::value plain_json(const boost::json::value& value, const std::vector<std::string>& attachments);
boost::json::array event_array(std::string_view name, const Args& args);
void write_event(MsgpackWriter& writer, std::string_view name, const Args& args);

// An event's packet: {type, data, nsp}.
void write_packet(MsgpackWriter& writer, std::string_view nsp, std::string_view event, const Args& args);
boost::json::object packet_object(std::string_view nsp, std::string_view event, const Args& args);
// Fills nsp and event from it.
Decoded<void> take_packet(boost::json::value& packet, std::vector<std::string>& attachments, std::string& nsp,
                          Event& event);

// {rooms, except, flags}: each may be missing or nil. False: they are something else.
bool read_target(const boost::json::value* opts, Target& target);
// The flags' `timeout`, if they have one.
std::optional<Duration> read_timeout(const boost::json::value* opts);
boost::json::object target_object(const Target& target);  // without flags
boost::json::object flags_object(const Target& target);
void write_target(MsgpackWriter& writer, const Target& target,
                  std::optional<Duration> timeout = std::nullopt);

// Names in an array; numbers count as their text (Node's rooms may be numbers). Missing or nil: none.
bool read_names(const boost::json::value* names, std::vector<std::string>& out);
boost::json::array name_array(const std::vector<std::string>& names);
// A member that is text; "" if it is missing or something else.
std::string text_member(const boost::json::object& object, std::string_view key);

}  // namespace pulse::socketio::cluster
