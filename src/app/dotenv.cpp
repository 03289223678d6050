#include "app/dotenv.hpp"

#include <fstream>
#include <iterator>
#include <system_error>
#include <utility>

namespace pulse::app {
namespace {

constexpr std::string_view blanks = " \t\r";

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(blanks);
    if (first == text.npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

bool is_name(std::string_view text) {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    constexpr std::string_view digits = "0123456789";
    if (text.empty() || digits.find(text.front()) != digits.npos) return false;
    for (const char c : text) {
        if (letters.find(c) == letters.npos && digits.find(c) == digits.npos) return false;
    }
    return true;
}

// What follows '='. The error says what is wrong with it.
Result<std::string> read_value(std::string_view text) {
    text = trim(text);
    if (!text.empty() && (text.front() == '"' || text.front() == '\'')) {
        const auto end = text.find(text.front(), 1);
        if (end == text.npos) return Error{ErrorCode::invalid, "the quotation mark is not closed"};
        const auto rest = trim(text.substr(end + 1));
        if (!rest.empty() && rest.front() != '#')
            return Error{ErrorCode::invalid, "text after the closing quotation mark"};
        return std::string(text.substr(1, end - 1));
    }
    if (!text.empty() && text.front() == '#') return std::string();
    for (auto hash = text.find('#'); hash != text.npos; hash = text.find('#', hash + 1)) {
        if (blanks.find(text[hash - 1]) != blanks.npos) return std::string(trim(text.substr(0, hash)));
    }
    return std::string(text);
}

Error at_line(std::size_t line, std::string_view problem) {
    return Error{ErrorCode::invalid, ".env line " + std::to_string(line) + ": " + std::string(problem)};
}

}  // namespace

Result<TextValues> parse_dotenv(std::string_view text) {
    constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
    if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
    TextValues values;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const auto end = text.find('\n');
        auto line = trim(text.substr(0, end));
        text.remove_prefix(end == text.npos ? text.size() : end + 1);
        if (line.empty() || line.front() == '#') continue;

        constexpr std::string_view export_word = "export";
        if (line.starts_with(export_word) && line.find_first_of(" \t") == export_word.size()) {
            line = trim(line.substr(export_word.size()));
        }
        const auto equals = line.find('=');
        const auto name = trim(line.substr(0, equals));
        if (equals == line.npos || !is_name(name)) return at_line(number, "expected NAME=value");
        auto value = read_value(line.substr(equals + 1));
        if (!value) return at_line(number, value.error().message);
        values.insert_or_assign(std::string(name), std::move(*value));
    }
    return values;
}

Result<TextValues> read_dotenv(const std::filesystem::path& file) {
    std::error_code problem;
    const auto status = std::filesystem::status(file, problem);
    if (status.type() == std::filesystem::file_type::not_found) return TextValues{};
    std::ifstream in(file, std::ios::binary);
    if (!std::filesystem::is_regular_file(status) || !in) {
        return Error{ErrorCode::invalid, file.string() + " cannot be read"};
    }
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    return parse_dotenv(text);
}

}  // namespace pulse::app
