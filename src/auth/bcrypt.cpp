#include "auth/bcrypt.hpp"

#include <crypt.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <memory>
#include <string>

namespace pulse::auth {
namespace {

constexpr std::size_t hash_size = 60;
constexpr std::size_t longest_phrase = 72;  // libcrypt refuses more than 511, where others cut
constexpr int cheapest = 4;
constexpr int dearest = 15;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_base64(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '/';
}

}  // namespace

bool is_bcrypt(std::string_view hash) {
    if (hash.size() != hash_size || !hash.starts_with("$2") || hash[3] != '$' || hash[6] != '$') return false;
    if (std::string_view("aby").find(hash[2]) == std::string_view::npos) return false;
    if (!is_digit(hash[4]) || !is_digit(hash[5])) return false;
    const int cost = (hash[4] - '0') * 10 + (hash[5] - '0');
    return cost >= cheapest && cost <= dearest && std::all_of(hash.begin() + 7, hash.end(), is_base64);
}

bool verify_bcrypt(std::string_view hash, std::string_view password) {
    // libcrypt reads up to the first NUL, so that a password with one would pass for its beginning.
    if (!is_bcrypt(hash) || password.find('\0') != std::string_view::npos) return false;
    const std::string setting(hash);
    std::string phrase(password.substr(0, longest_phrase));
    const auto work = std::make_unique<crypt_data>();  // 32 KiB, zeroed
    const char* made = crypt_rn(phrase.c_str(), setting.c_str(), work.get(), sizeof(crypt_data));
    const bool same = made && std::string_view(made).size() == hash_size &&
                      CRYPTO_memcmp(made, hash.data(), hash_size) == 0;
    OPENSSL_cleanse(phrase.data(), phrase.size());
    OPENSSL_cleanse(work.get(), sizeof(crypt_data));
    return same;
}

}  // namespace pulse::auth
