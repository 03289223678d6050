#pragma once
// HS256 tokens (RFC 7515, 7519) as small as the benchmark needs them: its users are "u<i>", not the UUIDs
// that pulse::auth insists on. Not for anything but measuring.
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

#include "base/base64.hpp"

namespace pulse::bench {

inline std::string hmac_sha256(std::string_view key, std::string_view text) {
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    HMAC(EVP_sha256(), key.data(), int(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
         text.size(), digest, &size);
    return {reinterpret_cast<const char*>(digest), size};
}

inline std::string sign(std::string_view secret, std::string_view claims) {
    std::string token = base64url_encode(R"({"alg":"HS256","typ":"JWT"})") + "." + base64url_encode(claims);
    const std::string signature = base64url_encode(hmac_sha256(secret, token));
    return token + "." + signature;
}

// The "sub" of a token that is signed with the secret and has not expired; "" if it names none.
inline std::optional<std::string> verify(std::string_view secret, std::string_view token) {
    const auto first = token.find('.');
    const auto second = token.rfind('.');
    if (first == std::string_view::npos || first == second) return std::nullopt;
    const auto header = base64url_decode(token.substr(0, first));
    const auto claims = base64url_decode(token.substr(first + 1, second - first - 1));
    const auto signature = base64url_decode(token.substr(second + 1));
    if (!header || !claims || !signature) return std::nullopt;
    boost::system::error_code bad;
    const auto algorithm = boost::json::parse(*header, bad);
    if (bad || !algorithm.is_object()) return std::nullopt;
    const auto* name = algorithm.get_object().if_contains("alg");
    if (!name || *name != "HS256") return std::nullopt;
    const std::string expected = hmac_sha256(secret, token.substr(0, second));
    if (signature->size() != expected.size() ||
        CRYPTO_memcmp(signature->data(), expected.data(), expected.size()) != 0) {
        return std::nullopt;
    }
    const auto said = boost::json::parse(*claims, bad);
    if (bad || !said.is_object()) return std::nullopt;
    if (const auto* exp = said.get_object().if_contains("exp")) {
        boost::system::error_code inexact;
        const auto until = exp->is_number() ? exp->to_number<double>(inexact) : 0.0;
        if (until <= double(std::time(nullptr))) return std::nullopt;
    }
    const auto* sub = said.get_object().if_contains("sub");
    if (!sub || !sub->is_string()) return std::string();
    return std::string(sub->get_string().data(), sub->get_string().size());
}

}  // namespace pulse::bench
