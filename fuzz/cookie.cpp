// Cookie fields, each line of the input one: what is found is what a plain reading of RFC 6265 finds.
#include <string>

#include "net/http_message.hpp"
#include "promise.hpp"
#include "targets.hpp"

namespace pulse::fuzz {
namespace {

std::string_view take_until(std::string_view& rest, char end) {
    const auto part = rest.substr(0, rest.find(end));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    return part;
}

std::string trimmed(std::string_view text) {
    std::string out(text);
    while (!out.empty() && (out.back() == ' ' || out.back() == '\t')) out.pop_back();
    while (!out.empty() && (out.front() == ' ' || out.front() == '\t')) out.erase(0, 1);
    return out;
}

std::optional<std::string> plainly(std::string_view fields, std::string_view name) {
    while (!fields.empty()) {
        auto pairs = take_until(fields, '\n');
        while (!pairs.empty()) {
            const auto pair = take_until(pairs, ';');
            const auto equals = pair.find('=');
            if (equals == pair.npos || trimmed(pair.substr(0, equals)) != name) continue;
            auto value = trimmed(pair.substr(equals + 1));
            const bool quoted = value.size() > 1 && value.front() == '"' && value.back() == '"';
            return quoted ? value.substr(1, value.size() - 2) : value;
        }
    }
    return std::nullopt;
}

void check(const net::Request& request, std::string_view fields, std::string_view name) {
    const auto found = request.cookie(name);
    promise(found == plainly(fields, name), "a cookie is the first of its name");
    if (found) promise(found->find(';') == found->npos, "a cookie ends where the next begins");
}

}  // namespace

void cookie(std::string_view input) {
    net::Request request;
    for (auto rest = input; !rest.empty();) request.headers.add("Cookie", take_until(rest, '\n'));
    check(request, input, "access_token");
    check(request, input, "");
    for (auto rest = input; !rest.empty();) {
        auto pair = take_until(rest, ';');
        check(request, input, trimmed(take_until(pair, '=')));
    }
    // A proxy may put its own before and behind ours.
    net::Request behind;
    behind.headers.add("cookie", "a=1; b=\"2\"");
    for (auto rest = input; !rest.empty();) behind.headers.add("cookie", take_until(rest, '\n'));
    promise(behind.cookie("b") == "2", "what comes later takes nothing away");
    promise(behind.cookie("access_token") == request.cookie("access_token"), "nor does what comes before");
}

}  // namespace pulse::fuzz
