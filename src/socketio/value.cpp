#include "socketio/value.hpp"

#include <boost/json/object.hpp>

namespace pulse::socketio {

boost::json::value Args::attach(std::string bytes) {
    boost::json::object placeholder;
    placeholder["_placeholder"] = true;
    placeholder["num"] = attachments.size();
    attachments.push_back(std::move(bytes));
    return placeholder;
}

std::optional<std::string_view> Args::binary(const boost::json::value& value) const {
    const auto number = placeholder_number(value);
    if (!number || *number >= attachments.size()) return std::nullopt;
    return attachments[std::size_t(*number)];
}

bool is_placeholder(const boost::json::value& value) {
    const auto* object = value.if_object();
    if (!object) return false;
    const auto* mark = object->if_contains("_placeholder");
    return mark && mark->is_bool() && mark->get_bool();
}

std::optional<std::uint64_t> placeholder_number(const boost::json::value& value) {
    if (!is_placeholder(value)) return std::nullopt;
    const auto* number = value.get_object().if_contains("num");
    if (!number || !number->is_number()) return std::nullopt;
    boost::system::error_code inexact;
    const auto exact = number->to_number<std::uint64_t>(inexact);
    if (inexact) return std::nullopt;
    return exact;
}

}  // namespace pulse::socketio
