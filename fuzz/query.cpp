// The query of a request's target, and what Engine.IO reads in it.
#include <optional>
#include <string>

#include "engineio/verify.hpp"
#include "net/http_message.hpp"
#include "promise.hpp"
#include "targets.hpp"

namespace pulse::fuzz {
namespace {

using Pairs = std::vector<std::pair<std::string, std::string>>;

void append_escaped(std::string& out, std::string_view text) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    for (const char c : text) {
        out += '%';
        out += digits[std::uint8_t(c) >> 4];
        out += digits[std::uint8_t(c) & 15];
    }
}

std::string write(const Pairs& pairs) {
    std::string out;
    for (const auto& [name, value] : pairs) {
        if (!out.empty()) out += '&';
        append_escaped(out, name);
        out += '=';
        append_escaped(out, value);
    }
    return out;
}

std::optional<std::string> first_of(const Pairs& pairs, std::string_view name) {
    for (const auto& pair : pairs) {
        if (pair.first == name) return pair.second;
    }
    return std::nullopt;
}

}  // namespace

void query(std::string_view input) {
    net::Request request{.method = "GET", .target = std::string(input)};
    const auto query = request.query();
    promise(request.path().size() + query.size() + (request.path().size() < input.size()) == input.size(),
            "a target is its path, a mark and its query");
    const auto pairs = net::parse_query(query);
    std::size_t bytes = 0;
    for (const auto& [name, value] : pairs) {
        bytes += name.size() + value.size();
        promise(net::query_value(query, name) == first_of(pairs, name), "the first of a name counts");
    }
    promise(bytes <= query.size(), "decoding does not grow");
    promise(net::parse_query(write(pairs)) == pairs, "what is escaped reads the same");

    const engineio::Options options;
    const auto facts = engineio::facts_of(request, false, options);
    promise(facts.sid == first_of(pairs, "sid"), "the session is the one the query names");
    promise(facts.version_4 == (first_of(pairs, "EIO") == "4"), "so is the protocol's version");
    const auto refused = engineio::verify_request(request, facts, options);
    promise(refused.has_value() || facts.transport.has_value(), "nobody gets in without a transport");
}

}  // namespace pulse::fuzz
