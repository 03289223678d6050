#include "auth/jws.hpp"

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "auth/signing_fixture.hpp"

namespace pulse::auth {
namespace {

using test::hmac_token;
using test::KeyPair;
using test::signing_input;

constexpr std::string_view secret = "a secret of at least thirty-two bytes";
constexpr std::string_view hs256 = R"({"alg":"HS256","typ":"JWT"})";
constexpr std::string_view rs256 = R"({"alg":"RS256","typ":"JWT"})";
constexpr std::string_view es256 = R"({"alg":"ES256","typ":"JWT"})";
constexpr std::string_view payload = R"({"hello":"world"})";

// The payload, or the reason for the refusal.
std::string verified(const JwsVerifier& verifier, std::string_view token) {
    const auto result = verifier.verify(token);
    return result ? *result : std::string(to_string(result.error()));
}

const KeyPair& rsa() {
    static const auto pair = KeyPair::rsa();
    return pair;
}
const KeyPair& ec() {
    static const auto pair = KeyPair::ec();
    return pair;
}

JwsVerifier with_secret() { return *JwsVerifier::make(secret, ""); }
JwsVerifier with_key(const KeyPair& pair) { return *JwsVerifier::make("", pair.public_pem()); }

TEST(Jws, hs256_with_the_secret_is_accepted) {
    EXPECT_EQ(verified(with_secret(), hmac_token(hs256, payload, secret)), payload);
}

TEST(Jws, rs256_with_the_public_key_is_accepted) {
    EXPECT_EQ(verified(with_key(rsa()), rsa().token(rs256, payload)), payload);
}

TEST(Jws, es256_with_the_public_key_is_accepted) {
    EXPECT_EQ(verified(with_key(ec()), ec().token(es256, payload)), payload);
}

TEST(Jws, a_secret_and_a_public_key_serve_beside_each_other) {
    const auto verifier = *JwsVerifier::make(secret, ec().public_pem());
    EXPECT_TRUE(verifier.verify(hmac_token(hs256, payload, secret)));
    EXPECT_TRUE(verifier.verify(ec().token(es256, payload)));
    EXPECT_EQ(verified(verifier, rsa().token(rs256, payload)), "wrong_algorithm");
}

TEST(Jws, what_it_signs_it_accepts) {
    EXPECT_EQ(verified(with_secret(), sign_hs256(secret, payload)), payload);
}

TEST(Jws, an_empty_secret_signs_nothing) { EXPECT_THROW(sign_hs256("", payload), std::invalid_argument); }

TEST(Jws, alg_none_is_refused) {
    for (const std::string_view none : {"none", "None", "NONE", "nOnE"}) {
        const auto header = R"({"alg":")" + std::string(none) + R"(","typ":"JWT"})";
        const JwsVerifier verifiers[] = {with_secret(), with_key(rsa()), with_key(ec())};
        for (const auto& verifier : verifiers) {
            EXPECT_FALSE(verifier.verify(signing_input(header, payload) + ".")) << none;
            EXPECT_FALSE(verifier.verify(hmac_token(header, payload, secret))) << none;
            EXPECT_FALSE(verifier.verify(hmac_token(header, payload, ""))) << none;
        }
    }
    EXPECT_EQ(verified(with_secret(), hmac_token(R"({"alg":"none"})", payload, secret)), "wrong_algorithm");
}

TEST(Jws, the_public_keys_text_is_no_secret) {
    for (const auto* pair : {&rsa(), &ec()}) {
        const auto pem = pair->public_pem();
        EXPECT_EQ(verified(with_key(*pair), hmac_token(hs256, payload, pem)), "wrong_algorithm");
        const auto both = *JwsVerifier::make(secret, pem);
        EXPECT_EQ(verified(both, hmac_token(hs256, payload, pem)), "wrong_signature");
    }
}

TEST(Jws, a_header_naming_another_algorithm_than_the_key_is_refused) {
    EXPECT_EQ(verified(with_secret(), hmac_token(rs256, payload, secret)), "wrong_algorithm");
    EXPECT_EQ(verified(with_secret(), rsa().token(rs256, payload)), "wrong_algorithm");
    EXPECT_EQ(verified(with_key(rsa()), rsa().token(es256, payload)), "wrong_algorithm");
    EXPECT_EQ(verified(with_key(ec()), ec().token(rs256, payload)), "wrong_algorithm");
}

TEST(Jws, stronger_algorithms_that_nobody_configured_are_refused_too) {
    EXPECT_EQ(verified(with_secret(), hmac_token(R"({"alg":"HS384"})", payload, secret, EVP_sha384())),
              "wrong_algorithm");
    EXPECT_EQ(verified(with_secret(), hmac_token(R"({"alg":"HS512"})", payload, secret, EVP_sha512())),
              "wrong_algorithm");
    EXPECT_EQ(verified(with_key(rsa()), rsa().token(R"({"alg":"PS256"})", payload)), "wrong_algorithm");
}

TEST(Jws, a_wrong_key_or_a_changed_byte_is_a_wrong_signature) {
    EXPECT_EQ(verified(with_secret(), hmac_token(hs256, payload, "another secret")), "wrong_signature");
    EXPECT_EQ(verified(with_key(rsa()), KeyPair::rsa().token(rs256, payload)), "wrong_signature");
    EXPECT_EQ(verified(with_key(ec()), KeyPair::ec().token(es256, payload)), "wrong_signature");

    const auto token = hmac_token(hs256, payload, secret);
    const auto other = signing_input(hs256, R"({"hello":"there"})") + token.substr(token.rfind('.'));
    EXPECT_EQ(verified(with_secret(), other), "wrong_signature");
    EXPECT_FALSE(with_secret().verify(token.substr(0, token.size() - 4)));
    EXPECT_FALSE(with_secret().verify(signing_input(hs256, payload) + "."));
}

TEST(Jws, refusals_leave_nothing_in_openssls_error_queue) {
    EXPECT_FALSE(with_key(rsa()).verify(KeyPair::rsa().token(rs256, payload)));
    EXPECT_FALSE(with_key(ec()).verify(KeyPair::ec().token(es256, payload)));
    EXPECT_FALSE(JwsVerifier::make("", "no key"));
    EXPECT_EQ(ERR_peek_error(), 0u);
}

TEST(Jws, an_unknown_critical_extension_is_refused) {
    for (const std::string_view header :
         {R"({"alg":"HS256","crit":["exp"],"exp":1})", R"({"alg":"HS256","crit":["b64"],"b64":true})",
          R"({"alg":"HS256","crit":[]})", R"({"alg":"HS256","crit":null})"}) {
        EXPECT_EQ(verified(with_secret(), hmac_token(header, payload, secret)), "malformed") << header;
    }
}

TEST(Jws, what_is_no_compact_token_is_malformed) {
    const auto token = hmac_token(hs256, payload, secret);
    const auto signature = token.substr(token.rfind('.'));
    const std::string cases[] = {
        "",
        ".",
        "..",
        "...",
        "abc",
        token + ".",
        token + ".abc",
        "." + token,
        token + "=",
        token + " ",
        " " + token,
        token + "\n",
        std::string(token + '\0'),
        token.substr(0, token.rfind('.')),
        "." + base64url_encode(payload) + signature,
        base64url_encode(hs256) + "." + signature,
        hmac_token("not json", payload, secret),
        hmac_token("[]", payload, secret),
        hmac_token("{}", payload, secret),
        hmac_token(R"({"typ":"JWT"})", payload, secret),
        hmac_token(R"({"alg":256})", payload, secret),
        hmac_token(R"({"alg":null})", payload, secret),
        hmac_token(R"({"alg":["HS256"]})", payload, secret),
    };
    for (const auto& text : cases) {
        EXPECT_EQ(verified(with_secret(), text), "malformed") << text;
    }
}

TEST(Jws, a_token_over_the_limit_is_refused_unread) {
    const auto sized = [](std::size_t size) { return hmac_token(hs256, std::string(size, ' '), secret); };
    std::size_t payload_size = 6000;
    while (sized(payload_size + 1).size() <= token_limit) ++payload_size;
    EXPECT_TRUE(with_secret().verify(sized(payload_size)));
    EXPECT_EQ(verified(with_secret(), sized(payload_size + 1)), "malformed");
}

TEST(Jws, keys_that_cannot_be_trusted_are_refused_at_the_start) {
    const std::string pems[] = {
        "",
        "no key",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        rsa().private_pem(),
        KeyPair::rsa(1024).public_pem(),
        KeyPair::ec("P-384").public_pem(),
        KeyPair::ed25519().public_pem(),
    };
    for (const auto& pem : pems) {
        const auto made = JwsVerifier::make("", pem);
        ASSERT_FALSE(made) << pem;
        EXPECT_EQ(made.error().code, ErrorCode::invalid);
        EXPECT_FALSE(made.error().message.empty());
    }
}

}  // namespace
}  // namespace pulse::auth
