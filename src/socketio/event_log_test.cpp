#include "socketio/event_log.hpp"

#include <gtest/gtest.h>

namespace pulse::socketio {
using namespace std::chrono_literals;
using Rooms = std::vector<std::string>;

namespace {

struct Log : EventLog {
    using EventLog::EventLog;
    void add(Rooms to, Rooms except = {}, TimePoint now = {}) {
        auto target = std::make_shared<Target>();
        target->rooms = std::move(to);
        target->except = std::move(except);
        EventLog::append(target, Outgoing::make("2[\"" + std::to_string(head() + 1) + "\"]", {}), now);
    }
    // "1 3" or "none"
    std::string missed(std::uint64_t position, const Rooms& rooms) const {
        const auto packets = after(position, rooms);
        if (!packets) return "none";
        std::string all;
        for (const auto& packet : *packets) all += std::string(packet.text->payload().substr(4, 1)) + " ";
        return all;
    }
};

}  // namespace

TEST(EventLog, gives_what_came_after_and_was_for_these_rooms) {
    Log log({100, 1 << 20, 1min});
    log.add({});             // 1: everybody
    log.add({"a"});          // 2
    log.add({"b"});          // 3
    log.add({"b", "a"});     // 4
    log.add({}, {"a"});      // 5: not for a
    log.add({"a"}, {"me"});  // 6: not for me
    EXPECT_EQ(log.missed(0, {"a", "me"}), "1 2 4 ");
    EXPECT_EQ(log.missed(0, {"b"}), "1 3 4 5 ");
    EXPECT_EQ(log.missed(2, {"a"}), "4 6 ");
    EXPECT_EQ(log.missed(6, {"a"}), "");
    EXPECT_EQ(log.missed(7, {"a"}), "none");
}

TEST(EventLog, says_when_it_does_not_reach_back) {
    Log log({3, 1 << 20, 1min});
    for (int i = 0; i < 5; ++i) log.add({});
    EXPECT_EQ(log.size(), 3u);
    EXPECT_EQ(log.missed(1, {}), "none");
    EXPECT_EQ(log.missed(2, {}), "3 4 5 ");
}

TEST(EventLog, is_bounded_by_bytes_and_by_age_even_to_nothing) {
    Log small({100, 10, 1min});
    small.add({});
    EXPECT_EQ(small.size(), 0u);
    EXPECT_EQ(small.bytes(), 0u);
    EXPECT_EQ(small.missed(0, {}), "none");
    EXPECT_EQ(small.missed(1, {}), "");
    Log old({100, 1 << 20, 1min});
    old.add({}, {}, TimePoint(0s));
    old.add({}, {}, TimePoint(61s));
    EXPECT_EQ(old.missed(0, {}), "none");
    EXPECT_EQ(old.missed(1, {}), "2 ");
}

}  // namespace pulse::socketio
