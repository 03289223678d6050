#include "socketio/admin/admin_json.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace pulse::socketio {
namespace json = boost::json;

TEST(AdminJson, sums_are_what_changed_since_the_last_look) {
    Numbers before;
    before.connections_opened = 5;
    before.bytes_in = 7;
    Numbers now = before;
    EXPECT_TRUE(aggregated_events(before, now, {}).empty());
    now.connections_opened = 8;
    now.connections_closed[std::size_t(engineio::CloseReason::ping_timeout)] = 2;
    now.bytes_out = 100;
    const auto events =
        aggregated_events(before, now, WallTime(std::chrono::milliseconds(1'700'000'000'789)));
    EXPECT_EQ(json::value(events), json::parse(R"([
        {"timestamp":1700000000000,"type":"rawConnection","count":3},
        {"timestamp":1700000000000,"type":"rawDisconnection","count":2,"subType":"ping timeout"},
        {"timestamp":1700000000000,"type":"bytesOut","count":100}])"));
}

TEST(AdminJson, a_socket_is_listed_without_what_may_be_secret) {
    RemoteSocket socket{"the-id",
                        json::parse(R"({
        "headers":{"host":"h","cookie":"c","authorization":"a","x-forwarded-for":"10.0.0.1"},
        "address":"127.0.0.1","url":"/socket.io/?EIO=4&token=t","query":{"EIO":"4","token":"t"},
        "auth":{"token":"t"},"issued":1})")
                            .as_object(),
                        {"the-id", "room"},
                        json::parse(R"({"name":"n","_admin":{"clientId":"c1","transport":"polling"}})")};
    EXPECT_EQ(json::value(admin_socket(socket, "/chat")), json::parse(R"({
        "id":"the-id","nsp":"/chat","clientId":"c1","transport":"polling","data":{"name":"n"},
        "rooms":["the-id","room"],
        "handshake":{"headers":{"host":"h","x-forwarded-for":"10.0.0.1"},"address":"10.0.0.1",
                     "url":"/socket.io/","query":{"EIO":"4"},"issued":1}})"));
    // From a node that says nothing of its connections, and one that lies about their kind.
    socket.data = nullptr;
    EXPECT_EQ(admin_socket(socket, "/").if_contains("clientId"), nullptr);
    socket.data = json::parse(R"({"_admin":7})");
    EXPECT_EQ(admin_socket(socket, "/").at("data"), json::value(json::object()));
    socket.handshake = {};
    EXPECT_EQ(admin_socket(socket, "/").at("handshake").at("address"), "");
}

TEST(AdminJson, of_an_event_binary_is_named_by_its_size_and_too_much_left_out) {
    Args args;
    args.json.push_back(json::object{{"deep", json::array{args.attach("four")}}});
    args.json.push_back(args.attach(""));
    EXPECT_EQ(json::serialize(admin_event("file", args)), R"(["file",{"deep":["<4 bytes>"]},"<0 bytes>"])");
    const Args long_one({json::string(20'000, 'x')});
    EXPECT_EQ(json::serialize(admin_event("long", long_one)), R"(["long","<20011 bytes>"])");
}

}  // namespace pulse::socketio
