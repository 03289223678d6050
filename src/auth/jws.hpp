#pragma once
// Signed tokens in JWS compact form (RFC 7515): the signature only; what the claims mean is token.hpp's.
// Keys are made once and kept. Immutable and safe from any thread.
#include <memory>
#include <string>
#include <string_view>

#include "auth/token.hpp"
#include "base/result.hpp"

namespace pulse::auth {

// Longer tokens are refused unread: a peer must not choose how much is decoded for it.
inline constexpr std::size_t token_limit = 8 * 1024;

class JwsVerifier {
public:
    // HS256 for the secret, RS256 or ES256 for the key in the PEM; either may be empty, not both. An
    // algorithm without a key is refused whatever the token says, and each algorithm only ever sees its
    // own key: the public key's text is never a secret (key confusion, RFC 8725 section 2.1).
    static Result<JwsVerifier> make(std::string_view hs256_secret, std::string_view public_key_pem);
    JwsVerifier(JwsVerifier&&) noexcept;
    JwsVerifier& operator=(JwsVerifier&&) noexcept;
    ~JwsVerifier();

    // The payload, once its signature is right.
    Result<std::string, TokenError> verify(std::string_view token) const;

private:
    struct Keys;
    explicit JwsVerifier(std::unique_ptr<Keys> keys);
    std::unique_ptr<Keys> keys_;
};

// Throws std::invalid_argument for an empty secret.
std::string sign_hs256(std::string_view secret, std::string_view payload);

}  // namespace pulse::auth
