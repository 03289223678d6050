#include "socketio/redis_streams/recent_events.hpp"

#include <gtest/gtest.h>

namespace pulse::socketio::redis_streams {
namespace {

using Texts = std::vector<std::string>;

RecentEvents::Event event(Position position, Texts rooms = {}) {
    LoggedEvent made;
    made.position = position;
    made.event = "e" + std::to_string(position);
    made.target.rooms = std::move(rooms);
    return std::make_shared<const LoggedEvent>(std::move(made));
}

// The names of what came after it; "lost" if that is no longer known.
Texts after(const RecentEvents& recent, Position position, const Texts& rooms = {"r"}) {
    std::vector<RecentEvents::Event> found;
    if (!recent.after(position, rooms, found)) return {"lost"};
    Texts names;
    for (const auto& one : found) names.push_back(one->event);
    return names;
}

}  // namespace

TEST(RecentEvents, gives_what_came_after_a_position_to_those_it_was_for) {
    RecentEvents recent(10, 1'000);
    recent.reset(5);
    recent.append(event(7), 1);
    recent.append(event(8, {"r"}), 1);
    recent.append(event(9, {"s"}), 1);
    EXPECT_EQ(after(recent, 4), Texts{"lost"});
    EXPECT_EQ(after(recent, 5), (Texts{"e7", "e8"}));
    EXPECT_EQ(after(recent, 6), (Texts{"e7", "e8"}));
    EXPECT_EQ(after(recent, 7), Texts{"e8"});
    EXPECT_EQ(after(recent, 7, {"s", "r"}), (Texts{"e8", "e9"}));
    EXPECT_EQ(after(recent, 99), Texts{});
}

TEST(RecentEvents, forgets_the_oldest_beyond_its_bounds) {
    RecentEvents few(2, 1'000);
    for (Position i = 1; i <= 4; ++i) few.append(event(i), 1);
    EXPECT_EQ(few.since(), 2u);
    EXPECT_EQ(after(few, 1), Texts{"lost"});
    EXPECT_EQ(after(few, 2), (Texts{"e3", "e4"}));
    RecentEvents small(100, 10);
    small.append(event(1), 6);
    small.append(event(2), 6);
    EXPECT_EQ(after(small, 0), Texts{"lost"});
    EXPECT_EQ(after(small, 1), Texts{"e2"});
    small.append(event(3), 11);
    EXPECT_EQ(small.size(), 0u);
    EXPECT_EQ(after(small, 2), Texts{"lost"});
    EXPECT_EQ(after(small, 3), Texts{});
}

TEST(RecentEvents, takes_older_ones_as_far_as_there_is_room) {
    RecentEvents recent(3, 1'000);
    recent.reset(10);
    recent.append(event(11), 1);
    recent.prepend({{event(3), 1}, {event(5), 1}}, 2);
    EXPECT_EQ(recent.since(), 2u);
    EXPECT_EQ(after(recent, 2), (Texts{"e3", "e5", "e11"}));
    recent.prepend({{event(1), 1}}, 0);
    EXPECT_EQ(recent.since(), 1u);
    EXPECT_EQ(after(recent, 1), (Texts{"e3", "e5", "e11"}));
    recent.append(event(12), 1);
    EXPECT_EQ(after(recent, 3), (Texts{"e5", "e11", "e12"}));
    recent.reset(20);
    EXPECT_EQ(after(recent, 12), Texts{"lost"});
    EXPECT_EQ(after(recent, 20), Texts{});
}

}  // namespace pulse::socketio::redis_streams
