#include "net/accept_encoding.hpp"

#include <algorithm>

namespace pulse::net {
namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

std::string_view take_until(std::string_view& rest, char mark) {
    const auto end = std::min(rest.find(mark), rest.size());
    const auto taken = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return trimmed(taken);
}

bool is(std::string_view text, std::string_view lower) {
    return std::ranges::equal(text, lower,
                              [](char a, char b) { return (a >= 'A' && a <= 'Z' ? char(a + 32) : a) == b; });
}

// "q=0", "q=0.0", …: the weight that says no.
bool is_zero_weight(std::string_view parameter) {
    if (!is(take_until(parameter, '='), "q")) return false;
    return parameter.find_first_not_of(" \t0.") == parameter.npos;
}

// The coding's one name (RFC 9110 section 8.4.1.3).
bool names(std::string_view item, std::string_view coding) {
    return is(item, coding) || (coding == "gzip" && is(item, "x-gzip"));
}

}  // namespace

bool accepts_coding(std::string_view accept_encoding, std::string_view coding) {
    bool any = false;
    while (!accept_encoding.empty()) {
        auto item = take_until(accept_encoding, ',');
        const auto name = take_until(item, ';');
        bool allowed = true;
        while (!item.empty()) allowed = !is_zero_weight(take_until(item, ';')) && allowed;
        if (names(name, coding)) return allowed;
        if (name == "*") any = allowed;
    }
    return any;
}

}  // namespace pulse::net
