#include "socketio/user_seats.hpp"

#include <gtest/gtest.h>

#include "socketio/fake_session.hpp"
#include "socketio/recovery.hpp"

namespace pulse::socketio {
namespace {

struct Hotel {
    explicit Hotel(unsigned shards = 1) : world({}, shards) {
        nsp.limit_sockets_per_user(2, [](Socket& socket) {
            const auto* user = socket.handshake().auth.if_contains("user");
            return user ? std::string(user->get_string()) : std::string();
        });
    }
    FakeSession& arrive(const std::string& user) {
        auto& session = world.open();
        session.text("0{\"user\":\"" + user + "\"}");
        return session;
    }
    static bool in(FakeSession& session) { return session.take().at(0).starts_with("40"); }
    World world;
    NamespaceImpl& nsp = world.of("/");
};

}  // namespace

TEST(UserSeats, are_given_back_when_their_holder_ends) {
    const auto seats = std::make_shared<UserSeats>(1);
    auto first = seats->take("a");
    EXPECT_TRUE(first);
    EXPECT_FALSE(seats->take("a"));
    EXPECT_TRUE(seats->take("b"));
    first.reset();
    EXPECT_TRUE(seats->take("a"));
    EXPECT_EQ(seats->users(), 0u);
    EXPECT_FALSE(std::make_shared<UserSeats>(0)->take("a"));
}

TEST(UserLimit, refuses_more_sockets_of_a_user_until_one_ends_in_whatever_way) {
    Hotel hotel;
    std::vector<Socket*> sockets;
    hotel.nsp.on_connection([&](Socket& socket) { sockets.push_back(&socket); });
    hotel.world.run([&] {
        auto& a = hotel.arrive("u");
        auto& b = hotel.arrive("u");
        EXPECT_TRUE(Hotel::in(a) && Hotel::in(b));
        auto& c = hotel.arrive("u");
        EXPECT_EQ(c.take().at(0), R"(44{"message":"Too many connections"})");
        EXPECT_TRUE(Hotel::in(hotel.arrive("other")));
        for (int i = 0; i < 5; ++i) EXPECT_TRUE(Hotel::in(hotel.arrive("")));
        a.end(engineio::CloseReason::ping_timeout);
        c.text("0{\"user\":\"u\"}");  // the same connection may try again
        EXPECT_TRUE(Hotel::in(c));
        EXPECT_FALSE(Hotel::in(hotel.arrive("u")));
        b.text("41");
        EXPECT_TRUE(Hotel::in(hotel.arrive("u")));
        sockets.back()->disconnect();
        EXPECT_TRUE(Hotel::in(hotel.arrive("u")));
        EXPECT_EQ(hotel.world.shared->stats.refused, 2u);
    });
}

TEST(UserLimit, a_client_that_comes_back_takes_the_place_of_its_dead_connection) {
    Hotel hotel;
    hotel.nsp.use_recovery(LogRecoveryOptions{});
    hotel.world.run([&] {
        auto& a = hotel.arrive("u");
        const auto greeting = a.take().at(0);
        const auto pid = greeting.substr(greeting.find("\"pid\":\"") + 7, 20);
        EXPECT_TRUE(Hotel::in(hotel.arrive("u")));
        auto& back = hotel.world.open();
        back.text("0{\"user\":\"u\",\"pid\":\"" + pid + "\",\"offset\":\"\"}");
        EXPECT_TRUE(Hotel::in(back));
        EXPECT_FALSE(a.open());
        EXPECT_FALSE(Hotel::in(hotel.arrive("u")));
    });
}

}  // namespace pulse::socketio
