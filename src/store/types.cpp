#include "store/types.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace pulse::store {
namespace {

constexpr std::array<std::pair<Role, std::string_view>, 4> roles{{
    {Role::tenant, "tenant"},
    {Role::landlord, "landlord"},
    {Role::broker, "broker"},
    {Role::service, "service"},
}};

constexpr std::array<std::pair<BusinessStatus, std::string_view>, 3> statuses{{
    {BusinessStatus::active, "active"},
    {BusinessStatus::pending_verification, "pending_verification"},
    {BusinessStatus::stealth_mode, "stealth_mode"},
}};

template <class Table>
auto parse(const Table& table, std::string_view text) {
    using Value = decltype(table[0].first);
    for (const auto& [value, name] : table) {
        if (name == text) return std::optional<Value>(value);
    }
    return std::optional<Value>();
}

template <class Table, class Value>
std::string_view name_of(const Table& table, Value value) {
    for (const auto& [known, name] : table) {
        if (known == value) return name;
    }
    return {};
}

}  // namespace

std::optional<Role> parse_role(std::string_view text) { return parse(roles, text); }
std::string_view to_string(Role role) { return name_of(roles, role); }

std::optional<BusinessStatus> parse_status(std::string_view text) { return parse(statuses, text); }
std::string_view to_string(BusinessStatus status) { return name_of(statuses, status); }

}  // namespace pulse::store
