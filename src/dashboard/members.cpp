#include "dashboard/members.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <boost/json/value.hpp>
#include <cmath>

namespace pulse::dashboard {

namespace {
constexpr std::size_t max_errors = 50;  // a body may hold 100,000 unknown members; its answer need not
}

void Members::allow_only(std::initializer_list<std::string_view> names) {
    for (const auto& member : object_) {
        const std::string_view name(member.key().data(), member.key().size());
        if (std::find(names.begin(), names.end(), name) == names.end()) wrong(name, "is not known");
    }
}

void Members::require(std::string_view name) {
    if (!has(name)) wrong(name, "is required");
}

bool Members::is_null(std::string_view name) const {
    const auto* value = object_.if_contains(name);
    return value && value->is_null();
}

std::optional<std::string_view> Members::text(std::string_view name) {
    const auto* value = object_.if_contains(name);
    if (!value) return std::nullopt;
    if (const auto* text = value->if_string()) return std::string_view(text->data(), text->size());
    wrong(name, "must be a string");
    return std::nullopt;
}

std::optional<bool> Members::flag(std::string_view name) {
    const auto* value = object_.if_contains(name);
    if (!value) return std::nullopt;
    if (const auto* flag = value->if_bool()) return *flag;
    wrong(name, "must be true or false");
    return std::nullopt;
}

std::optional<std::int64_t> Members::integer(std::string_view name, std::int64_t least, std::int64_t most) {
    const auto* value = object_.if_contains(name);
    if (!value) return std::nullopt;
    const auto number = whole_number(*value);
    if (number && *number >= least && *number <= most) return number;
    wrong(name, fmt::format("must be a whole number from {} to {}", least, most));
    return std::nullopt;
}

void Members::wrong(std::string_view name, std::string message) {
    constexpr std::size_t longest_name = 100;  // a name may be a megabyte, and is cut between code points
    auto shown = std::min(name.size(), longest_name);
    while (shown < name.size() && shown > 0 && (static_cast<unsigned char>(name[shown]) & 0xC0) == 0x80)
        --shown;
    if (errors_.size() < max_errors)
        errors_.push_back({std::string(name.substr(0, shown)), std::move(message)});
}

std::optional<std::int64_t> whole_number(const boost::json::value& value) {
    if (value.is_int64()) return value.get_int64();
    if (!value.is_double()) return std::nullopt;  // nor is a uint64 here: it is beyond int64
    constexpr double exact = 9007199254740992.0;  // 2^53
    const double number = value.get_double();
    if (std::abs(number) > exact || number != std::trunc(number)) return std::nullopt;
    return static_cast<std::int64_t>(number);
}

}  // namespace pulse::dashboard
