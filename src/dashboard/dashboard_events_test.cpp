#include "dashboard/dashboard_events.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "dashboard/fake_cache.hpp"
#include "dashboard/fake_store.hpp"
#include "dashboard/kpi_service.hpp"
#include "dashboard/waiting_sockets.hpp"
#include "socketio/fake_session.hpp"

namespace pulse::dashboard {
namespace {

using namespace std::chrono_literals;

// One tenant's sockets on a real shard, whose clock the test turns; the store is out of reach at first.
class DashboardEventsTest : public ::testing::Test {
protected:
    DashboardEventsTest() {
        store.out_of_reach = true;
        nsp.on_connection([this](socketio::Socket& socket) {
            events.join(user, socket.id());
            socket.on("request:current-state", [this, &socket](const auto&, socketio::Ack ack) {
                events.request_state(user, socket.id(), std::move(ack));
            });
            socket.on_disconnect([this, &socket](auto) { events.leave(user, socket.id()); });
        });
    }
    ~DashboardEventsTest() override {
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
    void store_comes_back() {
        ASSERT_TRUE(soon([&] { return events.stats().read_failures > 0; }));
        world.run([&] {
            store.out_of_reach = false;
            world.pass(10s);
        });
    }
    static std::ptrdiff_t count(const std::vector<std::string>& packets, std::string_view start) {
        return std::count_if(packets.begin(), packets.end(),
                             [&](const std::string& packet) { return packet.starts_with(start); });
    }

    const UserId user = UserId::random();
    testing::FakeStore store;
    testing::FakeCache cache;
    KpiService kpis{store, cache};
    socketio::World world;
    socketio::NamespaceImpl& nsp = world.of("/");
    DashboardEvents events{world.pool, store, kpis, nsp, 200ms};
};

// The thousand and first was forgotten, and never sent anything.
TEST_F(DashboardEventsTest, every_newcomer_is_sent_the_state_however_many_wait) {
    world.run([&] {
        for (int i = 0; i < 1100; ++i) world.join("/");
    });
    store_comes_back();
    EXPECT_TRUE(soon([&] {
        return std::all_of(world.sessions.begin(), world.sessions.end(), [](const auto& session) {
            return count(session->sent, R"(42["kpi:update")") == 1;
        });
    }));
}

TEST_F(DashboardEventsTest, a_socket_that_asks_without_end_is_answered_up_to_its_bound) {
    constexpr int asked = int(WaitingSockets::max_acks) + 4;
    world.run([&] {
        auto& session = world.join("/");
        for (int id = 0; id < asked; ++id)
            session.text("2" + std::to_string(id) + R"(["request:current-state"])");
    });
    EXPECT_TRUE(soon([&] { return events.stats().unanswered_requests == 4; }));
    store_comes_back();
    auto& session = *world.sessions.front();
    EXPECT_TRUE(soon([&] { return count(session.sent, R"(42["reconnected")") == 1; }));
    world.run([&] { EXPECT_EQ(count(session.sent, "43"), asked - 4); });
    EXPECT_EQ(events.stats().unanswered_requests, 4u);
}

}  // namespace
}  // namespace pulse::dashboard
