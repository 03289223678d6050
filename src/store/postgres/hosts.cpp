#include "store/postgres/hosts.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string_view>

namespace pulse::store::postgres {
namespace {

std::vector<std::string> split(const std::string& list) {
    std::vector<std::string> parts;
    std::size_t begin = 0;
    while (true) {
        const auto comma = list.find(',', begin);
        parts.push_back(list.substr(begin, comma - begin));
        if (comma == std::string::npos) return parts;
        begin = comma + 1;
    }
}

std::string value_of(const ConnectionParameters& parameters, std::string_view name) {
    for (const auto& [key, value] : parameters)
        if (key == name) return value;
    return {};
}

void put(ConnectionParameters& parameters, const std::string& name, const std::string& value) {
    std::erase_if(parameters, [&](const auto& one) { return one.first == name; });
    if (!value.empty()) parameters.emplace_back(name, value);
}

ConnectionParameters parsed(const std::string& url) {
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
        PQconninfoParse(url.c_str(), nullptr), &PQconninfoFree);
    if (!options) throw std::invalid_argument("not a connection string of PostgreSQL");
    ConnectionParameters parameters;
    for (const auto* option = options.get(); option->keyword; ++option)
        if (option->val && *option->val) parameters.emplace_back(option->keyword, option->val);
    return parameters;
}

}  // namespace

std::vector<ConnectionParameters> attempts_of(const std::string& url, const ConnectionParameters& defaults,
                                              const ConnectionParameters& demands) {
    auto all = parsed(url);
    for (const auto& [name, value] : defaults)
        if (value_of(all, name).empty()) put(all, name, value);
    for (const auto& [name, value] : demands) put(all, name, value);

    const auto hosts = split(value_of(all, "host"));
    const auto addresses = split(value_of(all, "hostaddr"));
    const auto ports = split(value_of(all, "port"));
    const auto count = std::max(hosts.size(), addresses.size());
    const auto fits = [&](const auto& list) { return list.size() == 1 || list.size() == count; };
    // What does not match is for libpq to complain of.
    if (count == 1 || !fits(ports)) return {all};
    if (hosts.size() != count && !value_of(all, "host").empty()) return {all};
    if (addresses.size() != count && !value_of(all, "hostaddr").empty()) return {all};

    std::vector<ConnectionParameters> attempts;
    const bool standby_first = value_of(all, "target_session_attrs") == "prefer-standby";
    for (const char* wanted : {"standby", "any"}) {
        for (std::size_t i = 0; i < count; ++i) {
            auto& one = attempts.emplace_back(all);
            put(one, "host", hosts.size() == count ? hosts[i] : "");
            put(one, "hostaddr", addresses.size() == count ? addresses[i] : "");
            put(one, "port", ports.size() == count ? ports[i] : ports[0]);
            if (standby_first) put(one, "target_session_attrs", wanted);
        }
        if (!standby_first) break;
    }
    return attempts;
}

}  // namespace pulse::store::postgres
