#include "net/http_message.hpp"

#include <algorithm>

namespace pulse::net {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c + ('a' - 'A')) : c; }

bool equal_without_case(std::string_view a, std::string_view b) {
    return a.size() == b.size() &&
           std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t");
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

// Cuts the part before `separator` off the front of `rest`.
std::string_view take_until(std::string_view& rest, char separator) {
    const auto end = rest.find(separator);
    const auto part = rest.substr(0, end);
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    return part;
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (lower(c) >= 'a' && lower(c) <= 'f') return lower(c) - 'a' + 10;
    return -1;
}

// What is no valid escape stays as it is: a query is the peer's text, not a format that can be wrong.
std::string decode(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%' && text.size() - i > 2 && hex_digit(text[i + 1]) >= 0 &&
            hex_digit(text[i + 2]) >= 0) {
            out += char(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
            i += 2;
        } else {
            out += text[i] == '+' ? ' ' : text[i];
        }
    }
    return out;
}

}  // namespace

void Headers::add(std::string_view name, std::string_view value) {
    const Span span{std::uint32_t(text_.size()), std::uint32_t(name.size()),
                    std::uint32_t(text_.size() + name.size()), std::uint32_t(value.size())};
    std::transform(name.begin(), name.end(), std::back_inserter(text_), lower);
    text_.append(value);
    spans_.push_back(span);
}

void Headers::reserve(std::size_t fields, std::size_t bytes) {
    spans_.reserve(fields);
    text_.reserve(bytes);
}

std::optional<std::string_view> Headers::find(std::string_view name) const {
    for (std::size_t i = 0; i < spans_.size(); ++i) {
        if (spans_[i].name_size == name.size() && (*this)[i].first == name) return (*this)[i].second;
    }
    return std::nullopt;
}

bool Headers::has_token(std::string_view name, std::string_view token) const {
    for (std::size_t i = 0; i < spans_.size(); ++i) {
        if ((*this)[i].first != name) continue;
        for (auto rest = (*this)[i].second; !rest.empty();) {
            if (equal_without_case(trimmed(take_until(rest, ',')), token)) return true;
        }
    }
    return false;
}

std::pair<std::string_view, std::string_view> Headers::operator[](std::size_t i) const {
    const std::string_view text = text_;
    const Span& span = spans_[i];
    return {text.substr(span.name_begin, span.name_size), text.substr(span.value_begin, span.value_size)};
}

std::string_view Request::path() const { return std::string_view(target).substr(0, target.find('?')); }

std::string_view Request::query() const {
    const auto mark = target.find('?');
    return mark == target.npos ? std::string_view() : std::string_view(target).substr(mark + 1);
}

std::optional<std::string_view> Request::cookie(std::string_view name) const {
    // HTTP/2 gateways may split one Cookie field into several (RFC 9113 section 8.2.3).
    for (std::size_t i = 0; i < headers.size(); ++i) {
        auto [field, rest] = headers[i];
        if (field != "cookie") continue;
        while (!rest.empty()) {
            auto value = take_until(rest, ';');
            if (value.find('=') == value.npos || trimmed(take_until(value, '=')) != name) continue;
            value = trimmed(value);
            if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
                value = value.substr(1, value.size() - 2);
            }
            return value;
        }
    }
    return std::nullopt;
}

std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query) {
    std::vector<std::pair<std::string, std::string>> pairs;
    while (!query.empty()) {
        auto value = take_until(query, '&');
        if (value.empty()) continue;
        const auto name = take_until(value, '=');
        pairs.emplace_back(decode(name), decode(value));
    }
    return pairs;
}

std::optional<std::string> query_value(std::string_view query, std::string_view name) {
    while (!query.empty()) {
        auto value = take_until(query, '&');
        if (value.empty()) continue;
        const auto key = take_until(value, '=');
        if (key == name || decode(key) == name) return decode(value);
    }
    return std::nullopt;
}

}  // namespace pulse::net
