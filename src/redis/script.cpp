#include "redis/script.hpp"

#include <openssl/sha.h>

#include <array>
#include <vector>

namespace pulse::redis {

std::string sha1_hex(std::string_view data) {
    std::array<unsigned char, SHA_DIGEST_LENGTH> digest{};
    SHA1(reinterpret_cast<const unsigned char*>(data.data()), data.size(), digest.data());
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    hex.reserve(2 * digest.size());
    for (const unsigned char byte : digest) {
        hex += digits[byte >> 4];
        hex += digits[byte & 15];
    }
    return hex;
}

Script::Script(std::string_view text) : text_(text), sha1_(sha1_hex(text)) {}

Command Script::command(std::string_view verb, std::string_view what, Arguments keys, Arguments args) {
    const std::string count = std::to_string(keys.size());
    std::vector<std::string_view> words{verb, what, count};
    words.insert(words.end(), keys.begin(), keys.end());
    words.insert(words.end(), args.begin(), args.end());
    return Command(words);
}

}  // namespace pulse::redis
