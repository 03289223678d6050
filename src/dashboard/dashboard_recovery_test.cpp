#include "dashboard/dashboard_recovery.hpp"

#include <gtest/gtest.h>

#include "dashboard/fake_cache.hpp"
#include "dashboard/fake_store.hpp"
#include "dashboard/kpi_service.hpp"
#include "socketio/fake_returning.hpp"

namespace pulse::dashboard {
namespace {

using namespace std::chrono_literals;
using socketio::FakeSession;
using socketio::Returning;
using store::Version;
using Texts = std::vector<std::string>;

// Keeps a log of one tenant, as a database does.
class LoggingStore final : public testing::FakeStore {
public:
    Version head = 0;
    Version trimmed = 0;
    std::size_t most = 1000;

    Task<Result<store::TenantState>> tenant_state(UserId user, std::optional<Version> after,
                                                  std::int64_t businesses) override {
        auto read = co_await FakeStore::tenant_state(user, after, businesses);
        if (!read) co_return read;
        auto& state = *read;
        state.kpis.version = head;
        state.kpis.active_businesses = std::int64_t(head);
        const auto from = std::max(after.value_or(head), trimmed);
        state.complete = after.value_or(head) >= trimmed && after.value_or(head) <= head;
        for (auto version = from + 1; version <= head; ++version) {
            if (state.changes.size() == most) {
                state.more = true;
                break;
            }
            state.changes.push_back(
                {version, store::ChangeKind::business_created, BusinessId::random(), store::Business()});
        }
        co_return read;
    }
    Task<Result<std::vector<std::pair<UserId, Version>>>> versions(std::vector<UserId> users) override {
        if (out_of_reach) co_return Error{ErrorCode::unavailable, "gone"};
        std::vector<std::pair<UserId, Version>> all;
        for (const auto& user : users) all.emplace_back(user, head);
        co_return all;
    }
};

class DashboardRecoveryTest : public ::testing::Test {
protected:
    DashboardRecoveryTest() {
        store.head = 7;
        serve_recovery(nsp, events, "secret", [this](socketio::Socket&) { return user; });
        nsp.on_connection([this](socketio::Socket& socket) {
            socket.join(DashboardEvents::room(user));
            if (socket.recovered()) {
                events.rejoin(user);
            } else {
                events.join(user, socket.id());
            }
            socket.on_disconnect([this, &socket](auto) { events.leave(user, socket.id()); });
        });
    }
    ~DashboardRecoveryTest() override {
        world.run([&] {
            for (auto& session : world.sessions) session->end(engineio::CloseReason::transport_close);
        });
        events.stop();
    }

    // Waits until the condition, which is asked on the shard, holds.
    bool soon(const std::function<bool()>& condition) {
        const auto end = std::chrono::steady_clock::now() + 10s;
        bool holds = false;
        while (!holds && std::chrono::steady_clock::now() < end) world.run([&] { holds = condition(); });
        return holds;
    }
    void commit(Version changes = 1) {
        store.head += changes;
        events.on_change({{user, store.head}});
    }
    FakeSession& start(Returning& client) {
        FakeSession* session = nullptr;
        world.run([&] {
            session = &world.open();
            client.connect(*session);
        });
        return *session;
    }
    // Reads what came until there are `count` events of the name.
    bool gets(Returning& client, FakeSession& session, std::string_view name, std::ptrdiff_t count) {
        return soon([&] {
            client.read(session);
            return std::count(client.events.begin(), client.events.end(), name) == count;
        });
    }
    void drop(FakeSession& session) {
        world.run([&] { session.end(engineio::CloseReason::transport_close); });
    }

    const UserId user = UserId::random();
    LoggingStore store;
    testing::FakeCache cache;
    KpiService kpis{store, cache};
    socketio::World world;
    socketio::NamespaceImpl& nsp = world.of("/");
    DashboardEvents events{world.pool, store, kpis, nsp, 0ms};
};

TEST_F(DashboardRecoveryTest, what_was_missed_comes_before_what_is_live_and_once) {
    Returning client;
    auto& first = start(client);
    ASSERT_TRUE(gets(client, first, "kpi:update", 1));
    drop(first);
    commit(2);
    auto& second = start(client);
    ASSERT_TRUE(gets(client, second, "kpi:update", 2));
    EXPECT_TRUE(client.recovered);
    commit();
    ASSERT_TRUE(gets(client, second, "kpi:update", 3));
    EXPECT_EQ(client.events, (Texts{"kpi:update", "business:created", "business:created", "kpi:update",
                                    "business:created", "kpi:update"}));
    drop(second);
    EXPECT_TRUE(soon([&] { return events.stats().followed == 0; }));
}

TEST_F(DashboardRecoveryTest, who_was_there_is_not_told_again_what_another_missed) {
    Returning stays, leaves;
    auto& there = start(stays);
    ASSERT_TRUE(gets(stays, there, "kpi:update", 1));
    auto& first = start(leaves);
    ASSERT_TRUE(gets(leaves, first, "kpi:update", 1));
    drop(first);
    commit(3);
    ASSERT_TRUE(gets(stays, there, "business:created", 3));
    auto& second = start(leaves);
    ASSERT_TRUE(gets(leaves, second, "business:created", 3));
    commit();
    ASSERT_TRUE(gets(leaves, second, "business:created", 4));
    EXPECT_TRUE(gets(stays, there, "business:created", 4));
}

TEST_F(DashboardRecoveryTest, a_log_that_is_too_short_for_one_serves_the_others) {
    Returning early, late;
    auto& one = start(early);
    ASSERT_TRUE(gets(early, one, "kpi:update", 1));
    drop(one);
    commit(2);
    auto& two = start(late);
    ASSERT_TRUE(gets(late, two, "kpi:update", 1));
    drop(two);
    ASSERT_TRUE(soon([&] { return events.stats().followed == 0; }));
    commit(2);
    store.trimmed = 8;  // in the middle of what the first one missed
    FakeSession* sessions[2] = {};
    world.run([&] {
        for (auto*& session : sessions) session = &world.open();
        early.connect(*sessions[0]);
        late.connect(*sessions[1]);
    });
    ASSERT_TRUE(gets(early, *sessions[0], "kpi:update", 2));
    ASSERT_TRUE(gets(late, *sessions[1], "kpi:update", 2));
    EXPECT_FALSE(early.recovered);
    EXPECT_TRUE(late.recovered);
    EXPECT_EQ(late.events, (Texts{"kpi:update", "business:created", "business:created", "kpi:update"}));
}

TEST_F(DashboardRecoveryTest, who_missed_more_than_one_read_gives_begins_anew) {
    Returning client;
    auto& first = start(client);
    ASSERT_TRUE(gets(client, first, "kpi:update", 1));
    drop(first);
    store.most = 5;
    commit(6);
    auto& second = start(client);
    ASSERT_TRUE(gets(client, second, "kpi:update", 2));
    EXPECT_FALSE(client.recovered);
}

TEST_F(DashboardRecoveryTest, who_is_ahead_of_a_database_that_was_restored_begins_anew) {
    Returning client;
    auto& first = start(client);
    ASSERT_TRUE(gets(client, first, "kpi:update", 1));
    drop(first);
    ASSERT_TRUE(soon([&] { return events.stats().followed == 0; }));
    store.head = 3;
    auto& second = start(client);
    ASSERT_TRUE(gets(client, second, "kpi:update", 2));
    EXPECT_FALSE(client.recovered);
}

TEST_F(DashboardRecoveryTest, a_database_out_of_reach_keeps_nobody_at_the_door) {
    Returning known;
    auto& before = start(known);
    ASSERT_TRUE(gets(known, before, "kpi:update", 1));
    drop(before);
    ASSERT_TRUE(soon([&] { return events.stats().followed == 0; }));
    store.out_of_reach = true;
    Returning client;
    auto& session = start(client);
    EXPECT_TRUE(soon([&] {
        client.read(session);
        return !client.pid.empty();
    }));
    auto& back = start(known);
    EXPECT_TRUE(soon([&] {
        known.read(back);
        return world.shared->stats.connected == 2;
    }));
    EXPECT_FALSE(known.recovered);
    world.run([&] {
        store.out_of_reach = false;
        world.pass(10s);
    });
    EXPECT_TRUE(gets(client, session, "kpi:update", 1));
}

}  // namespace
}  // namespace pulse::dashboard
