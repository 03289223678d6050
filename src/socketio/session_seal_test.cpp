#include "socketio/session_seal.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "socketio/recovery.hpp"

namespace pulse::socketio {
using namespace std::chrono_literals;

namespace {
const WallTime now{1'700'000'000'000ms};
}

TEST(SessionSeal, a_session_is_opened_by_every_node_with_the_secret) {
    const auto sealed = SessionSeal("secret").seal("/dashboard", "user", 3, "12.ab", now);
    const auto opened = SessionSeal("secret").open(sealed.pid, "/dashboard", "user", now + 1h, 24h);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->pid, sealed.pid);
    EXPECT_EQ(opened->sid, sealed.sid);
    EXPECT_EQ(opened->start, "12.ab");
    EXPECT_EQ(sealed.sid.size(), 20u);
    EXPECT_NE(sealed.pid.substr(0, 20), sealed.sid);
    EXPECT_TRUE(
        SessionSeal("secret").open(SessionSeal("secret").seal("/", "", 0, "", now).pid, "/", "", now, 1h));
}

TEST(SessionSeal, nobody_else_opens_it_and_nobody_forever) {
    const SessionSeal seal("secret");
    const auto pid = seal.seal("/dashboard", "user", 0, "1", now).pid;
    EXPECT_FALSE(SessionSeal("another").open(pid, "/dashboard", "user", now, 24h));
    EXPECT_FALSE(seal.open(pid, "/dashboard", "another", now, 24h));
    EXPECT_FALSE(seal.open(pid, "/", "user", now, 24h));
    EXPECT_TRUE(seal.open(pid, "/dashboard", "user", now + 24h, 24h));
    EXPECT_FALSE(seal.open(pid, "/dashboard", "user", now + 24h + 1s, 24h));
}

TEST(SessionSeal, two_sessions_are_never_the_same) {
    const SessionSeal seal("secret");
    EXPECT_NE(seal.seal("/", "user", 0, "1", now).sid, seal.seal("/", "user", 0, "1", now).sid);
}

RC_GTEST_PROP(SessionSeal, one_changed_byte_breaks_the_seal, ()) {
    const SessionSeal seal("secret");
    auto pid = seal.seal("/", "user", 0, "a.b", now).pid;
    const auto at = *rc::gen::inRange<std::size_t>(0, pid.size());
    const auto was = pid[at];
    pid[at] = *rc::gen::arbitrary<char>();
    RC_PRE(pid[at] != was);
    RC_ASSERT(!seal.open(pid, "/", "user", now, 24h));
}

RC_GTEST_PROP(SessionSeal, nothing_made_up_is_opened, (const std::string& text)) {
    RC_ASSERT(!SessionSeal("secret").open(text, "/", "user", now, 24h));
}

TEST(Offset, is_text_that_needs_no_escaping) {
    EXPECT_TRUE(is_offset("1a.x-y_z~"));
    for (const auto* bad : {"", "a b", "\"", "\n", "a,b", "ä"}) EXPECT_FALSE(is_offset(bad)) << bad;
    EXPECT_FALSE(is_offset(std::string(129, 'a')));
}

}  // namespace pulse::socketio
