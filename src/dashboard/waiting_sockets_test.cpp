#include "dashboard/waiting_sockets.hpp"

#include <gtest/gtest.h>

namespace pulse::dashboard {
namespace {

socketio::Ack ack() {
    return socketio::Ack([](socketio::Args) {});
}

TEST(WaitingSockets, each_waits_once_however_often_it_asks) {
    WaitingSockets waiting;
    waiting.joined("a");
    waiting.joined("b");
    EXPECT_FALSE(waiting.any_asked());
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(waiting.asked("a", i == 1 ? socketio::Ack() : ack()));
    EXPECT_TRUE(waiting.any_asked());
    waiting.begin_read();
    EXPECT_FALSE(waiting.any());
    auto served = waiting.take_served();
    EXPECT_EQ(served.size(), 2u);
    EXPECT_TRUE(served["a"].update && served["a"].reconnect);
    EXPECT_EQ(served["a"].acks.size(), 2u);
    EXPECT_TRUE(served["b"].update && !served["b"].reconnect);
}

TEST(WaitingSockets, acknowledgements_of_one_socket_are_bounded) {
    WaitingSockets waiting;
    for (std::size_t i = 0; i < WaitingSockets::max_acks; ++i) EXPECT_TRUE(waiting.asked("a", ack()));
    EXPECT_FALSE(waiting.asked("a", ack()));
    EXPECT_TRUE(waiting.asked("a", {}));  // has nothing to be kept
    EXPECT_TRUE(waiting.asked("b", ack()));
    waiting.begin_read();
    EXPECT_TRUE(waiting.asked("a", ack()));
    EXPECT_EQ(waiting.put_back(), 1u);
    waiting.begin_read();
    EXPECT_EQ(waiting.take_served()["a"].acks.size(), WaitingSockets::max_acks);
}

TEST(WaitingSockets, who_asks_during_a_read_waits_for_the_next) {
    WaitingSockets waiting;
    waiting.joined("a");
    waiting.begin_read();
    waiting.asked("a", ack());
    waiting.joined("b");
    const auto served = waiting.take_served();
    EXPECT_EQ(served.size(), 1u);
    EXPECT_FALSE(served.at("a").reconnect);
    waiting.begin_read();
    EXPECT_EQ(waiting.take_served().size(), 2u);
    EXPECT_FALSE(waiting.any_in_read());
}

TEST(WaitingSockets, a_read_that_failed_leaves_everybody_waiting_but_who_left) {
    WaitingSockets waiting;
    waiting.joined("a");
    waiting.joined("b");
    waiting.asked("c", ack());
    waiting.begin_read();
    waiting.asked("a", ack());
    waiting.left("b");
    EXPECT_EQ(waiting.put_back(), 0u);
    waiting.left("c");
    waiting.begin_read();
    const auto served = waiting.take_served();
    ASSERT_EQ(served.size(), 1u);
    EXPECT_TRUE(served.at("a").update && served.at("a").reconnect);
}

}  // namespace
}  // namespace pulse::dashboard
