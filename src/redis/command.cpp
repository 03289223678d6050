#include "redis/command.hpp"

#include <charconv>

namespace pulse::redis {
namespace {

void append_number(std::string& out, char kind, std::size_t number) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
    out += kind;
    out.append(digits, end);
    out += "\r\n";
}

}  // namespace

Command::Command(std::span<const std::string_view> words) {
    std::size_t size = 16;
    for (const auto word : words) size += word.size() + 16;
    bytes_.reserve(size);
    append_number(bytes_, '*', words.size());
    for (const auto word : words) {
        append_number(bytes_, '$', word.size());
        bytes_ += word;
        bytes_ += "\r\n";
    }
}

}  // namespace pulse::redis
