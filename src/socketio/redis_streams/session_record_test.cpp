#include "socketio/redis_streams/session_record.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <boost/json/parse.hpp>

#include "base/base64.hpp"
#include "socketio/msgpack.hpp"
#include "socketio/redis_streams/entry_id.hpp"

namespace pulse::socketio::redis_streams {
namespace json = boost::json;
using Texts = std::vector<std::string>;

TEST(SessionRecord, is_what_nodes_adapter_keeps_and_a_little_more) {
    LeftSession session{"sid", "pid", "user 7", {"sid", "r"}, json::object{{"name", "a"}}, {}};
    session.positions = {*position_of("5-1"), *position_of("6-0"), *position_of("7-2")};
    const auto text = encode_session("/chat", session);
    const auto plain = decode_msgpack(*base64_decode(text));
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->value, json::parse(R"({"sid":"sid","pid":"pid","rooms":["sid","r"],"data":{"name":"a"},
        "nsp":"/chat","owner":"user 7","start":"5-1","sent":"6-0","settled":"7-2"})"));

    const auto read = decode_session("/chat", text);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->sid, "sid");
    EXPECT_EQ(read->pid, "pid");
    EXPECT_EQ(read->owner, "user 7");
    EXPECT_EQ(read->rooms, (Texts{"sid", "r"}));
    EXPECT_EQ(read->data, session.data);
    ASSERT_TRUE(read->positions);
    EXPECT_EQ(read->positions->start, session.positions->start);
    EXPECT_EQ(read->positions->sent, session.positions->sent);
    EXPECT_EQ(read->positions->settled, session.positions->settled);
    // The way from one namespace into another is through its middleware, not around it.
    EXPECT_FALSE(decode_session("/admin", text));
}

TEST(SessionRecord, of_a_node_server_is_one_without_positions) {
    // base64(encode({sid: "s", pid: "p", rooms: new Set(["s", "r"]) spread, data: {n: 1}})) of
    // @msgpack/msgpack 2.8
    MsgpackWriter theirs;
    theirs.map(4).text("sid").text("s").text("pid").text("p").text("rooms").array(2).text("s").text("r");
    theirs.text("data").map(1).text("n").integer(1);
    const auto read = decode_session("/", base64_encode(theirs.take()));
    ASSERT_TRUE(read);
    EXPECT_EQ(read->sid, "s");
    EXPECT_EQ(read->rooms, (Texts{"s", "r"}));
    EXPECT_EQ(read->data, json::value(json::object{{"n", 1}}));
    EXPECT_FALSE(read->positions);
    EXPECT_EQ(read->owner, "");
}

RC_GTEST_PROP(SessionRecord, of_any_bytes_is_read_or_refused, ()) {
    const auto bytes = *rc::gen::arbitrary<std::string>();
    (void)decode_session("/", bytes);
    (void)decode_session("/", base64_encode(bytes));
}

TEST(SessionRecord, of_something_else_is_none) {
    for (const auto* text : {"", "!", "AAAA", "{}"}) EXPECT_FALSE(decode_session("/", text)) << text;
    EXPECT_FALSE(decode_session("/", base64_encode("{}")));
    MsgpackWriter nobody;
    nobody.map(1).text("rooms").array(0);
    EXPECT_FALSE(decode_session("/", base64_encode(nobody.take())));
}

}  // namespace pulse::socketio::redis_streams
