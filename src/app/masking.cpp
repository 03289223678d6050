#include "app/masking.hpp"

#include <algorithm>
#include <cctype>

namespace pulse::app {
namespace {

constexpr std::string_view mask = "********";

// Replaces the values of parameters such as libpq's ?password=….
void mask_parameters(std::string& url) {
    constexpr std::string_view name = "password=";
    const auto same_letter = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
    auto from = url.begin();
    for (;;) {
        const auto found = std::search(from, url.end(), name.begin(), name.end(), same_letter);
        if (found == url.end()) return;
        const auto value = std::size_t(found - url.begin()) + name.size();
        const auto end = std::min(url.find_first_of("&#", value), url.size());
        url.replace(value, end - value, mask);
        from = url.begin() + std::ptrdiff_t(value + mask.size());
    }
}

}  // namespace

std::string mask_secret(std::string_view secret) { return secret.empty() ? "" : std::string(mask); }

std::string mask_url(std::string_view url) {
    std::string shown(url);
    if (shown.starts_with("sqlite:")) return shown;  // a path may have an '@' in it
    const auto scheme = shown.find("://");
    const auto at = shown.rfind('@');
    const auto colon = shown.find(':', scheme == shown.npos ? 0 : scheme + 3);
    if (at != shown.npos && colon < at) shown.replace(colon + 1, at - colon - 1, mask);
    mask_parameters(shown);
    return shown;
}

std::string in_quotes(std::string_view text) {
    constexpr std::size_t longest = 100;
    std::string line = "\"";
    for (const char c : text.substr(0, longest)) {
        const auto byte = static_cast<unsigned char>(c);
        line += byte < 0x20 || byte == 0x7F ? '?' : c;
    }
    return line + (text.size() > longest ? "…\"" : "\"");
}

}  // namespace pulse::app
