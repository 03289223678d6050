#include "auth/token.hpp"

#include <gtest/gtest.h>

#include "auth/signing_fixture.hpp"

namespace pulse::auth {
namespace {

using namespace std::chrono_literals;
using test::hmac_token;
using test::KeyPair;

constexpr std::string_view secret = "a secret of at least thirty-two bytes";
constexpr std::string_view user_text = "6f1c1f5e-6f0c-4a55-9a1e-0d6f0a2b3c4d";
constexpr std::string_view other_text = "00000000-0000-4000-8000-000000000001";
constexpr WallTime now{1'800'000'000s};

const TokenVerifier& verifier() {
    static const auto made = *TokenVerifier::make(std::string(secret), "");
    return made;
}

Result<Identity, TokenError> verify(std::string_view claims, WallTime at = now) {
    return verifier().verify(hmac_token(R"({"alg":"HS256","typ":"JWT"})", claims, secret), at);
}

// The claims of a good token, with `more` ("" or ,"name":value) after them.
std::string claims_with(std::string_view more, std::string_view expiry = R"("exp":1800000900)") {
    std::string text = R"({"userId":")";
    text += user_text;
    text += R"(","email":"anna@example.org","role":"tenant","iat":1799999000,)";
    text += expiry;
    text += more;
    return text + "}";
}

TokenError refusal(std::string_view claims, WallTime at = now) {
    const auto result = verify(claims, at);
    EXPECT_FALSE(result) << claims;
    return result ? TokenError{-1} : result.error();
}

TEST(Token, a_good_one_names_its_user) {
    const auto identity = verify(claims_with(""));
    ASSERT_TRUE(identity);
    EXPECT_EQ(identity->user_id, UserId::parse(user_text));
    EXPECT_EQ(identity->email, "anna@example.org");
    EXPECT_EQ(identity->role, store::Role::tenant);
    EXPECT_EQ(identity->expires_at, WallTime(1'800'000'900s));
}

TEST(Token, rs256_and_es256_are_accepted_with_their_public_key) {
    struct Case {
        KeyPair pair;
        std::string_view header;
    };
    const Case cases[] = {{KeyPair::rsa(), R"({"alg":"RS256"})"}, {KeyPair::ec(), R"({"alg":"ES256"})"}};
    for (const auto& c : cases) {
        const auto by_key = *TokenVerifier::make("", c.pair.public_pem());
        const auto identity = by_key.verify(c.pair.token(c.header, claims_with("")), now);
        ASSERT_TRUE(identity) << c.header;
        EXPECT_EQ(identity->user_id, UserId::parse(user_text));
    }
}

TEST(Token, claims_do_not_matter_without_a_signature) {
    const auto unsigned_token = test::signing_input(R"({"alg":"none"})", claims_with("")) + ".";
    const auto refused = verifier().verify(unsigned_token, now);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error(), TokenError::wrong_algorithm);
    const auto forged = verifier().verify(hmac_token(R"({"alg":"HS256"})", claims_with(""), "guess"), now);
    ASSERT_FALSE(forged);
    EXPECT_EQ(forged.error(), TokenError::wrong_signature);
}

TEST(Token, without_exp_is_refused) {
    EXPECT_EQ(refusal(claims_with("", R"("x":1)")), TokenError::without_expiry);
}

TEST(Token, expired_is_refused_without_leeway) {
    EXPECT_TRUE(verify(claims_with(""), WallTime(1'800'000'900s - 1ms)));
    EXPECT_EQ(refusal(claims_with(""), WallTime(1'800'000'900s)), TokenError::expired);
    EXPECT_EQ(refusal(claims_with("", R"("exp":1)")), TokenError::expired);
    EXPECT_EQ(refusal(claims_with("", R"("exp":-1)")), TokenError::expired);
    EXPECT_EQ(refusal(claims_with("", R"("exp":-1e300)")), TokenError::expired);
}

TEST(Token, not_yet_valid_is_refused_without_leeway) {
    EXPECT_TRUE(verify(claims_with(R"(,"nbf":1800000000)")));
    EXPECT_EQ(refusal(claims_with(R"(,"nbf":1800000000)"), now - 1ms), TokenError::not_yet_valid);
    EXPECT_EQ(refusal(claims_with(R"(,"nbf":1800000000.001)")), TokenError::not_yet_valid);
    EXPECT_EQ(refusal(claims_with(R"(,"nbf":1e300)")), TokenError::not_yet_valid);
}

TEST(Token, issued_in_the_future_is_not_yet_valid) {
    EXPECT_TRUE(verify(claims_with(R"(,"iat":1800000000)")));
    EXPECT_EQ(refusal(claims_with(R"(,"iat":1800000001)")), TokenError::not_yet_valid);
}

TEST(Token, exp_may_have_a_fraction_but_must_be_a_finite_number) {
    EXPECT_TRUE(verify(claims_with("", R"("exp":1800000000.5)")));
    EXPECT_EQ(verify(claims_with("", R"("exp":1800000000.5)"))->expires_at, now + 500ms);
    EXPECT_TRUE(verify(claims_with("", R"("exp":18446744073709551615)")));
    EXPECT_TRUE(verify(claims_with("", R"("exp":1e300)")));
    for (const std::string_view expiry : {R"("exp":1e999)", R"("exp":"1800000900")", R"("exp":null)",
                                          R"("exp":true)", R"("exp":[1800000900])"}) {
        EXPECT_EQ(refusal(claims_with("", expiry)), TokenError::malformed);
    }
}

TEST(Token, an_expiry_beyond_every_clock_is_bounded) {
    const auto identity = verify(claims_with("", R"("exp":1e300)"));
    ASSERT_TRUE(identity);
    EXPECT_EQ(to_iso8601(identity->expires_at), "2200-01-01T00:00:00.000Z");
}

TEST(Token, nbf_and_iat_must_be_numbers) {
    EXPECT_EQ(refusal(claims_with(R"(,"nbf":"1")")), TokenError::malformed);
    EXPECT_EQ(refusal(claims_with(R"(,"iat":null)")), TokenError::malformed);
}

TEST(Token, iat_may_be_missing) {
    EXPECT_TRUE(verify(R"({"sub":")" + std::string(user_text) + R"(","exp":1800000900})"));
}

TEST(Token, the_user_id_wins_over_sub) {
    const auto identity = verify(claims_with(R"(,"sub":")" + std::string(other_text) + '"'));
    ASSERT_TRUE(identity);
    EXPECT_EQ(identity->user_id, UserId::parse(user_text));
    // A bad userId is not mended by a good sub.
    for (const std::string_view bad : {R"("u1")", "null", "1", R"("")"}) {
        const auto claims = R"({"userId":)" + std::string(bad) + R"(,"sub":")" + std::string(other_text) +
                            R"(","exp":1800000900})";
        EXPECT_EQ(refusal(claims), TokenError::malformed);
    }
}

TEST(Token, sub_names_the_user_where_there_is_no_user_id) {
    const auto identity =
        verify(R"({"sub":")" + std::string(other_text) + R"(","role":"landlord","exp":1800000900})");
    ASSERT_TRUE(identity);
    EXPECT_EQ(identity->user_id, UserId::parse(other_text));
    EXPECT_EQ(identity->role, store::Role::landlord);
    EXPECT_EQ(identity->email, "");
}

TEST(Token, a_user_that_is_no_uuid_or_missing_is_malformed) {
    EXPECT_EQ(refusal(R"({"exp":1800000900})"), TokenError::malformed);
    EXPECT_EQ(refusal(R"({"sub":"anna","exp":1800000900})"), TokenError::malformed);
    EXPECT_EQ(refusal(R"({"sub":42,"exp":1800000900})"), TokenError::malformed);
}

TEST(Token, a_uuid_is_read_in_any_case) {
    const auto identity = verify(R"({"userId":"6F1C1F5E-6F0C-4A55-9A1E-0D6F0A2B3C4D","exp":1800000900})");
    ASSERT_TRUE(identity);
    EXPECT_EQ(identity->user_id.to_string(), user_text);
}

TEST(Token, an_unknown_or_missing_role_is_a_token_without_rights) {
    const auto start = R"({"sub":")" + std::string(user_text) + R"(","exp":1800000900)";
    for (const std::string_view role : {R"(,"role":"admin")", R"(,"role":"Tenant")", R"(,"role":"")", ""}) {
        const auto identity = verify(start + std::string(role) + "}");
        ASSERT_TRUE(identity) << role;
        EXPECT_FALSE(identity->role) << role;
    }
}

TEST(Token, email_and_role_must_be_strings) {
    for (const std::string_view more :
         {R"(,"role":1)", R"(,"role":["tenant"])", R"(,"email":1)", R"(,"email":{})"}) {
        EXPECT_EQ(refusal(claims_with(more)), TokenError::malformed) << more;
    }
}

TEST(Token, a_payload_that_is_no_json_object_is_malformed) {
    for (const std::string_view text :
         {"[]", "1", "null", "\"text\"", "{", "{}x", "\xff", R"({"exp":1800000900,)", ""}) {
        EXPECT_EQ(refusal(text), TokenError::malformed) << text;
    }
    EXPECT_EQ(refusal(std::string(3000, '[')), TokenError::malformed);
}

TEST(Token, claims_that_outgrow_the_stack_are_read_all_the_same) {
    std::string more;
    for (int i = 0; i < 200; ++i) more += ",\"claim" + std::to_string(i) + "\":[1,2,3]";
    EXPECT_TRUE(verify(claims_with(more)));
    EXPECT_TRUE(verify(claims_with(R"(,"long":")" + std::string(4000, 'x') + '"')));
}

TEST(Token, what_it_signs_it_accepts) {
    const auto user = UserId::random();
    const auto token = sign_token(secret, user, "bo@example.org", "broker", now + 999ms, 15min);
    const auto identity = verifier().verify(token, now + 999ms);
    ASSERT_TRUE(identity);
    EXPECT_EQ(identity->user_id, user);
    EXPECT_EQ(identity->email, "bo@example.org");
    EXPECT_EQ(identity->role, store::Role::broker);
    EXPECT_EQ(identity->expires_at, now + 15min);
}

TEST(Token, names_the_session_it_came_of) {
    const auto session = SessionId::random();
    const auto user = *UserId::parse(user_text);
    const auto token = sign_token(secret, user, "", "tenant", now, 15min, session);
    EXPECT_EQ(verifier().verify(token, now)->session, session);
    EXPECT_EQ(verify(claims_with(""))->session, std::nullopt);
    EXPECT_EQ(verify(claims_with(R"(,"sid":"another issuer's")"))->session, std::nullopt);
    EXPECT_EQ(verify(claims_with(R"(,"sid":7)"))->session, std::nullopt);
}

TEST(Token, of_a_revoked_session_is_refused_also_if_it_was_found_right_before) {
    const auto made = *TokenVerifier::make(std::string(secret), "");
    const auto user = *UserId::parse(user_text);
    const auto ended = SessionId::random();
    const auto token = sign_token(secret, user, "", "tenant", now, 15min, ended);
    const auto other = sign_token(secret, user, "", "tenant", now, 15min, SessionId::random());
    ASSERT_TRUE(made.verify(token, now));
    made.revoke({ended}, now);
    EXPECT_TRUE(made.revoked(ended));
    EXPECT_EQ(made.verify(token, now).error(), TokenError::revoked);
    EXPECT_TRUE(made.verify(other, now));
    EXPECT_TRUE(made.verify(sign_token(secret, user, "", "tenant", now, 15min), now));
}

}  // namespace
}  // namespace pulse::auth
