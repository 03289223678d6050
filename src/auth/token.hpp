#pragma once
// Access tokens: JWT (RFC 7519) in JWS compact form, HS256, or RS256/ES256 with a public key (contract
// section 3). A verifier is safe from any thread; it remembers which tokens it lately found right
// (verified_tokens.hpp).
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "store/types.hpp"

namespace pulse::auth {

struct Identity {
    UserId user_id;
    std::string email;                // may be empty
    std::optional<store::Role> role;  // nullopt: a role we do not know, a valid token without rights
    WallTime expires_at{};
    std::optional<SessionId> session{};  // the sign-in it came of; nullopt: issued by other means
};

enum class TokenError {
    malformed,        // not a JWS of three parts, or not the claims of the contract
    wrong_algorithm,  // `none`, or one that no configured key is for
    wrong_signature,
    expired,
    not_yet_valid,  // nbf or iat in the future; there is no leeway
    without_expiry,
    revoked,  // its session ended
};
std::string_view to_string(TokenError error);  // for logs and metrics, never for the peer

class TokenVerifier {
public:
    // hs256_secret may be empty if public_key_pem is not. Error: the PEM is not an RSA or P-256 key.
    static Result<TokenVerifier> make(const std::string& hs256_secret, const std::string& public_key_pem);
    TokenVerifier(TokenVerifier&&) noexcept;
    TokenVerifier& operator=(TokenVerifier&&) noexcept;
    ~TokenVerifier();

    Result<Identity, TokenError> verify(std::string_view token, WallTime now) const;

    // From now on no token of these sessions is valid here.
    void revoke(const std::vector<SessionId>& sessions, WallTime now) const;
    bool revoked(const SessionId& session) const;

private:
    struct Keys;
    explicit TokenVerifier(std::unique_ptr<Keys> keys);
    std::unique_ptr<Keys> keys_;
};

// An HS256 token with the claims of the contract; `role` is written as given, the session as `sid`.
std::string sign_token(std::string_view secret, UserId user, std::string_view email, std::string_view role,
                       WallTime now, std::chrono::seconds ttl, std::optional<SessionId> session = {});

}  // namespace pulse::auth
