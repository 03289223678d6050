#pragma once
// What an event carries: JSON, with binary anywhere in it. Binary values stand in `attachments`; in the
// JSON a placeholder stands for each, made by attach() (Socket.IO protocol 5, "binary attachments").
#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace pulse::socketio {

struct Args {
    boost::json::array json;               // the arguments; of an event: after its name
    std::vector<std::string> attachments;  // binary values, in the order of their placeholders' numbers

    Args() = default;
    explicit Args(boost::json::array values) : json(std::move(values)) {}

    std::size_t size() const { return json.size(); }
    const boost::json::value& operator[](std::size_t i) const { return json[i]; }

    // Keeps the bytes and returns the placeholder to put anywhere into `json`.
    boost::json::value attach(std::string bytes);
    // The bytes that `value` stands for, or nullopt if it is no placeholder of these arguments.
    std::optional<std::string_view> binary(const boost::json::value& value) const;
};

// An object whose "_placeholder" is true, whatever its "num".
bool is_placeholder(const boost::json::value& value);
// The "num" of a placeholder if it is a whole number from 0; nullopt for anything else.
std::optional<std::uint64_t> placeholder_number(const boost::json::value& value);

}  // namespace pulse::socketio
