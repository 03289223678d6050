#include "dashboard/text_rules.hpp"

#include <spdlog/fmt/fmt.h>

#include <boost/url/parse.hpp>
#include <boost/url/scheme.hpp>
#include <boost/url/url_view.hpp>
#include <vector>

namespace pulse::dashboard {
namespace {

struct CodePoint {
    char32_t value = 0;
    std::size_t size = 0;  // 0: not UTF-8 (RFC 3629: shortest form, no surrogates, up to U+10FFFF)
};

CodePoint first_of(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned lead = byte(0);
    if (lead < 0x80) return {lead, 1};
    const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < size) return {};
    char32_t value = lead & (0x7Fu >> size);
    for (std::size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xC0) != 0x80) return {};
        value = (value << 6) | (byte(i) & 0x3Fu);
    }
    const char32_t smallest = size == 2 ? 0x80 : size == 3 ? 0x800 : 0x10000;
    const bool surrogate = value >= 0xD800 && value <= 0xDFFF;
    if (value < smallest || value > 0x10FFFF || surrogate) return {};
    return {value, size};
}

bool is_control(char32_t c) { return c < 0x20 || (c >= 0x7F && c <= 0x9F); }

// White space and line ends as ECMAScript's trim() has them, which is what a form's author expects.
bool is_space(char32_t c) {
    return (c >= 0x09 && c <= 0x0D) || c == 0x20 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
           c == 0x3000 || c == 0xFEFF;
}

// Said in full, because a Wrong could be made from a string, too.
Result<std::string, Wrong> good(std::string_view text) { return {boost::system::in_place_value, text}; }

Wrong wrong_size(std::size_t least, std::size_t most) {
    if (least == 0) return {fmt::format("must be at most {} characters", most)};
    return {fmt::format("must be {} to {} characters", least, most)};
}

}  // namespace

std::optional<std::size_t> count_code_points(std::string_view text) {
    std::size_t count = 0;
    for (; !text.empty(); ++count) {
        const auto point = first_of(text);
        if (point.size == 0) return std::nullopt;
        text.remove_prefix(point.size);
    }
    return count;
}

Result<std::string, Wrong> checked_text(std::string_view text, std::size_t least, std::size_t most) {
    std::size_t begin = text.size();
    std::size_t end = 0;    // of the last code point that is no space
    std::size_t count = 0;  // code points from begin
    std::size_t count_to_end = 0;
    bool control = false;  // between begin and here
    bool control_to_end = false;
    for (std::size_t at = 0; at < text.size();) {
        const auto point = first_of(text.substr(at));
        if (point.size == 0) return Wrong{"must be valid UTF-8"};
        const bool space = is_space(point.value);
        if (!space && begin == text.size()) begin = at;
        if (begin != text.size()) {
            ++count;
            control = control || is_control(point.value);
        }
        at += point.size;
        if (!space) {
            end = at;
            count_to_end = count;
            control_to_end = control;
        }
    }
    if (count_to_end < least || count_to_end > most) return wrong_size(least, most);
    if (control_to_end) return Wrong{"must not contain control characters"};
    return good(count_to_end == 0 ? std::string_view() : text.substr(begin, end - begin));
}

Result<std::string, Wrong> checked_url(std::string_view text, std::size_t most) {
    const auto size = count_code_points(text);
    if (!size) return Wrong{"must be valid UTF-8"};
    if (*size == 0 || *size > most) return wrong_size(1, most);
    const auto url = boost::urls::parse_uri(boost::urls::string_view(text.data(), text.size()));
    const bool web = url && (url->scheme_id() == boost::urls::scheme::http ||
                             url->scheme_id() == boost::urls::scheme::https);
    if (!web || url->encoded_host().empty()) return Wrong{"must be an http or https URL"};
    return good(text);
}

}  // namespace pulse::dashboard
