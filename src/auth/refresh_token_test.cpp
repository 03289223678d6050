#include "auth/refresh_token.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace pulse::auth {
namespace {

const RefreshTokens tokens("a secret of at least thirty-two bytes");

TEST(RefreshToken, what_was_made_here_is_read_again) {
    const auto session = SessionId::random();
    const auto made = tokens.make(session);
    const auto read = tokens.read(made.text);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->session, session);
    EXPECT_EQ(read->hash, made.hash);
    EXPECT_EQ(read->text, made.text);
}

TEST(RefreshToken, each_is_another) {
    const auto session = SessionId::random();
    const auto one = tokens.make(session);
    const auto two = tokens.make(session);
    EXPECT_NE(one.text, two.text);
    EXPECT_NE(one.hash, two.hash);
}

TEST(RefreshToken, of_another_secret_is_none) {
    EXPECT_FALSE(
        RefreshTokens("another secret of thirty-two bytes").read(tokens.make(SessionId::random()).text));
}

TEST(RefreshToken, without_a_secret_there_is_none_as_anybody_could_make_it) {
    const RefreshTokens nobodys("");
    EXPECT_FALSE(nobodys.read(nobodys.make(SessionId::random()).text));
}

TEST(RefreshToken, nonsense_is_none) {
    const auto good = tokens.make(SessionId::random()).text;
    EXPECT_FALSE(tokens.read(""));
    EXPECT_FALSE(tokens.read(good + "A"));
    EXPECT_FALSE(tokens.read(good.substr(1)));
    EXPECT_FALSE(tokens.read(std::string(good.size(), 'A')));
    EXPECT_FALSE(tokens.read(std::string(good.size(), '!')));
}

RC_GTEST_PROP(RefreshTokens, a_changed_character_makes_it_none, ()) {
    auto text = tokens.make(SessionId::random()).text;
    const auto at = *rc::gen::inRange<std::size_t>(0, text.size() - 1);  // the last one has bits to spare
    const char before = text[at];
    text[at] = *rc::gen::elementOf(std::string("ABCDwxyz0189-_"));
    RC_PRE(text[at] != before);
    RC_ASSERT(!tokens.read(text));
}

}  // namespace
}  // namespace pulse::auth
