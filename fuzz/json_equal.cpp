#include "json_equal.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>

#include "socketio/value.hpp"

namespace pulse::fuzz {
namespace json = boost::json;

namespace {

bool nothing(const json::value& value) {
    return value.is_null() || (value.is_double() && !std::isfinite(value.get_double()));
}

bool same_number(double a, double b) {
    return a == b || std::abs(a - b) <= 1e-12 * std::max(std::abs(a), std::abs(b)) ||
           std::max(std::abs(a), std::abs(b)) < 1e-300;
}

const std::string* binary_of(const json::value& value, const std::vector<std::string>& attachments) {
    const auto number = socketio::placeholder_number(value);
    return number && *number < attachments.size() ? &attachments[std::size_t(*number)] : nullptr;
}

}  // namespace

bool same(const json::value& a, const std::vector<std::string>& attachments_a, const json::value& b,
          const std::vector<std::string>& attachments_b) {
    const auto* bytes_a = binary_of(a, attachments_a);
    const auto* bytes_b = binary_of(b, attachments_b);
    if (bytes_a || bytes_b) return bytes_a && bytes_b && *bytes_a == *bytes_b;
    if (nothing(a) || nothing(b)) return nothing(a) && nothing(b);
    if (a.is_double() && b.is_double()) return same_number(a.get_double(), b.get_double());
    if (a.is_array() && b.is_array()) {
        const auto equal = [&](const json::value& x, const json::value& y) {
            return same(x, attachments_a, y, attachments_b);
        };
        const auto& items_a = a.get_array();
        const auto& items_b = b.get_array();
        return std::equal(items_a.begin(), items_a.end(), items_b.begin(), items_b.end(), equal);
    }
    if (a.is_object() && b.is_object()) {
        const auto& members_b = b.get_object();
        return a.get_object().size() == members_b.size() &&
               std::ranges::all_of(a.get_object(), [&](const json::key_value_pair& member) {
                   const auto* other = members_b.if_contains(member.key());
                   return other && same(member.value(), attachments_a, *other, attachments_b);
               });
    }
    return a == b;
}

std::size_t count_values(const json::value& value) {
    std::size_t count = 1;
    if (const auto* items = value.if_array()) {
        for (const auto& item : *items) count += count_values(item);
    }
    if (const auto* members = value.if_object()) {
        for (const auto& member : *members) count += count_values(member.value());
    }
    return count;
}

std::size_t depth_of(const json::value& value) {
    std::size_t depth = 0;
    if (const auto* items = value.if_array()) {
        for (const auto& item : *items) depth = std::max(depth, depth_of(item));
        return depth + 1;
    }
    if (const auto* members = value.if_object()) {
        for (const auto& member : *members) depth = std::max(depth, depth_of(member.value()));
        return depth + 1;
    }
    return depth;
}

}  // namespace pulse::fuzz
