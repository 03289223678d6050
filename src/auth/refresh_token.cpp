#include "auth/refresh_token.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <span>
#include <stdexcept>

#include "base/base64.hpp"
#include "base/random.hpp"

namespace pulse::auth {
namespace {

constexpr std::size_t id_size = 16;
constexpr std::size_t random_size = 32;
constexpr std::size_t code_size = 16;  // half of HMAC-SHA256: RFC 2104 section 5 allows no less
constexpr std::size_t signed_size = id_size + random_size;
using Bytes = std::array<unsigned char, signed_size + code_size>;

using Code = std::array<unsigned char, 32>;

Code hmac(std::span<const unsigned char> key, std::span<const unsigned char> data) {
    Code code{};
    unsigned size = 0;
    if (!HMAC(EVP_sha256(), key.data(), int(key.size()), data.data(), data.size(), code.data(), &size))
        throw std::runtime_error("HMAC failed");
    return code;
}

std::span<const unsigned char> bytes_of(std::string_view text) {
    return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

store::TokenHash sha256(std::string_view text) {
    store::TokenHash hash{};
    if (EVP_Digest(text.data(), text.size(), hash.data(), nullptr, EVP_sha256(), nullptr) != 1)
        throw std::runtime_error("SHA-256 failed");
    return hash;
}

}  // namespace

RefreshTokens::RefreshTokens(std::string_view secret)
    : has_key_(!secret.empty()), key_(hmac(bytes_of(secret), bytes_of("pulseboard refresh token"))) {}

RefreshToken RefreshTokens::make(SessionId session) const {
    Bytes bytes{};
    std::copy(session.uuid.bytes.begin(), session.uuid.bytes.end(), bytes.begin());
    random_bytes(std::span(bytes).subspan(id_size, random_size));
    const auto code = hmac(key_, std::span(bytes).first(signed_size));
    std::copy_n(code.begin(), code_size, bytes.begin() + signed_size);
    auto text = base64url_encode({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
    const auto hash = sha256(text);
    return {session, std::move(text), hash};
}

std::optional<RefreshToken> RefreshTokens::read(std::string_view text) const {
    constexpr std::size_t text_size = (sizeof(Bytes) * 4 + 2) / 3;
    if (!has_key_ || text.size() != text_size) return std::nullopt;
    const auto decoded = base64url_decode(text);
    if (!decoded || decoded->size() != sizeof(Bytes)) return std::nullopt;
    const auto bytes = bytes_of(*decoded);
    const auto code = hmac(key_, bytes.first(signed_size));
    if (CRYPTO_memcmp(code.data(), bytes.data() + signed_size, code_size) != 0) return std::nullopt;
    RefreshToken token{{}, std::string(text), sha256(text)};
    std::copy_n(bytes.begin(), id_size, token.session.uuid.bytes.begin());
    return token;
}

}  // namespace pulse::auth
