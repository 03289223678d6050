#pragma once
// How the text of one setting is read. Pure but for read_key_file(). Each returns nullopt, or what is
// wrong, to be read after the setting's name.
#include <charconv>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/settings_table.hpp"

namespace pulse::app {

std::string must_be(std::string_view what, std::string_view text);  // ` must be WHAT, is "TEXT"`

// Decimal digits only.
template <class Number>
Problem read_number(std::string_view text, Number low, Number high, Number& into) {
    Number value{};
    const auto* end = text.data() + text.size();
    const auto [stop, problem] = std::from_chars(text.data(), end, value);
    if (problem != std::errc{} || stop != end || value < low || value > high) {
        return must_be(std::to_string(low) + " to " + std::to_string(high), text);
    }
    into = value;
    return std::nullopt;
}

template <class Choice>
struct Named {
    std::string_view name;
    Choice choice;
};

template <class Choice, std::size_t n>
Problem read_choice(std::string_view text, const Named<Choice> (&choices)[n], Choice& into) {
    std::string names;
    for (const auto& [name, choice] : choices) {
        if (name == text) {
            into = choice;
            return std::nullopt;
        }
        names += names.empty() ? "" : ", ";
        names += name;
    }
    return must_be("one of " + names, text);
}

template <class Choice, std::size_t n>
std::string write_choice(const Named<Choice> (&choices)[n], Choice value) {
    for (const auto& [name, choice] : choices) {
        if (choice == value) return std::string(name);
    }
    return {};
}

Problem read_host(std::string_view text, std::string& host);
Problem read_database_url(std::string_view text, Database& database);
std::string write_database_url(const Database& database);
Problem read_redis_url(std::string_view text, std::string& url);
Problem read_key_file(std::string_view text, std::string& file, std::string& pem);
Problem read_origins(std::string_view text, std::vector<std::string>& origins);
Problem read_proxies(std::string_view text, CidrList& proxies);
Problem read_threads(std::string_view text, unsigned& threads);
std::string join(const std::vector<std::string>& texts);  // with commas

}  // namespace pulse::app
