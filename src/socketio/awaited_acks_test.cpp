#include "socketio/awaited_acks.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <future>

#include "socketio/fake_session.hpp"

namespace pulse::socketio {
using namespace std::chrono_literals;

namespace {

// Runs on the world's shard what `steps` begins, and gives what it set.
template <class T>
T result_of(std::promise<T>& promise) {
    auto future = promise.get_future();
    EXPECT_EQ(future.wait_for(10s), std::future_status::ready);
    return future.get();
}

struct Waiter {
    static Task<> one(Socket& socket, std::promise<std::optional<Args>>& answered) {
        answered.set_value(co_await socket.timeout(5s).emit_with_ack("ask", {}));
    }
    static Task<> all(Namespace& nsp, std::promise<BroadcastAnswers>& answered) {
        answered.set_value(co_await nsp.timeout(5s).emit_with_ack("ask", {}));
    }
    static Task<> wrong(Socket& socket, std::promise<std::string>& answered) {
        try {
            co_await socket.emit_with_ack("connect", {}, 5s);
        } catch (const std::invalid_argument& error) {
            answered.set_value(error.what());
        }
    }
};

}  // namespace

TEST(AwaitedAcks, one_socket_answers) {
    World world;
    std::promise<std::optional<Args>> answered;
    world.of("/").on_connection([&](Socket& socket) {
        boost::asio::co_spawn(world.pool[0].context(), Waiter::one(socket, answered), boost::asio::detached);
    });
    world.run([&] { world.open().text("0"); });
    world.run([&] { world.sessions.front()->text("30[7]"); });
    const auto answer = result_of(answered);
    ASSERT_TRUE(answer);
    EXPECT_EQ((*answer)[0], 7);
}

TEST(AwaitedAcks, of_several_those_are_told_that_came_in_time) {
    World world;
    std::promise<BroadcastAnswers> answered;
    world.of("/");
    world.run([&] {
        auto& answering = world.join("/");
        world.join("/");
        boost::asio::co_spawn(world.pool[0].context(), Waiter::all(world.of("/"), answered),
                              boost::asio::detached);
        world.pool[0].post([&] {
            answering.text("30[7]");
            world.pass(6s);
        });
    });
    const auto answers = result_of(answered);
    EXPECT_EQ(answers.asked, 2u);
    ASSERT_EQ(answers.answers.size(), 1u);
    EXPECT_EQ(answers.answers[0][0], 7);
}

TEST(AwaitedAcks, what_the_call_refuses_is_thrown_where_it_is_awaited) {
    World world;
    std::promise<std::string> answered;
    world.of("/").on_connection([&](Socket& socket) {
        boost::asio::co_spawn(world.pool[0].context(), Waiter::wrong(socket, answered),
                              boost::asio::detached);
    });
    world.run([&] { world.join("/"); });
    EXPECT_EQ(result_of(answered), "\"connect\" is a reserved event name");
}

}  // namespace pulse::socketio
