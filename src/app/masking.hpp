#pragma once
// What may be shown of values that hold secrets. Pure.
#include <string>
#include <string_view>

namespace pulse::app {

std::string mask_secret(std::string_view secret);  // an empty one stays empty

// A URL without its password, be it before the '@' or a parameter. Rather masks too much than too little:
// a password with '@' or '/' in it is no right URL but still a password.
std::string mask_url(std::string_view url);

// In quotation marks, on one line and of bounded length, for an error message.
std::string in_quotes(std::string_view text);

}  // namespace pulse::app
