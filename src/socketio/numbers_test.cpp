#include "socketio/numbers.hpp"

#include <gtest/gtest.h>

#include "net/test_client.hpp"
#include "socketio/fake_session.hpp"

namespace pulse::socketio {
namespace {

using namespace std::chrono_literals;

struct Numbered {
    World world;
    engineio::Server engine{world.pool, {}, nullptr};
    Numbers numbers() { return numbers_of(*world.shared, *world.namespaces, engine); }
};

std::uint64_t of_type(const std::array<std::uint64_t, packet_types>& by_type, PacketType type) {
    return by_type[std::size_t(type)];
}

}  // namespace

TEST(Numbers, tell_packets_by_type_and_what_each_namespace_has) {
    Numbered server;
    server.world.of("/quiet");
    server.world.of("/").on_connection([](Socket& socket) {
        socket.join("everybody");
        socket.on("binary", [](const Args& args, const Ack& ack) { ack(args); });
    });
    server.world.run([&] {
        auto& one = server.world.join("/");
        server.world.join("/");
        one.text(R"(2["hello"])");
        one.text(R"(51-7["binary",{"_placeholder":true,"num":0}])");
        one.binary("bytes");
        one.text("0/nowhere");
        server.world.of("/").emit("to two", {});
        one.text("1");
        one.text("not a packet");
    });
    const auto seen = server.numbers();
    EXPECT_EQ(of_type(seen.packets_in, PacketType::connect), 3u);
    EXPECT_EQ(of_type(seen.packets_in, PacketType::event), 1u);
    EXPECT_EQ(of_type(seen.packets_in, PacketType::binary_event), 1u);
    EXPECT_EQ(of_type(seen.packets_in, PacketType::disconnect), 1u);
    EXPECT_EQ(sum(seen.packets_in), 6u);
    EXPECT_EQ(seen.invalid_packets, 1u);
    EXPECT_EQ(of_type(seen.packets_out, PacketType::connect), 2u);
    EXPECT_EQ(of_type(seen.packets_out, PacketType::connect_error), 1u);
    EXPECT_EQ(of_type(seen.packets_out, PacketType::binary_ack), 1u);
    EXPECT_EQ(of_type(seen.packets_out, PacketType::event), 2u);
    EXPECT_EQ(sum(seen.packets_out), 6u);
    EXPECT_EQ(seen.sockets, 1u);
    EXPECT_EQ(seen.sockets_connected, 2u);
    EXPECT_EQ(seen.sockets_disconnected[std::size_t(DisconnectReason::client_namespace_disconnect)], 1u);
    ASSERT_EQ(seen.namespaces.size(), 2u);
    EXPECT_EQ(seen.namespaces[0].name, "/");
    EXPECT_EQ(seen.namespaces[0].sockets, 1u);
    EXPECT_EQ(seen.namespaces[0].rooms, 1u) << "a socket's own room does not count";
    EXPECT_EQ(seen.namespaces[1].rooms, 0u);
    EXPECT_EQ(seen.loop_lag.size(), 1u);
}

TEST(Numbers, time_one_emit_in_16_and_deliveries_until_they_were_written) {
    Numbered server;
    auto& nsp = server.world.of("/");
    server.world.run([&] { server.world.join("/"); });
    std::thread emitter([&] {  // a thread of its own begins a count of its own
        for (unsigned i = 0; i < 2 * EmitTimer::sampled_of; ++i) nsp.emit("e", {});
    });
    emitter.join();
    EXPECT_TRUE(net::eventually([&] { return server.numbers().delivery.count == 2; }));
    EXPECT_EQ(server.numbers().encode.count, 2u);

    std::thread late([&] {
        server.world.run([&] {
            std::thread another([&] { nsp.emit("e", {}); });
            another.join();
            server.world.clock.advance(3ms);  // before the shard comes to it
        });
    });
    late.join();
    EXPECT_TRUE(net::eventually([&] { return server.numbers().delivery.count == 3; }));
    EXPECT_EQ(server.numbers().delivery.sum, 3ms);
    EXPECT_EQ(server.numbers().encode.sum, 0ms);
}

}  // namespace pulse::socketio
