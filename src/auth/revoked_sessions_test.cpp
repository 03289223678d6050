#include "auth/revoked_sessions.hpp"

#include <gtest/gtest.h>

namespace pulse::auth {
namespace {

using namespace std::chrono_literals;

constexpr WallTime now{1'800'000'000s};

TEST(RevokedSessions, know_what_was_revoked_and_nothing_else) {
    RevokedSessions revoked;
    const auto one = SessionId::random();
    EXPECT_FALSE(revoked.contains(one));
    revoked.add({one}, now);
    revoked.add({one}, now);
    EXPECT_TRUE(revoked.contains(one));
    EXPECT_FALSE(revoked.contains(SessionId::random()));
}

TEST(RevokedSessions, are_kept_as_long_as_a_token_can_live) {
    RevokedSessions revoked;
    const auto early = SessionId::random();
    const auto late = SessionId::random();
    revoked.add({early}, now);
    revoked.add({late}, now + access_token_ttl);
    EXPECT_TRUE(revoked.contains(early));
    revoked.add({}, now + access_token_ttl + 1min);
    EXPECT_FALSE(revoked.contains(early));
    EXPECT_TRUE(revoked.contains(late));
    revoked.add({}, now + 2 * access_token_ttl + 1min);
    EXPECT_FALSE(revoked.contains(late));
}

}  // namespace
}  // namespace pulse::auth
