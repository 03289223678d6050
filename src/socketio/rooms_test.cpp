#include "socketio/rooms.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>

#include "socketio/ack_table.hpp"
#include "socketio/room_directory.hpp"

namespace pulse::socketio {
namespace {

struct Person : Member {
    explicit Person(int n) : number(n) {}
    int number;
};

struct Fixture {
    std::set<std::string> present;
    RoomTable table{[this](std::string_view room, bool there) {
        if (there) {
            present.emplace(room);
        } else {
            present.erase(std::string(room));
        }
    }};

    std::vector<int> visit(std::string_view room, std::vector<Room*> except = {}) {
        std::vector<int> seen;
        if (Room* found = table.find(room)) {
            table.visit(*found, except, [&](Member& m) { seen.push_back(static_cast<Person&>(m).number); });
        }
        std::sort(seen.begin(), seen.end());
        return seen;
    }
};

}  // namespace

TEST(Rooms, a_room_is_there_while_somebody_is_in_it) {
    Fixture f;
    Person a(1), b(2);
    f.table.join(a, "r");
    f.table.join(a, "r");
    f.table.join(b, "r");
    EXPECT_EQ(f.visit("r"), (std::vector{1, 2}));
    f.table.leave(a, "r");
    EXPECT_EQ(f.visit("r"), (std::vector{2}));
    EXPECT_TRUE(f.present.contains("r"));
    f.table.leave(b, "r");
    f.table.leave(b, "r");
    EXPECT_FALSE(f.present.contains("r"));
    EXPECT_EQ(f.table.room_count(), 0u);
}

TEST(Rooms, an_own_room_is_listed_only_once_somebody_joins_it_by_name) {
    Fixture f;
    Person a(1), b(2);
    f.table.join(a, "id", Listing::unlisted);
    EXPECT_TRUE(f.present.empty());
    f.table.join(b, "id");
    EXPECT_TRUE(f.present.contains("id"));
    f.table.leave_all(a);
    f.table.leave_all(b);
    EXPECT_TRUE(f.present.empty());
}

TEST(Rooms, members_may_leave_and_join_while_their_room_is_visited) {
    Fixture f;
    Person a(1), b(2), c(3), late(4);
    for (auto* person : {&a, &b, &c}) f.table.join(*person, "r");
    std::vector<int> seen;
    f.table.visit(*f.table.find("r"), {}, [&](Member& m) {
        auto& person = static_cast<Person&>(m);
        seen.push_back(person.number);
        if (person.number != 1) return;
        f.table.leave_all(a);
        f.table.leave_all(b);
        f.table.join(late, "r");
        EXPECT_EQ(f.visit("r"), (std::vector{3, 4}));  // a visit within the visit
    });
    EXPECT_EQ(seen, (std::vector{1, 3}));
    EXPECT_EQ(f.visit("r"), (std::vector{3, 4}));
    f.table.leave_all(c);
    f.table.leave_all(late);
    EXPECT_EQ(f.table.room_count(), 0u);
}

TEST(Rooms, a_room_that_empties_while_visited_may_fill_again) {
    Fixture f;
    Person a(1), b(2);
    f.table.join(a, "r");
    f.table.visit(*f.table.find("r"), {}, [&](Member&) {
        f.table.leave_all(a);
        EXPECT_FALSE(f.present.contains("r"));
        f.table.join(b, "r");
    });
    EXPECT_EQ(f.visit("r"), (std::vector{2}));
    EXPECT_TRUE(f.present.contains("r"));
    f.table.leave_all(b);
}

RC_GTEST_PROP(RoomsProperty, the_table_agrees_with_plain_sets, ()) {
    Fixture f;
    std::vector<std::unique_ptr<Person>> people;
    for (int i = 0; i < 6; ++i) people.push_back(std::make_unique<Person>(i));
    std::map<std::string, std::set<int>> model;
    const std::string names[] = {"a", "b", "c", "d"};
    const auto steps = *rc::gen::arbitrary<std::vector<unsigned>>();
    std::size_t at = 0;

    // Each step also runs inside visits, since that is where seats are left empty.
    const auto step = [&](auto&& self, int depth) -> void {
        if (at >= steps.size()) return;
        const unsigned n = steps[at++];
        Person& person = *people[n % 6];
        const std::string& room = names[(n / 6) % 4];
        switch ((n / 24) % 5) {
            case 0:
            case 1:
                f.table.join(person, room);
                model[room].insert(person.number);
                break;
            case 2:
                f.table.leave(person, room);
                model[room].erase(person.number);
                break;
            case 3:
                f.table.leave_all(person);
                for (auto& [name, members] : model) members.erase(person.number);
                break;
            case 4:
                if (Room* found = f.table.find(room); found && depth < 3) {
                    f.table.visit(*found, {}, [&](Member&) { self(self, depth + 1); });
                }
                break;
        }
        for (const auto& name : names) {
            RC_ASSERT(f.visit(name) == std::vector<int>(model[name].begin(), model[name].end()));
            RC_ASSERT(f.present.contains(name) == !model[name].empty());
        }
    };
    while (at < steps.size()) step(step, 0);

    std::vector<Room*> both;
    std::set<int> want;
    for (const char* name : {"a", "b"}) {
        if (Room* found = f.table.find(name)) both.push_back(found);
        want.insert(model[name].begin(), model[name].end());
    }
    std::vector<Room*> except;
    if (Room* found = f.table.find("c")) except.push_back(found);
    for (const int number : model["c"]) want.erase(number);
    std::multiset<int> got;
    for (Member* member : f.table.collect(both, except)) got.insert(static_cast<Person*>(member)->number);
    RC_ASSERT(std::vector<int>(got.begin(), got.end()) == std::vector<int>(want.begin(), want.end()));
    for (auto& person : people) f.table.leave_all(*person);
    RC_ASSERT(f.table.room_count() == 0u);
}

TEST(RoomDirectory, knows_the_shards_of_a_room) {
    RoomDirectory directory;
    directory.set(0, "r", true);
    directory.set(63, "r", true);
    EXPECT_EQ(directory.shards_of("r"), (RoomDirectory::Shards(1) << 63) | 1);
    directory.set(0, "r", false);
    directory.set(63, "r", false);
    directory.set(5, "r", false);
    EXPECT_EQ(directory.shards_of("r"), 0u);
}

TEST(RoomDirectory, a_socket_id_names_its_shard) {
    for (unsigned shard = 0; shard < 64; ++shard) {
        const std::string id = make_socket_id(net::ShardId(shard));
        EXPECT_EQ(id.size(), 20u);
        EXPECT_EQ(shard_of_socket_id(id, 64), RoomDirectory::Shards(1) << shard);
        EXPECT_NE(id, make_socket_id(net::ShardId(shard)));
    }
    EXPECT_EQ(shard_of_socket_id(make_socket_id(3), 2), 0u);
    EXPECT_EQ(shard_of_socket_id("room", 2), 0u);
}

TEST(AckTable, answers_once_and_forgets_what_is_overdue) {
    using std::chrono::seconds;
    const TimePoint start{};
    AckTable table;
    table.add(1, start + seconds(2), [](auto) {});
    table.add(2, start + seconds(1), [](auto) {});
    table.add(3, start + seconds(3), [](auto) {});
    EXPECT_EQ(table.next_deadline(), start + seconds(1));
    EXPECT_TRUE(table.take(3).has_value());
    EXPECT_FALSE(table.take(3).has_value());
    EXPECT_TRUE(table.take_overdue(start).empty());
    EXPECT_EQ(table.take_overdue(start + seconds(1)).size(), 1u);
    EXPECT_FALSE(table.take(2).has_value());
    EXPECT_EQ(table.take_all().size(), 1u);
    EXPECT_EQ(table.size(), 0u);
    EXPECT_EQ(table.next_deadline(), std::nullopt);
}

}  // namespace pulse::socketio
