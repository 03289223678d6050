#pragma once
// Base64 (RFC 4648): the standard alphabet with padding for Engine.IO's binary packets (section 4), the
// URL-safe one without padding for ids and JWT (section 5). Pure; any thread.
#include <optional>
#include <string>
#include <string_view>

namespace pulse {

std::string base64_encode(std::string_view bytes);
void base64_append(std::string& out, std::string_view bytes);
// Padding may be missing, as Node's decoder allows; nothing else may be odd.
std::optional<std::string> base64_decode(std::string_view text);

std::string base64url_encode(std::string_view bytes);
std::optional<std::string> base64url_decode(std::string_view text);

}  // namespace pulse
