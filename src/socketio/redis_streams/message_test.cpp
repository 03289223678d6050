#include "socketio/redis_streams/message.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "base/base64.hpp"

namespace pulse::socketio::redis_streams {
namespace json = boost::json;
using namespace std::chrono_literals;
using namespace std::string_literals;
using Texts = std::vector<std::string>;

namespace {

constexpr std::size_t ten = 10;
constexpr Sender us{"0123456789abcdef", "/chat"};

Decoded<Action> decode(std::string_view type, std::string_view data) {
    Entry entry;
    entry.id = "1-0";
    entry.nsp = "/chat";
    entry.type = type;
    entry.data = data;
    return decode_action(entry, ten);
}

Args args() {
    Args out;
    for (const auto number : *rc::gen::arbitrary<std::vector<int>>()) out.json.push_back(number);
    for (int n = *rc::gen::inRange(0, 4); n > 0; --n) {
        out.json.push_back(json::object{{"b", out.attach(*rc::gen::arbitrary<std::string>())}});
    }
    return out;
}

Target to(Texts rooms, Texts except = {}) {
    Target target;
    target.rooms = std::move(rooms);
    target.except = std::move(except);
    return target;
}

}  // namespace

TEST(StreamMessages, are_in_the_stream_what_nodes_adapter_writes) {
    // As read from Redis with Node's adapter 0.3.1 as the sender.
    const auto broadcast = encode_broadcast("e", Args({1, json::object{{"a", "ä"}}}), to({"r"}, {"x", "y"}));
    EXPECT_EQ(broadcast.type, MessageType::broadcast);
    EXPECT_EQ(broadcast.data, R"({"packet":{"type":2,"data":["e",1,{"a":"ä"}]},)"
                              R"("opts":{"rooms":["r"],"except":["x","y"],"flags":{}}})");
    Target dropping = to({});
    dropping.delivery = Delivery::may_drop;
    EXPECT_EQ(
        encode_broadcast("e", {}, dropping).data,
        R"({"packet":{"type":2,"data":["e"]},"opts":{"rooms":[],"except":[],"flags":{"volatile":true}}})");
    EXPECT_EQ(encode_move({true, to({"r"}), {"s"}}).data,
              R"({"opts":{"rooms":["r"],"except":[],"flags":{}},"rooms":["s"]})");
    EXPECT_EQ(encode_move({true, {}, {}}).type, MessageType::sockets_join);
    EXPECT_EQ(encode_move({false, {}, {}}).type, MessageType::sockets_leave);
    EXPECT_EQ(encode_disconnect({to({"r"}), true}).data,
              R"({"opts":{"rooms":["r"],"except":[],"flags":{}},"close":true})");
}

TEST(StreamMessages, with_binary_are_msgpack_in_base64) {
    Args args;
    args.json.push_back(args.attach("\x01\x02"s));
    const auto fields = encode_broadcast("e", args, to({"r"}));
    EXPECT_EQ(fields.data, base64_encode("\x82\xa6packet\x82\xa4type\x02\xa4"
                                         "data\x92\xa1"
                                         "e\xc4\x02\x01\x02\xa4opts\x83\xa5rooms\x91\xa1r\xa6"
                                         "except\x90\xa5"
                                         "flags\x80"s));
    const auto read = decode("3", fields.data);
    ASSERT_TRUE(read);
    const auto& broadcast = std::get<Broadcast>(*read);
    EXPECT_EQ(broadcast.event.args.binary(broadcast.event.args[0]), "\x01\x02"s);
}

TEST(StreamMessages, say_what_they_are_the_newest_of_and_that_they_are_retained) {
    Args with_binary;
    with_binary.json.push_back(with_binary.attach("bytes"));
    for (const auto& args : {Args(), with_binary}) {
        Target target = to({"r"});
        target.delivery = Delivery::newest;
        target.retain = true;
        target.key = "player 7";
        const auto read = decode("3", encode_broadcast("e", args, target).data);
        ASSERT_TRUE(read);
        const auto& got = std::get<Broadcast>(*read).target;
        EXPECT_EQ(got.delivery, Delivery::newest);
        EXPECT_TRUE(got.retain);
        EXPECT_EQ(got.key, "player 7");
    }
}

RC_GTEST_PROP(StreamMessages, broadcasts_come_out_as_they_went_in, ()) {
    const auto sent = args();
    Target target = to({"a", "b"}, {"c"});
    if (*rc::gen::arbitrary<bool>()) target.delivery = Delivery::may_drop;
    const auto read = decode("3", encode_broadcast("event", sent, target).data);
    RC_ASSERT(read.has_value());
    const auto& got = std::get<Broadcast>(*read);
    RC_ASSERT(got.event.name == "event");
    RC_ASSERT(got.event.args.json == sent.json);
    RC_ASSERT(got.event.args.attachments == sent.attachments);
    RC_ASSERT(got.target.rooms == target.rooms);
    RC_ASSERT(got.target.except == target.except);
    RC_ASSERT(got.target.delivery == target.delivery);
}

TEST(StreamMessages, commands_come_out_as_they_went_in) {
    const auto join = decode("4", encode_move({true, to({"r"}, {"x"}), {"s", "t"}}).data);
    ASSERT_TRUE(join);
    EXPECT_TRUE(std::get<Move>(*join).join);
    EXPECT_EQ(std::get<Move>(*join).target.rooms, Texts{"r"});
    EXPECT_EQ(std::get<Move>(*join).rooms, (Texts{"s", "t"}));
    const auto leave = decode("5", encode_move({false, {}, {"s"}}).data);
    ASSERT_TRUE(leave);
    EXPECT_FALSE(std::get<Move>(*leave).join);
    const auto end = decode("6", encode_disconnect({to({"r"}), true}).data);
    ASSERT_TRUE(end);
    EXPECT_TRUE(std::get<Disconnect>(*end).close);
}

TEST(StreamMessages, of_other_shapes_are_refused) {
    const std::string fine = encode_broadcast("e", {}, {}).data;
    ASSERT_TRUE(decode("3", fine));
    const std::pair<std::string, std::string> wrong[] = {
        {"", fine},
        {"three", fine},
        {"3x", fine},
        {"1", fine},  // a heartbeat of older adapters
        {"7", fine},  // is published
        {"13", fine},
        {"3", ""},
        {"3", "{"},
        {"3", "{}"},
        {"3", "[]"},
        {"3", "!"},
        {"3", base64_encode("[]")},
        {"3", base64_encode(fine)},  // JSON is not wrapped
        {"3", R"({"packet":{"type":2,"data":["e"]}})"},
        {"3", R"({"packet":{"type":3,"data":["e"]},"opts":{}})"},
        {"3", R"({"packet":{"type":2,"data":[]},"opts":{}})"},
        {"3", R"({"packet":{"type":2,"data":["connect"]},"opts":{}})"},
        {"3", R"({"packet":{"type":2,"data":["e"]},"opts":{"rooms":"r"}})"},
        {"4", R"({"opts":{"rooms":[]},"rooms":"r"})"},
        {"6", R"({"close":true})"},
    };
    for (const auto& [type, data] : wrong) EXPECT_TRUE(decode(type, data).has_error()) << type << ' ' << data;
    std::string deep = R"({"packet":{"type":2,"data":["e",)";
    deep.append(40, '[').append(40, ']') += R"(]},"opts":{}})";
    EXPECT_TRUE(decode("3", deep).has_error());
}

RC_GTEST_PROP(StreamMessages, of_any_bytes_are_decoded_or_refused, ()) {
    const auto bytes = *rc::gen::arbitrary<std::string>();
    (void)decode("3", bytes);
    (void)decode("3", base64_encode(bytes));
    (void)decode_published(bytes, ten);
}

TEST(PublishedMessages, are_what_nodes_adapter_reads) {
    // [@msgpack/msgpack reads maps in any order]
    EXPECT_EQ(encode_client_count(us, "id", 3),
              "\x84\xa3uid\xb0"
              "0123456789abcdef\xa3nsp\xa5/chat\xa4type\x0b\xa4"
              "data\x82\xa9requestId\xa2id\xab"
              "clientCount\x03"s);
    const auto read =
        decode_published(encode_broadcast_with_ack(us, "id", "e", Args({1}), to({"r"}), 2s), ten);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->uid, us.uid);
    EXPECT_EQ(read->nsp, us.nsp);
    const auto& request = std::get<Request>(read->what);
    EXPECT_EQ(request.id, "id");
    const auto& ask = std::get<BroadcastWithAck>(request.what);
    EXPECT_EQ(ask.event.name, "e");
    EXPECT_EQ(ask.timeout, 2s);
    EXPECT_EQ(ask.target.rooms, Texts{"r"});
}

TEST(PublishedMessages, requests_and_answers_come_out_as_they_went_in) {
    const auto fetch = decode_published(encode_fetch(us, "id", to({"r"})), ten);
    ASSERT_TRUE(fetch);
    EXPECT_EQ(std::get<Fetch>(std::get<Request>(fetch->what).what).target.rooms, Texts{"r"});

    const auto emit = decode_published(encode_server_side_emit(us, "", "e", Args({1})), ten);
    ASSERT_TRUE(emit);
    EXPECT_EQ(std::get<Request>(emit->what).id, "");
    EXPECT_EQ(std::get<ServerSideEmit>(std::get<Request>(emit->what).what).event.args.json, json::array{1});

    RemoteSocket socket{"sid", {{"time", "now"}}, {"sid", "r"}, json::object{{"name", "a"}}};
    const auto fetched = decode_published(encode_fetched(us, "id", {socket}), ten);
    ASSERT_TRUE(fetched);
    const auto& sockets = std::get<cluster::SocketsAnswer>(std::get<Response>(fetched->what).what).sockets;
    ASSERT_EQ(sockets.size(), 1u);
    EXPECT_EQ(sockets[0].id, "sid");
    EXPECT_EQ(sockets[0].rooms, (Texts{"sid", "r"}));
    EXPECT_EQ(sockets[0].data, json::value(json::object{{"name", "a"}}));

    Args answer;
    answer.json.push_back(answer.attach("bytes"));
    const auto acked = decode_published(encode_client_answer(us, "id", answer), ten);
    ASSERT_TRUE(acked);
    const auto& got = std::get<cluster::ClientAnswer>(std::get<Response>(acked->what).what).args;
    EXPECT_EQ(got.binary(got[0]), "bytes");

    const auto told = decode_published(encode_server_side_answer(us, "id", Args({"yes"})), ten);
    ASSERT_TRUE(told);
    EXPECT_EQ(std::get<cluster::ServerSideAnswer>(std::get<Response>(told->what).what).value, "yes");
    const auto nothing = decode_published(encode_server_side_answer(us, "id", {}), ten);
    ASSERT_TRUE(nothing);
    EXPECT_TRUE(std::get<cluster::ServerSideAnswer>(std::get<Response>(nothing->what).what).value.is_null());
}

TEST(PublishedMessages, of_other_adapters_are_refused) {
    EXPECT_TRUE(decode_published(R"({"type":3,"data":{}})", ten).has_error());  // the sharded adapter
    EXPECT_TRUE(decode_published("\x93\xa1u\x80\x80", ten).has_error());        // the classic one
    EXPECT_TRUE(decode_published("", ten).has_error());
    MsgpackWriter move;
    move.map(2).text("type").integer(4).text("data").map(0);
    EXPECT_TRUE(decode_published(move.take(), ten).has_error());  // belongs into the stream
    MsgpackWriter nobody;
    nobody.map(2).text("type").integer(7).text("data").map(0);
    EXPECT_TRUE(decode_published(nobody.take(), ten).has_error());  // whom to answer?
}

}  // namespace pulse::socketio::redis_streams
