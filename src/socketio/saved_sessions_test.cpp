#include "socketio/saved_sessions.hpp"

#include <gtest/gtest.h>

#include "socketio/socket_impl.hpp"

namespace pulse::socketio {
using namespace std::chrono_literals;

namespace {
const TimePoint begin{};
SavedSession session(std::string sid) {
    SavedSession saved;
    saved.sid = std::move(sid);
    return saved;
}
}  // namespace

TEST(SavedSessions, one_that_left_is_taken_once) {
    SavedSessions sessions(10, 2min);
    sessions.connected("p", {});
    EXPECT_FALSE(sessions.take("p", begin));  // it has not left
    sessions.left("p", session("s"), begin);
    EXPECT_FALSE(sessions.take("q", begin));
    const auto taken = sessions.take("p", begin + 2min);
    ASSERT_TRUE(taken);
    EXPECT_EQ(taken->sid, "s");
    EXPECT_FALSE(sessions.take("p", begin));
}

TEST(SavedSessions, one_that_was_away_too_long_is_gone) {
    SavedSessions sessions(10, 2min);
    sessions.connected("p", {});
    sessions.left("p", session("s"), begin);
    EXPECT_FALSE(sessions.take("p", begin + 2min + 1s));
    sessions.trim(begin + 2min + 1s);
    EXPECT_TRUE(sessions.empty());
}

TEST(SavedSessions, the_oldest_gives_way) {
    SavedSessions sessions(2, 2min);
    for (const auto* pid : {"a", "b", "c"}) {
        sessions.connected(pid, {});
        sessions.left(pid, session(pid), begin);
    }
    EXPECT_FALSE(sessions.find("a", begin));
    EXPECT_TRUE(sessions.find("b", begin));
    EXPECT_TRUE(sessions.find("c", begin));
}

TEST(SavedSessions, one_that_came_back_and_left_again_keeps_its_new_time) {
    SavedSessions sessions(10, 2min);
    sessions.connected("p", {});
    sessions.left("p", session("s"), begin);
    ASSERT_TRUE(sessions.take("p", begin + 1min));
    sessions.connected("p", {});
    sessions.left("p", session("s"), begin + 90s);
    sessions.trim(begin + 2min + 1s);
    EXPECT_TRUE(sessions.find("p", begin + 3min));
}

}  // namespace pulse::socketio
