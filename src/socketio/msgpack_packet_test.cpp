#include "socketio/msgpack_packet.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "socketio/fake_session.hpp"
#include "socketio/msgpack.hpp"

namespace pulse::socketio {
namespace json = boost::json;
using Texts = std::vector<std::string>;

namespace {

constexpr std::size_t plenty = 1'000'000;

// A packet as a client writes it: JSON, with placeholders for what is binary.
std::string packed(std::string_view text, const std::vector<std::string>& attachments = {}) {
    MsgpackWriter out;
    out.value(json::parse(json::string_view(text.data(), text.size())), attachments);
    return out.take();
}

Parsed<BinaryPacket> parse(std::string_view bytes) { return parse_msgpack_packet(bytes, 10, plenty); }

// What was sent, read as the client reads it.
std::string unpacked(std::string_view bytes) {
    const auto read = decode_msgpack(bytes, {40, 10});
    if (read.has_error()) return "not msgpack";
    std::string text = json::serialize(read->value);
    for (const auto& one : read->attachments) text += " " + one;
    return text;
}

}  // namespace

TEST(MsgpackPacket, each_type_is_read) {
    const auto connect = parse(packed(R"({"type":0,"nsp":"/a","data":{"token":"x"}})"));
    ASSERT_TRUE(connect);
    EXPECT_EQ(connect->type, PacketType::connect);
    EXPECT_EQ(connect->nsp, "/a");
    EXPECT_EQ(json::serialize(connect->payload), R"({"token":"x"})");
    EXPECT_EQ(json::serialize(parse(packed(R"({"type":0,"nsp":"/"})"))->payload), "{}");
    EXPECT_EQ(parse(packed(R"({"type":1,"nsp":"/"})"))->type, PacketType::disconnect);
    const auto event =
        parse(packed(R"({"type":2,"nsp":"/","id":0,"data":["a",1.5],"options":{"compress":true}})"));
    ASSERT_TRUE(event);
    EXPECT_EQ(event->type, PacketType::event);
    EXPECT_EQ(event->id->value, 0u);
    EXPECT_EQ(json::serialize(parse(packed(R"({"type":3,"nsp":"/","id":7,"data":[]})"))->payload), "[]");
}

TEST(MsgpackPacket, binary_stays_in_its_place) {
    const auto event =
        parse(packed(R"({"type":2,"nsp":"/","data":["a",{"b":{"_placeholder":true,"num":0}}]})", {"bytes"}));
    ASSERT_TRUE(event);
    EXPECT_EQ(event->type, PacketType::binary_event);
    EXPECT_EQ(event->attachments, Texts{"bytes"});
    EXPECT_EQ(json::serialize(event->payload), R"(["a",{"b":{"_placeholder":true,"num":0}}])");
}

TEST(MsgpackPacket, nil_and_undefined_data_are_no_data) {
    EXPECT_TRUE(parse(packed(R"({"type":1,"nsp":"/","data":null})")));
    EXPECT_TRUE(parse(packed(R"({"type":0,"nsp":"/","data":null,"id":null})")));
    // {type: 1, nsp: "/", data: undefined} by notepack 2.
    using namespace std::string_literals;
    EXPECT_TRUE(
        parse("\x83\xa4type\x01\xa3nsp\xa1/\xa4"s
              "data\xd4\x00\x00"s));
}

TEST(MsgpackPacket, what_breaks_a_rule_is_refused) {
    const std::pair<const char*, PacketError> cases[] = {
        {R"([2,"/",["a"]])", PacketError::bad_msgpack},
        {R"({"nsp":"/","data":["a"]})", PacketError::unknown_type},
        {R"({"type":5,"nsp":"/","data":["a"]})", PacketError::unknown_type},
        {R"({"type":"2","nsp":"/","data":["a"]})", PacketError::unknown_type},
        {R"({"type":2.5,"nsp":"/","data":["a"]})", PacketError::unknown_type},
        {R"({"type":2,"data":["a"]})", PacketError::bad_msgpack},
        {R"({"type":2,"nsp":7,"data":["a"]})", PacketError::bad_msgpack},
        {R"({"type":2,"nsp":"a","data":["a"]})", PacketError::bad_msgpack},
        {R"({"type":2,"nsp":"/","id":-1,"data":["a"]})", PacketError::bad_ack_id},
        {R"({"type":2,"nsp":"/","id":"1","data":["a"]})", PacketError::bad_ack_id},
        {R"({"type":2,"nsp":"/"})", PacketError::wrong_payload},
        {R"({"type":2,"nsp":"/","data":{}})", PacketError::wrong_payload},
        {R"({"type":2,"nsp":"/","data":["connect"]})", PacketError::reserved_event},
        {R"({"type":0,"nsp":"/","data":[]})", PacketError::wrong_payload},
        {R"({"type":1,"nsp":"/","data":{}})", PacketError::wrong_payload},
    };
    for (const auto& [text, error] : cases) {
        const auto packet = parse(packed(text));
        ASSERT_TRUE(packet.has_error()) << text;
        EXPECT_EQ(packet.error(), error) << text << ": " << to_string(packet.error());
    }
    EXPECT_EQ(parse("").error(), PacketError::bad_msgpack);
    EXPECT_EQ(parse(packed(R"({"type":2,"nsp":"/","data":["a"]})") + "x").error(), PacketError::bad_msgpack);
    EXPECT_EQ(parse(packed(R"({"type":2,"nsp":"/)" + std::string(300, 'a') + R"(","data":["a"]})")).error(),
              PacketError::namespace_too_long);
    EXPECT_EQ(
        parse(packed(R"({"type":0,"nsp":"/","data":{"a":{"_placeholder":true,"num":0}}})", {"b"})).error(),
        PacketError::wrong_payload);
    EXPECT_EQ(
        parse_msgpack_packet(
            packed(R"({"type":2,"nsp":"/","data":["a",{"_placeholder":true,"num":0}]})", {"large"}), 10, 4)
            .error(),
        PacketError::attachments_too_large);
}

TEST(MsgpackPacket, our_packets_come_out_as_one_map_each) {
    const auto of = [](const std::string& text) { return unpacked(to_msgpack(text)->payload()); };
    EXPECT_EQ(of(encode_connect("/a", "id")), R"({"type":0,"data":{"sid":"id"},"nsp":"/a"})");
    EXPECT_EQ(of(encode_connect_error("/", {"no"})), R"({"type":4,"data":{"message":"no"},"nsp":"/"})");
    EXPECT_EQ(of(encode_disconnect("/")), R"({"type":1,"nsp":"/"})");
    EXPECT_EQ(of(encode_ack("/", {12, 2}, {})), R"({"type":3,"data":[],"id":12,"nsp":"/"})");
    Args args;
    args.json.push_back(args.attach("bytes"));
    EXPECT_EQ(
        unpacked(to_msgpack(Outgoing::make(encode_event("/", "e", args, 3), args.attachments))->payload()),
        R"({"type":2,"data":["e",{"_placeholder":true,"num":0}],"id":3,"nsp":"/"} bytes)");
}

TEST(MsgpackPacket, what_the_program_nests_deep_arrives) {
    json::value deep = 7;
    for (int i = 0; i < 100; ++i) deep = json::array{deep};
    const auto sent = to_msgpack(encode_event("/", "e", Args({deep})));
    const auto read = decode_msgpack(sent->payload(), {200, 0});
    ASSERT_TRUE(read);
    EXPECT_EQ(read->value.at("data").at(1), deep);
}

TEST(MsgpackPacket, clients_of_both_kinds_share_a_namespace) {
    Options options;
    options.parser_query = "token";  // a fake session's query is token=q
    options.parser = Parser::msgpack;
    World world(options);
    world.of("/").on_connection([](Socket& socket) {
        socket.on("echo", [&socket](const Args& args, const Ack& ack) {
            socket.nsp().emit("all", args);
            ack(args);
        });
    });
    world.run([&] {
        auto& session = world.open();
        session.binary(packed(R"({"type":0,"nsp":"/"})"));
        auto sent = session.take();
        ASSERT_EQ(sent.size(), 1u);
        EXPECT_EQ(sent[0][0], 'b');
        session.binary(
            packed(R"({"type":2,"nsp":"/","id":4,"data":["echo",{"_placeholder":true,"num":0}]})", {"B"}));
        sent = session.take();
        ASSERT_EQ(sent.size(), 2u);
        EXPECT_EQ(unpacked(std::string_view(sent[0]).substr(1)),
                  R"({"type":2,"data":["all",{"_placeholder":true,"num":0}],"nsp":"/"} B)");
        EXPECT_EQ(unpacked(std::string_view(sent[1]).substr(1)),
                  R"({"type":3,"data":[{"_placeholder":true,"num":0}],"id":4,"nsp":"/"} B)");
        session.text("2[\"echo\"]");  // text is not what it speaks
        EXPECT_FALSE(session.open());
    });
}

}  // namespace pulse::socketio
