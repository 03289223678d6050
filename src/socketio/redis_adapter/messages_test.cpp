#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "socketio/redis_adapter/broadcast_message.hpp"
#include "socketio/redis_adapter/channels.hpp"
#include "socketio/redis_adapter/request.hpp"
#include "socketio/redis_adapter/response.hpp"

namespace pulse::socketio::redis_adapter {
namespace json = boost::json;
using namespace std::chrono_literals;
using namespace std::string_literals;
using Texts = std::vector<std::string>;

namespace {

constexpr std::size_t ten = 10;

std::string from_hex(std::string_view hex) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        bytes += char(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
    }
    return bytes;
}

std::string name() { return *rc::gen::container<std::string>(rc::gen::inRange('!', '~')); }
Texts names() {
    Texts out(*rc::gen::inRange<std::size_t>(0, 4));
    for (auto& one : out) one = name();
    return out;
}
Target target() {
    return {names(), names(), *rc::gen::arbitrary<bool>() ? Delivery::may_drop : Delivery::reliable, {}};
}
Args args() {
    Args out;
    for (const auto number : *rc::gen::arbitrary<std::vector<int>>()) out.json.push_back(number);
    for (int n = *rc::gen::inRange(0, 4); n > 0; --n) {
        out.json.push_back(json::object{{"b", out.attach(*rc::gen::arbitrary<std::string>())}});
    }
    return out;
}
bool same(const Args& a, const Args& b) { return a.json == b.json && a.attachments == b.attachments; }
bool same_rooms(const Target& a, const Target& b) { return a.rooms == b.rooms && a.except == b.except; }

// Decoding of what the peers of another adapter, or nobody, would send.
template <class Decode>
BadMessage refused(Decode decode, std::string_view json_text) {
    const auto decoded = decode(json_text, ten);
    EXPECT_TRUE(decoded.has_error()) << json_text;
    return decoded.has_error() ? decoded.error() : BadMessage::unreadable;
}

}  // namespace

TEST(Channels, are_named_as_nodes_adapter_names_them) {
    const Channels admin("socket.io", "/admin", "AAAAAA");
    EXPECT_EQ(admin.broadcasts, "socket.io#/admin#");
    EXPECT_EQ(admin.requests, "socket.io-request#/admin#");
    EXPECT_EQ(admin.responses, "socket.io-response#/admin#");
    EXPECT_EQ(admin.own_responses, "socket.io-response#/admin#AAAAAA#");
    EXPECT_EQ(admin.room("a#b"), "socket.io#/admin#a#b#");
    EXPECT_EQ(admin.room_of(admin.broadcasts), std::nullopt);
    EXPECT_EQ(admin.room_of(admin.room("")), "");  // events for it were dropped
    EXPECT_EQ(admin.room_of("socket.io#/admin#a#b#"), "a#b");
    EXPECT_EQ(admin.room_of("socket.io#/admin#a"), std::nullopt);
    EXPECT_EQ(admin.room_of("socket.io#/#a#"), std::nullopt);
    EXPECT_EQ(admin.room_of(admin.requests), std::nullopt);
}

TEST(BroadcastMessage, of_the_stock_emitter_is_read) {
    // to("a").emit("hi") of @socket.io/redis-emitter 5.1.0
    const auto read =
        decode_broadcast(from_hex("93a7656d697474657283a47479706502a46461746191a26869a36e7370a12f"
                                  "83a5726f6f6d7391a161a5666c61677380a665786365707490"),
                         ten);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->uid, "emitter");
    EXPECT_EQ(read->nsp, "/");
    EXPECT_EQ(read->event.name, "hi");
    EXPECT_EQ(read->event.args.size(), 0u);
    EXPECT_EQ(read->target.rooms, Texts{"a"});
    EXPECT_TRUE(read->target.except.empty());
    EXPECT_EQ(read->target.delivery, Delivery::reliable);
}

TEST(BroadcastMessage, is_written_as_nodes_adapter_writes_it) {
    Target to_a;
    to_a.rooms = {"a"};
    EXPECT_EQ(encode_broadcast("uiduid", "/", "hi", Args({1}), to_a, Encoding::msgpack),
              from_hex("93a6756964756964"
                       "83a47479706502a46461746192a2686901a36e7370a12f"
                       "83a5726f6f6d7391a161a665786365707490a5666c61677380"));
    to_a.delivery = Delivery::may_drop;
    to_a.compress = false;
    Args binary;
    binary.json.push_back(binary.attach("\x01\x02"));
    EXPECT_EQ(encode_broadcast("u", "/n", "e", binary, to_a, Encoding::json),
              R"(["u",{"type":2,"data":["e",{"type":"Buffer","data":[1,2]}],"nsp":"/n"},)"
              R"({"rooms":["a"],"except":[],"flags":{"volatile":true,"compress":false}}])");
    for (const auto encoding : {Encoding::json, Encoding::msgpack}) {
        const auto read = decode_broadcast(encode_broadcast("u", "/n", "e", {}, to_a, encoding), ten);
        ASSERT_TRUE(read);
        EXPECT_EQ(read->target.delivery, Delivery::may_drop);
        EXPECT_FALSE(read->target.compress);
    }
}

TEST(BroadcastMessage, says_what_it_is_the_newest_of_and_that_it_is_retained) {
    Target target;
    target.delivery = Delivery::newest;
    target.key = "player 7";
    target.retain = true;
    for (const auto encoding : {Encoding::msgpack, Encoding::json}) {
        const auto read = decode_broadcast(encode_broadcast("u", "/n", "e", {}, target, encoding), ten);
        ASSERT_TRUE(read);
        EXPECT_EQ(read->target.delivery, Delivery::newest);
        EXPECT_TRUE(read->target.retain);
        EXPECT_EQ(read->target.key, "player 7");
    }
}

TEST(BroadcastMessage, may_lack_what_has_a_default) {
    for (const auto* text : {R"(["u",{"type":2,"data":["e"]}])", R"(["u",{"type":2,"data":["e"]},null])",
                             R"(["u",{"type":5,"data":["e"]},{"rooms":null,"flags":null}])"}) {
        const auto read = decode_broadcast(text, ten);
        ASSERT_TRUE(read) << text;
        EXPECT_EQ(read->nsp, "/");
        EXPECT_TRUE(read->target.rooms.empty());
    }
    const auto numbers =
        decode_broadcast(R"(["u",{"type":2,"data":[7]},{"rooms":[1,-2],"except":["x"]}])", ten);
    ASSERT_TRUE(numbers);
    EXPECT_EQ(numbers->event.name, "7");
    EXPECT_EQ(numbers->target.rooms, (Texts{"1", "-2"}));
}

TEST(BroadcastMessage, of_other_adapters_and_nonsense_are_refused) {
    const auto why = [](std::string_view text) { return refused(decode_broadcast, text); };
    for (const auto* text : {"", "\xdf", "[", "[\"u\",", "\xc1"})
        EXPECT_EQ(why(text), BadMessage::unreadable);
    for (const auto* text :
         {R"({"type":3,"data":{},"uid":"u","nsp":"/"})",  // sharded
          "[]", R"(["u"])", R"([1,{"type":2,"data":["e"]}])", R"(["u",{"type":2,"data":[]}])",
          R"(["u",{"type":2,"data":[{}]}])", R"(["u",{"type":3,"data":["e"]}])", R"(["u",{"type":2}])",
          R"(["u",{"data":["e"]}])", R"(["u",{"type":2,"data":["e"]},{"rooms":"a"}])",
          R"(["u",{"type":2,"data":["e"]},{"rooms":[{}]}])", R"(["u",{"type":2,"data":["e"]},7])",
          R"(["u",{"type":2,"data":["e"]},{},1])"}) {
        EXPECT_EQ(why(text), BadMessage::wrong_shape) << text;
    }
    EXPECT_EQ(why(R"(["u",{"type":2,"data":["disconnect"]}])"), BadMessage::reserved_event);
    EXPECT_EQ(why(R"(["u",{"type":2,"data":["e",)" + std::string(60, '[') + std::string(60, ']') + "]}]"),
              BadMessage::unreadable);
}

RC_GTEST_PROP(BroadcastMessageProperty, what_was_written_is_read_back, ()) {
    const Target to = target();
    const Args what = args();
    const std::string uid = name(), nsp = "/" + name();
    const auto read = decode_broadcast(encode_broadcast(uid, nsp, "e", what, to, Encoding::msgpack), ten);
    RC_ASSERT(read.has_value());
    RC_ASSERT(read->uid == uid);
    RC_ASSERT(read->nsp == nsp);
    RC_ASSERT(same(read->event.args, what));
    RC_ASSERT(same_rooms(read->target, to));
    RC_ASSERT(read->target.delivery == to.delivery);
    // A cluster that chose JSON reads the same but for binary.
    const auto as_json = decode_broadcast(encode_broadcast(uid, nsp, "e", what, to, Encoding::json), ten);
    RC_ASSERT(as_json.has_value());
    RC_ASSERT(as_json->event.args.size() == what.size());
    RC_ASSERT(same_rooms(as_json->target, to));
}

TEST(Request, each_that_we_send_is_read_back) {
    Target to;
    to.rooms = {"a"};
    to.except = {"b"};
    const auto read = [](const std::string& wire) {
        auto request = decode_request(wire, ten);
        EXPECT_TRUE(request) << wire;
        return std::move(*request);
    };
    const auto join = read(encode_move("u", "r", true, to, {"x", "y"}));
    EXPECT_EQ(join.uid, "u");
    EXPECT_EQ(join.id, "r");
    EXPECT_TRUE(std::get<Move>(join.what).join);
    EXPECT_TRUE(same_rooms(std::get<Move>(join.what).target, to));
    EXPECT_EQ(std::get<Move>(join.what).rooms, (Texts{"x", "y"}));
    EXPECT_FALSE(std::get<Move>(read(encode_move("u", "r", false, to, {"x"})).what).join);
    EXPECT_TRUE(std::get<Disconnect>(read(encode_disconnect("u", "r", to, true)).what).close);
    const auto fetch = read(encode_fetch("u", "r", to));
    EXPECT_EQ(fetch.id, "r");
    EXPECT_TRUE(same_rooms(std::get<Fetch>(fetch.what).target, to));

    const auto told = read(encode_server_side_emit("u", "", "e", Args({1, "x"})));
    EXPECT_EQ(told.id, "");
    EXPECT_EQ(std::get<ServerSideEmit>(told.what).event.name, "e");
    EXPECT_EQ(std::get<ServerSideEmit>(told.what).event.args.size(), 2u);
    EXPECT_EQ(read(encode_server_side_emit("u", "r", "e", {})).id, "r");

    for (const auto encoding : {Encoding::msgpack, Encoding::json}) {
        const auto asked =
            read(encode_broadcast_with_ack("u", "r", "/n", "e", Args({1}), to, 1500ms, encoding));
        const auto& ask = std::get<BroadcastWithAck>(asked.what);
        EXPECT_EQ(asked.id, "r");
        EXPECT_EQ(ask.nsp, "/n");
        EXPECT_EQ(ask.event.name, "e");
        EXPECT_EQ(ask.timeout, Duration(1500ms));
        EXPECT_TRUE(same_rooms(ask.target, to));
    }
}

TEST(Request, of_nodes_and_emitters_of_any_age_is_read) {
    const auto read = [](std::string_view wire) {
        auto request = decode_request(wire, ten);
        EXPECT_TRUE(request) << wire;
        return std::move(*request);
    };
    EXPECT_EQ(std::get<ListSockets>(read(R"({"uid":"u","requestId":"r","type":0,"rooms":["a"]})").what)
                  .target.rooms,
              Texts{"a"});
    EXPECT_TRUE(std::holds_alternative<ListRooms>(read(R"({"requestId":"r","type":1})").what));
    // The emitter says no uid.
    const auto leave = read(R"({"type":3,"opts":{"rooms":["a"],"except":[]},"rooms":["b"]})");
    EXPECT_EQ(leave.uid, "");
    EXPECT_EQ(std::get<Move>(leave.what).rooms, Texts{"b"});
    const auto old_join = read(R"({"type":2,"requestId":"r","sid":"s","room":"b"})");
    EXPECT_EQ(std::get<OfOneSocket<Move>>(old_join.what).sid, "s");
    EXPECT_EQ(std::get<OfOneSocket<Move>>(old_join.what).action.target.rooms, Texts{"s"});
    EXPECT_EQ(std::get<OfOneSocket<Move>>(old_join.what).action.rooms, Texts{"b"});
    const auto old_end = read(R"({"type":4,"requestId":"r","sid":"s","close":true})");
    EXPECT_TRUE(std::get<OfOneSocket<Disconnect>>(old_end.what).action.close);
    EXPECT_FALSE(std::get<Disconnect>(read(R"({"type":4,"opts":{}})").what).close);
}

TEST(Request, nonsense_is_refused) {
    for (const auto* text :
         {"{}", R"({"type":10})", R"({"type":-1})", R"({"type":"2"})", R"({"type":8,"requestId":"r"})",
          R"({"type":1})", R"({"type":5,"opts":{}})", R"({"type":5,"requestId":"r","opts":[]})",
          R"({"type":2,"requestId":"r"})", R"({"type":2,"requestId":"r","sid":"s"})",
          R"({"type":2,"opts":{"rooms":1}})", R"({"type":2,"opts":{},"rooms":"x"})", R"({"type":6})",
          R"({"type":6,"data":[]})", R"({"type":6,"data":{}})", R"({"type":7,"requestId":"r"})",
          R"({"type":7,"requestId":"r","packet":{"type":2}})", R"({"type":0,"requestId":"r","rooms":{}})",
          "[]"}) {
        EXPECT_EQ(refused(decode_request, text), BadMessage::wrong_shape) << text;
    }
}

TEST(Response, each_that_we_ask_for_is_read_back) {
    RemoteSocket socket{"id", {{"auth", json::object()}}, {"id", "r"}, json::object{{"k", 1}}};
    const auto fetched = decode_response(encode_fetched("r", {socket, socket}), ten);
    ASSERT_TRUE(fetched);
    EXPECT_EQ(fetched->request_id, "r");
    const auto& sockets = std::get<SocketsAnswer>(fetched->what).sockets;
    ASSERT_EQ(sockets.size(), 2u);
    EXPECT_EQ(sockets[0].id, "id");
    EXPECT_EQ(sockets[0].rooms, socket.rooms);
    EXPECT_EQ(sockets[0].handshake, socket.handshake);
    EXPECT_EQ(sockets[0].data, socket.data);

    const auto answer = decode_response(encode_server_side_answer("r", Args({"x", 1})), ten);
    EXPECT_EQ(std::get<ServerSideAnswer>(answer->what).value, "x");
    EXPECT_EQ(
        std::get<ServerSideAnswer>(decode_response(encode_server_side_answer("r", {}), ten)->what).value,
        nullptr);
    EXPECT_EQ(std::get<ClientCount>(decode_response(encode_client_count("r", 3), ten)->what).clients, 3u);

    Args binary;
    binary.json.push_back(binary.attach("\x01"));
    const auto ack = decode_response(encode_client_answer("r", binary, Encoding::msgpack), ten);
    EXPECT_TRUE(same(std::get<ClientAnswer>(ack->what).args, binary));
    EXPECT_EQ(encode_client_answer("r", binary, Encoding::json),
              R"({"requestId":"r","type":9,"packet":{"type":"Buffer","data":[1]}})");
    EXPECT_EQ(
        std::get<ClientAnswer>(decode_response(encode_client_answer("r", {}, Encoding::msgpack), ten)->what)
            .args.json,
        json::array{nullptr});
}

TEST(Response, others_are_written_as_nodes_adapter_writes_them) {
    EXPECT_EQ(encode_done("r"), R"({"requestId":"r"})");
    EXPECT_EQ(encode_socket_ids("r", {{"a", {}, {}, nullptr}, {"b", {}, {}, nullptr}}),
              R"({"requestId":"r","sockets":["a","b"]})");
    EXPECT_EQ(encode_rooms("r", {"x"}), R"({"requestId":"r","rooms":["x"]})");
    EXPECT_EQ(encode_fetched("r", {}), R"({"requestId":"r","sockets":[]})");
}

TEST(Response, nonsense_is_refused_and_sockets_without_an_id_are_left_out) {
    for (const auto* text :
         {"[]", "{}", R"({"requestId":1})", R"({"requestId":"r"})", R"({"requestId":"r","sockets":{}})",
          R"({"requestId":"r","type":8})", R"({"requestId":"r","type":8,"clientCount":-1})",
          R"({"requestId":"r","type":8,"clientCount":1e30})", R"({"requestId":"r","type":7})",
          R"({"type":6,"data":1})"}) {
        EXPECT_EQ(refused(decode_response, text), BadMessage::wrong_shape) << text;
    }
    const auto odd =
        decode_response(R"({"requestId":"r","sockets":[1,{},{"id":"a"},{"id":"b","rooms":7}]})", ten);
    ASSERT_TRUE(odd);
    EXPECT_EQ(std::get<SocketsAnswer>(odd->what).sockets.size(), 1u);
}

RC_GTEST_PROP(MessagesProperty, any_bytes_are_read_or_refused, ()) {
    // Bytes of all kinds, and beginnings of real messages with a byte changed.
    const bool made_up = *rc::gen::arbitrary<bool>();
    std::string wire;
    if (made_up) {
        wire = *rc::gen::arbitrary<std::string>();
    } else {
        wire = *rc::gen::arbitrary<bool>()
                   ? encode_broadcast("u", "/", "e", args(), target(), Encoding::msgpack)
                   : encode_broadcast_with_ack("u", "r", "/", "e", args(), target(), 1s, Encoding::msgpack);
        wire[*rc::gen::inRange<std::size_t>(0, wire.size())] = *rc::gen::arbitrary<char>();
    }
    const auto broadcast = decode_broadcast(wire, ten);
    const auto request = decode_request(wire, ten);
    const auto response = decode_response(wire, ten);
    if (made_up) return;
    // What passes can be sent to clients.
    if (broadcast) RC_ASSERT(broadcast->event.args.attachments.size() <= ten);
    RC_ASSERT(response.has_error());
}

}  // namespace pulse::socketio::redis_adapter
