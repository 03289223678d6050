#include "auth/token.hpp"

#include <array>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cmath>

#include "auth/jws.hpp"
#include "auth/revoked_sessions.hpp"
#include "auth/verified_tokens.hpp"

namespace pulse::auth {
namespace {

namespace json = boost::json;

// Later times are read as this one (2200-01-01), so that nobody downstream can overflow a clock.
constexpr double latest_seconds = 7'258'118'400.0;

// RFC 7519, NumericDate: seconds since 1970, perhaps with a fraction. nullopt: no finite number.
std::optional<WallTime> numeric_date(const json::value& value) {
    if (!value.is_number()) return std::nullopt;
    const double seconds = value.to_number<double>();
    if (!std::isfinite(seconds)) return std::nullopt;
    const double bounded = std::fmin(std::fmax(seconds, 0.0), latest_seconds);
    return WallTime(std::chrono::milliseconds(std::int64_t(bounded * 1000.0)));
}

// Absent is empty; anything but a string is nullopt.
std::optional<std::string_view> text_claim(const json::object& claims, std::string_view name) {
    const auto* claim = claims.if_contains(name);
    if (claim == nullptr) return std::string_view();
    if (!claim->is_string()) return std::nullopt;
    return std::string_view(claim->get_string());
}

std::optional<UserId> user_claim(const json::object& claims) {
    // `userId` wins over `sub`, also when it is unusable: falling back would let one token name two users.
    const auto* claim = claims.if_contains("userId");
    if (claim == nullptr) claim = claims.if_contains("sub");
    if (claim == nullptr || !claim->is_string()) return std::nullopt;
    return UserId::parse(claim->get_string());
}

// Whatever another issuer means by `sid`, only a UUID can be a session of ours.
std::optional<SessionId> session_claim(const json::object& claims) {
    const auto* claim = claims.if_contains("sid");
    if (claim == nullptr || !claim->is_string()) return std::nullopt;
    return SessionId::parse(claim->get_string());
}

Result<Identity, TokenError> read_claims(const json::object& claims, WallTime now) {
    const auto* expiry = claims.if_contains("exp");
    if (expiry == nullptr) return TokenError::without_expiry;
    const auto expires_at = numeric_date(*expiry);
    if (!expires_at) return TokenError::malformed;
    for (const std::string_view name : {"nbf", "iat"}) {
        const auto* claim = claims.if_contains(name);
        if (claim == nullptr) continue;
        const auto from = numeric_date(*claim);
        if (!from) return TokenError::malformed;
        if (*from > now) return TokenError::not_yet_valid;
    }
    if (now >= *expires_at) return TokenError::expired;

    const auto user = user_claim(claims);
    const auto email = text_claim(claims, "email");
    const auto role = text_claim(claims, "role");
    if (!user || !email || !role) return TokenError::malformed;
    return Identity{*user, std::string(*email), store::parse_role(*role), *expires_at, session_claim(claims)};
}

Result<Identity, TokenError> verify_anew(const JwsVerifier& signatures, std::string_view token,
                                         WallTime now) {
    const auto payload = signatures.verify(token);
    if (!payload) return payload.error();

    // Claims are small: parsed on the stack, without asking the heap.
    std::array<unsigned char, 2048> values;
    std::array<unsigned char, 1024> scratch;
    json::monotonic_resource memory(values.data(), values.size());
    json::parser parser(json::storage_ptr(), json::parse_options(), scratch.data(), scratch.size());
    parser.reset(&memory);
    boost::system::error_code problem;
    parser.write(*payload, problem);
    if (problem) return TokenError::malformed;
    const auto claims = parser.release();
    if (!claims.is_object()) return TokenError::malformed;
    return read_claims(claims.get_object(), now);
}

}  // namespace

std::string_view to_string(TokenError error) {
    switch (error) {
        case TokenError::malformed:
            return "malformed";
        case TokenError::wrong_algorithm:
            return "wrong_algorithm";
        case TokenError::wrong_signature:
            return "wrong_signature";
        case TokenError::expired:
            return "expired";
        case TokenError::not_yet_valid:
            return "not_yet_valid";
        case TokenError::without_expiry:
            return "without_expiry";
        case TokenError::revoked:
            return "revoked";
    }
    return "malformed";
}

struct TokenVerifier::Keys {
    explicit Keys(JwsVerifier verifier) : signatures(std::move(verifier)) {}
    JwsVerifier signatures;
    VerifiedTokens verified;
    RevokedSessions revoked;
};

TokenVerifier::TokenVerifier(std::unique_ptr<Keys> keys) : keys_(std::move(keys)) {}
TokenVerifier::TokenVerifier(TokenVerifier&&) noexcept = default;
TokenVerifier& TokenVerifier::operator=(TokenVerifier&&) noexcept = default;
TokenVerifier::~TokenVerifier() = default;

Result<TokenVerifier> TokenVerifier::make(const std::string& hs256_secret,
                                          const std::string& public_key_pem) {
    auto signatures = JwsVerifier::make(hs256_secret, public_key_pem);
    if (!signatures) return signatures.error();
    return TokenVerifier(std::make_unique<Keys>(std::move(*signatures)));
}

Result<Identity, TokenError> TokenVerifier::verify(std::string_view token, WallTime now) const {
    auto known = keys_->verified.find(token, now);
    auto identity =
        known ? Result<Identity, TokenError>(*std::move(known)) : verify_anew(keys_->signatures, token, now);
    if (!identity) return identity;
    if (identity->session && revoked(*identity->session)) return TokenError::revoked;
    if (!known) keys_->verified.keep(token, *identity, now);
    return identity;
}

void TokenVerifier::revoke(const std::vector<SessionId>& sessions, WallTime now) const {
    keys_->revoked.add(sessions, now);
}

bool TokenVerifier::revoked(const SessionId& session) const { return keys_->revoked.contains(session); }

std::string sign_token(std::string_view secret, UserId user, std::string_view email, std::string_view role,
                       WallTime now, std::chrono::seconds ttl, std::optional<SessionId> session) {
    const auto issued = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch();
    json::object claims;
    claims["userId"] = user.to_string();
    if (!email.empty()) claims["email"] = email;
    claims["role"] = role;
    if (session) claims["sid"] = session->to_string();
    claims["iat"] = issued.count();
    claims["exp"] = (issued + ttl).count();
    return sign_hs256(secret, json::serialize(claims));
}

}  // namespace pulse::auth
