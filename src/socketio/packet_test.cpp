#include "socketio/packet.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <limits>

#include "socketio/assembler.hpp"

namespace pulse::socketio {
namespace json = boost::json;

namespace {

Args args_of(std::string_view text) {
    return Args(json::parse(json::string_view(text.data(), text.size())).as_array());
}

PacketError head_error(std::string_view wire) {
    const auto head = parse_head(wire, 10);
    EXPECT_TRUE(head.has_error()) << wire;
    return head.has_error() ? head.error() : PacketError::unexpected_text;
}

// The error of the head or of the payload; nullopt for a valid packet.
std::optional<PacketError> error_of(std::string_view wire) {
    const auto head = parse_head(wire, 10);
    if (head.has_error()) return head.error();
    const auto payload = parse_payload(*head);
    if (payload.has_error()) return payload.error();
    return std::nullopt;
}

}  // namespace

TEST(Packet, head_is_read_as_the_grammar_says) {
    struct Case {
        std::string_view wire;
        PacketHead want;
    };
    const Case cases[] = {
        {"0", {PacketType::connect, 0, "/", {}, ""}},
        {R"(0{"token":"x"})", {PacketType::connect, 0, "/", {}, R"({"token":"x"})"}},
        {"0/admin,", {PacketType::connect, 0, "/admin", {}, ""}},
        {"0/admin", {PacketType::connect, 0, "/admin", {}, ""}},
        {R"(0/admin,{"token":"x"})", {PacketType::connect, 0, "/admin", {}, R"({"token":"x"})"}},
        {"0/admin?a=b,{}", {PacketType::connect, 0, "/admin?a=b", {}, "{}"}},
        {"1/admin", {PacketType::disconnect, 0, "/admin", {}, ""}},
        {R"(2["ev",1])", {PacketType::event, 0, "/", {}, R"(["ev",1])"}},
        {R"(2456["ev",1])", {PacketType::event, 0, "/", AckId{456, 3}, R"(["ev",1])"}},
        {R"(2/admin,13["ev"])", {PacketType::event, 0, "/admin", AckId{13, 2}, R"(["ev"])"}},
        {R"(2007["ev"])", {PacketType::event, 0, "/", AckId{7, 3}, R"(["ev"])"}},
        {"318446744073709551615[]",
         {PacketType::ack, 0, "/", AckId{std::numeric_limits<std::uint64_t>::max(), 20}, "[]"}},
        {"312", {PacketType::ack, 0, "/", AckId{12, 2}, ""}},
        {R"(52-["ev"])", {PacketType::binary_event, 2, "/", {}, R"(["ev"])"}},
        {R"(62-/a,789[1])", {PacketType::binary_ack, 2, "/a", AckId{789, 3}, "[1]"}},
        {R"(50-["ev"])", {PacketType::binary_event, 0, "/", {}, R"(["ev"])"}},
    };
    for (const auto& c : cases) {
        const auto head = parse_head(c.wire, 10);
        ASSERT_TRUE(head.has_value()) << c.wire;
        EXPECT_TRUE(*head == c.want) << c.wire;
    }
}

TEST(Packet, heads_outside_the_grammar_are_refused) {
    EXPECT_EQ(head_error(""), PacketError::unknown_type);
    EXPECT_EQ(head_error("7"), PacketError::unknown_type);
    EXPECT_EQ(head_error("abc"), PacketError::unknown_type);
    EXPECT_EQ(head_error(R"(5["ev"])"), PacketError::bad_attachment_count);
    EXPECT_EQ(head_error(R"(5-["ev"])"), PacketError::bad_attachment_count);
    EXPECT_EQ(head_error("51"), PacketError::bad_attachment_count);
    EXPECT_EQ(head_error(R"(511-["ev"])"), PacketError::too_many_attachments);
    EXPECT_EQ(head_error(R"(599999999999999999999999-["ev"])"), PacketError::too_many_attachments);
    EXPECT_EQ(head_error(R"(218446744073709551616["ev"])"), PacketError::bad_ack_id);
    EXPECT_EQ(head_error("2" + std::string(40, '0') + R"(["ev"])"), PacketError::bad_ack_id);
    EXPECT_EQ(head_error("0/" + std::string(max_namespace_name, 'n')), PacketError::namespace_too_long);
}

TEST(Packet, payloads_must_be_of_the_kind_their_type_asks_for) {
    struct Case {
        std::string_view wire;
        std::optional<PacketError> want;
    };
    const Case cases[] = {
        {"0", {}},
        {"0{}", {}},
        {"0[]", PacketError::wrong_payload},
        {"0null", PacketError::wrong_payload},
        {R"(0"x")", PacketError::wrong_payload},
        {"1", {}},
        {"1/a,", {}},
        {"1{}", PacketError::wrong_payload},
        {R"(1"reason")", PacketError::wrong_payload},
        {"2", PacketError::wrong_payload},
        {"2/admin", PacketError::wrong_payload},
        {"21", PacketError::wrong_payload},
        {"2[]", PacketError::wrong_payload},
        {"2{}", PacketError::wrong_payload},
        {R"(2"ev")", PacketError::wrong_payload},
        {"2[null]", PacketError::wrong_payload},
        {"2[{}]", PacketError::wrong_payload},
        {"2[true]", PacketError::wrong_payload},
        {"2[5]", {}},
        {R"(2["ev",1,"2",{"3":[true]}])", {}},
        {R"(2["connect"])", PacketError::reserved_event},
        {R"(2["connect_error"])", PacketError::reserved_event},
        {R"(2["disconnect"])", PacketError::reserved_event},
        {R"(2["disconnecting"])", PacketError::reserved_event},
        {R"(2["newListener"])", PacketError::reserved_event},
        {R"(2["removeListener"])", PacketError::reserved_event},
        {R"(2["ev")", PacketError::bad_json},
        {R"(2["ev"]x)", PacketError::bad_json},
        {R"(2abc["ev"])", PacketError::bad_json},
        {"2[\"\xff\"]", PacketError::bad_json},
        {"3", {}},
        {"31", {}},
        {"31[1]", {}},
        {"31{}", PacketError::wrong_payload},
        {R"(4{"message":"m"})", {}},
        {R"(4"m")", {}},
        {"4[]", PacketError::wrong_payload},
        {R"(51-["ev",{"_placeholder":true,"num":0}])", {}},
        {R"(51-["ev",{"_placeholder":true,"num":0},{"_placeholder":true,"num":0}])", {}},
        {R"(51-["ev",{"_placeholder":true,"num":0.0}])", {}},
        {R"(51-["ev",{"_placeholder":true,"num":1}])", PacketError::illegal_attachment},
        {R"(51-["ev",{"_placeholder":true,"num":-1}])", PacketError::illegal_attachment},
        {R"(51-["ev",{"_placeholder":true,"num":0.5}])", PacketError::illegal_attachment},
        {R"(51-["ev",{"_placeholder":true,"num":"0"}])", PacketError::illegal_attachment},
        {R"(51-["ev",{"_placeholder":true}])", PacketError::illegal_attachment},
        {R"(51-["ev",[{"deep":{"_placeholder":true,"num":3}}]])", PacketError::illegal_attachment},
        {R"(51-["ev",{"_placeholder":1,"num":3}])", {}},
        {R"(51-["disconnect"])", PacketError::reserved_event},
        {R"(61-1{})", PacketError::wrong_payload},
    };
    for (const auto& c : cases) EXPECT_TRUE(error_of(c.wire) == c.want) << c.wire;
}

TEST(Packet, nesting_is_bounded) {
    const std::string deep = "2[\"ev\"," + std::string(10'000, '[') + std::string(10'000, ']') + "]";
    EXPECT_EQ(error_of(deep), PacketError::bad_json);
}

TEST(Packet, what_is_written_is_what_the_protocol_shows) {
    EXPECT_EQ(encode_connect("/", "S"), R"(0{"sid":"S"})");
    EXPECT_EQ(encode_connect("/admin", "S"), R"(0/admin,{"sid":"S"})");
    EXPECT_EQ(encode_connect_error("/random", {"Invalid namespace"}),
              R"(4/random,{"message":"Invalid namespace"})");
    EXPECT_EQ(encode_connect_error("/", {"a \"b\"", json::value{{"code", 7}}}),
              R"(4{"message":"a \"b\"","data":{"code":7}})");
    EXPECT_EQ(encode_disconnect("/"), "1");
    EXPECT_EQ(encode_disconnect("/admin"), "1/admin,");
    EXPECT_EQ(encode_event("/", "ev", args_of(R"([1,"2",{"3":[true]}])")), R"(2["ev",1,"2",{"3":[true]}])");
    EXPECT_EQ(encode_event("/admin", "ev", {}), R"(2/admin,["ev"])");
    EXPECT_EQ(encode_event("/", "ev", args_of("[1]"), 13), R"(213["ev",1])");
    EXPECT_EQ(encode_ack("/", {456, 3}, args_of("[1]")), "3456[1]");
    EXPECT_EQ(encode_ack("/admin", {13, 2}, {}), "3/admin,13[]");
    EXPECT_EQ(encode_ack("/", {7, 3}, {}), "3007[]");
}

TEST(Packet, attachments_make_the_binary_types) {
    Args args;
    args.json.push_back(args.attach("abc"));
    args.json.push_back(args.attach("def"));
    const std::string placeholders = R"({"_placeholder":true,"num":0},{"_placeholder":true,"num":1}])";
    EXPECT_EQ(encode_event("/", "ev", args), R"(52-["ev",)" + placeholders);
    EXPECT_EQ(encode_ack("/", {789, 3}, args), "62-789[" + placeholders);
    EXPECT_EQ(args.binary(args[1]), "def");
    EXPECT_EQ(args.binary(json::value(1)), std::nullopt);
}

TEST(Packet, numbers_that_json_has_not_are_written_as_null) {
    Args args;
    args.json.push_back(std::numeric_limits<double>::quiet_NaN());
    args.json.push_back(json::object{{"x", std::numeric_limits<double>::infinity()}});
    EXPECT_EQ(encode_event("/", "ev", args), R"(2["ev",null,{"x":null}])");
}

TEST(Packet, long_texts_survive_the_writing) {
    const std::string text(100'000, 'x');
    Args args;
    args.json.push_back(json::string(text));
    EXPECT_EQ(encode_event("/", "ev", args), "2[\"ev\",\"" + text + "\"]");
}

TEST(Assembler, is_complete_after_as_many_attachments_as_announced) {
    const auto head = parse_head(R"(52-/a,7["ev"])", 10);
    Assembler assembler(*head, *parse_payload(*head), 10);
    EXPECT_FALSE(*assembler.add("abc"));
    EXPECT_TRUE(*assembler.add(""));
    const BinaryPacket packet = assembler.take();
    EXPECT_EQ(packet.nsp, "/a");
    EXPECT_EQ(packet.id, (AckId{7, 1}));
    EXPECT_EQ(packet.attachments, (std::vector<std::string>{"abc", ""}));
}

TEST(Assembler, bounds_the_bytes_that_wait) {
    const auto head = parse_head(R"(53-["ev"])", 10);
    Assembler assembler(*head, *parse_payload(*head), 10);
    EXPECT_TRUE(assembler.add("12345678").has_value());
    EXPECT_EQ(assembler.add("123").error(), PacketError::attachments_too_large);
}

RC_GTEST_PROP(PacketProperty, what_is_written_is_read_back, ()) {
    const auto name = *rc::gen::container<std::string>(rc::gen::inRange('a', 'z'));
    RC_PRE(!is_reserved_event(name));
    const auto numbers = *rc::gen::arbitrary<std::vector<std::int64_t>>();
    const auto binaries = *rc::gen::resize(8, rc::gen::arbitrary<std::vector<std::string>>());
    const bool root = *rc::gen::arbitrary<bool>();
    const auto id = *rc::gen::arbitrary<std::uint64_t>();
    Args args;
    for (const auto number : numbers) args.json.push_back(number);
    for (const auto& bytes : binaries) args.json.push_back(args.attach(bytes));
    const std::string nsp = root ? "/" : "/some where";
    const std::string wire = encode_event(nsp, name, args, id);
    const auto head = parse_head(wire, 100);
    RC_ASSERT(head.has_value());
    RC_ASSERT(head->nsp == nsp);
    RC_ASSERT(head->id->value == id);
    RC_ASSERT(head->attachments == binaries.size());
    const auto payload = parse_payload(*head);
    RC_ASSERT(payload.has_value());
    auto array = payload->as_array();
    RC_ASSERT(array[0].as_string() == json::string(name));
    array.erase(array.begin());
    RC_ASSERT(json::serialize(array) == json::serialize(args.json));
}

RC_GTEST_PROP(PacketProperty, no_text_crashes_the_reader, ()) {
    // Bytes near the grammar, so that the readers behind the first character are reached too.
    const auto wire = *rc::gen::container<std::string>(
        rc::gen::elementOf(std::string("0123456789-/,[]{}\"abev_\\u\x80\xff :truenll")));
    error_of(wire);
    error_of("2" + wire);
    error_of("51-[\"e\"," + wire);
}

}  // namespace pulse::socketio
