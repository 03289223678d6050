#include "socketio/admin/admin.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>

#include "net/test_client.hpp"
#include "socketio/admin/admin_gate.hpp"
#include "socketio/fake_session.hpp"

namespace pulse::socketio {
namespace {

constexpr const char* invalid = R"(44/admin,{"message":"invalid credentials"})";

// An admin namespace with nothing but its gate.
struct Gated {
    explicit Gated(AdminOptions options)
        : gate(std::make_shared<AdminGate>(std::move(options))), nsp(world.of("/admin")) {
        nsp.use([this](Socket& socket, Next next) { gate->admit(socket, std::move(next)); });
        nsp.on_connection([this](Socket& socket) {
            EXPECT_TRUE(socket.handshake().auth.empty()) << "credentials are not kept";
            session = gate->new_session(socket).value_or("");
        });
    }
    // What a client that shows `auth` is answered first.
    std::string answer_to(const std::string& auth) {
        FakeSession* client = nullptr;
        world.run([&] { (client = &world.open())->text("0/admin," + auth); });
        std::string answer;
        EXPECT_TRUE(net::eventually([&] {
            world.run([&] {
                if (!client->sent.empty()) answer = client->sent[0];
            });
            return !answer.empty();
        }));
        return answer;
    }
    bool lets_in(const std::string& auth) { return answer_to(auth).starts_with("40/admin,"); }

    World world;
    std::shared_ptr<AdminGate> gate;
    NamespaceImpl& nsp;
    std::string session;
};

}  // namespace

TEST(Admin, a_password_opens_and_so_does_the_session_given_for_it) {
    Gated one({.auth = AdminAuth::password("admin", "right"), .session_secret = "shared by all nodes"});
    EXPECT_TRUE(one.lets_in(R"({"username":"admin","password":"right"})"));
    const auto session = one.session;
    EXPECT_FALSE(session.empty());
    const auto again = R"({"sessionId":")" + session + R"("})";
    EXPECT_TRUE(one.lets_in(again));
    EXPECT_EQ(one.session, "") << "no second session for the first";
    for (const auto* auth :
         {R"({"username":"admin","password":"wrong"})", R"({"username":"root","password":"right"})",
          R"({"username":"admin","password":""})", R"({"sessionId":"x"})", "{}"}) {
        EXPECT_EQ(one.answer_to(auth), invalid) << auth;
    }
    Gated node({.auth = AdminAuth::password("admin", "right"), .session_secret = "shared by all nodes"});
    EXPECT_TRUE(node.lets_in(again));
    Gated stranger({.auth = AdminAuth::password("admin", "right")});
    EXPECT_EQ(stranger.answer_to(again), invalid);
    Gated later({.auth = AdminAuth::password("admin", "right"),
                 .session_secret = "shared by all nodes",
                 .session_lifetime = -std::chrono::seconds(1)});
    EXPECT_EQ(later.answer_to(again), invalid) << "a session ends";
}

TEST(Admin, guesses_are_few_a_minute) {
    Gated one({.auth = AdminAuth::password("admin", "right")});
    const auto* right = R"({"username":"admin","password":"right"})";
    EXPECT_TRUE(one.lets_in(right));
    const auto again = R"({"sessionId":")" + one.session + R"("})";
    for (int i = 0; i < 30; ++i) EXPECT_EQ(one.answer_to(R"({"username":"admin","password":"x"})"), invalid);
    EXPECT_EQ(one.answer_to(right), invalid);
    EXPECT_TRUE(one.lets_in(again)) << "who is known is not kept out by it";
    one.world.clock.advance(std::chrono::minutes(1));
    EXPECT_TRUE(one.lets_in(right));
}

TEST(Admin, a_verifier_is_asked_on_a_thread_of_its_own) {
    Gated one({.auth = AdminAuth::verify([](std::string_view username, std::string_view password) {
                   EXPECT_EQ(net::Shard::current(), nullptr);
                   if (password == "throws") throw std::runtime_error("a verifier's mistake");
                   return username == "ann" && password == "right";
               })});
    EXPECT_TRUE(one.lets_in(R"({"username":"ann","password":"right"})"));
    EXPECT_FALSE(one.session.empty());
    EXPECT_EQ(one.answer_to(R"({"username":"ann","password":"wrong"})"), invalid);
    EXPECT_EQ(one.answer_to(R"({"username":"ann","password":"throws"})"), invalid);
}

TEST(Admin, everybody_is_let_in_only_where_that_is_said) {
    Gated open({.auth = AdminAuth::none()});
    EXPECT_TRUE(open.lets_in("{}"));
    EXPECT_EQ(open.session, "");
    EXPECT_THROW(AdminAuth::password("admin", ""), std::invalid_argument);
    EXPECT_THROW(AdminAuth::verify(nullptr), std::invalid_argument);
}

TEST(Admin, a_server_may_end_while_its_loops_go_on) {
    net::ShardPool pool(2, system_clock());
    pool.start();
    for (int round = 0; round < 20; ++round) {
        Server io(pool, {});
        instrument(io, {.auth = AdminAuth::none(), .mode = AdminMode::development});
    }
    pool.run_on_each([](net::Shard&) {});
    pool.stop();
}

}  // namespace pulse::socketio
