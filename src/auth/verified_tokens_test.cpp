#include "auth/verified_tokens.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace pulse::auth {
namespace {

using namespace std::chrono_literals;
constexpr WallTime now{1'800'000'000s};

Identity somebody(const std::string& email) {
    return {.user_id = UserId::random(), .email = email, .expires_at = now + 60s};
}

TEST(VerifiedTokens, returns_what_was_kept_for_exactly_that_token) {
    VerifiedTokens tokens;
    const auto alice = somebody("alice@example.com");
    tokens.keep("a.b.c", alice, now);
    ASSERT_TRUE(tokens.find("a.b.c", now));
    EXPECT_EQ(tokens.find("a.b.c", now)->user_id, alice.user_id);
    for (const auto* other : {"", "a.b.d", "a.b.c ", "a.b"}) EXPECT_FALSE(tokens.find(other, now)) << other;
}

TEST(VerifiedTokens, forgets_at_the_expiry_and_when_the_clock_goes_back) {
    VerifiedTokens tokens;
    tokens.keep("a.b.c", somebody("alice"), now);
    EXPECT_TRUE(tokens.find("a.b.c", now + 60s - 1ms));
    EXPECT_FALSE(tokens.find("a.b.c", now + 60s));
    EXPECT_FALSE(tokens.find("a.b.c", now - 1ms));
}

TEST(VerifiedTokens, never_mixes_two_tokens_up_however_full_it_is) {
    VerifiedTokens tokens(16);
    for (int i = 0; i < 1000; ++i)
        tokens.keep("token " + std::to_string(i), somebody(std::to_string(i)), now);
    for (int i = 0; i < 1000; ++i)
        if (const auto found = tokens.find("token " + std::to_string(i), now))
            EXPECT_EQ(found->email, std::to_string(i));
    EXPECT_TRUE(tokens.find("token 999", now));
}

TEST(VerifiedTokens, may_be_used_by_many_threads) {
    VerifiedTokens tokens(16);
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&tokens] {
            for (int i = 0; i < 2000; ++i) {
                const auto name = std::to_string(i % 40);
                tokens.keep(name, somebody(name), now);
                if (const auto found = tokens.find(name, now)) EXPECT_EQ(found->email, name);
            }
        });
    for (auto& thread : threads) thread.join();
}

}  // namespace
}  // namespace pulse::auth
