// The small pure parts: UTF-8, packets, payloads, sids, the outbox, the websocket handshake.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <set>

#include "engineio/open_packet.hpp"
#include "engineio/outbox.hpp"
#include "engineio/payload.hpp"
#include "engineio/sid.hpp"
#include "engineio/utf8.hpp"
#include "engineio/ws_handshake.hpp"

namespace pulse::engineio {
namespace {

TEST(Utf8, accepts_exactly_what_rfc_3629_does) {
    struct Case {
        std::string_view text;
        bool want;
    };
    const Case cases[] = {{"", true},
                          {"plain ascii text", true},
                          {"\xC3\xA4", true},
                          {"\xE2\x82\xAC", true},
                          {"\xF0\x9F\x98\x80", true},
                          {"\xF4\x8F\xBF\xBF", true},
                          {"\x80", false},              // continuation without a lead
                          {"\xC0\x80", false},          // overlong
                          {"\xE0\x80\x80", false},      // overlong
                          {"\xED\xA0\x80", false},      // surrogate
                          {"\xF4\x90\x80\x80", false},  // beyond U+10FFFF
                          {"\xF5\x80\x80\x80", false},
                          {"\xC3", false},  // cut
                          {"\xE2\x82", false},
                          {"12345678\xFF", false}};
    for (const auto& c : cases) {
        EXPECT_EQ(is_utf8(c.text), c.want) << c.text;
        Utf8Validator byte_by_byte;
        bool valid = true;
        for (std::size_t i = 0; valid && i < c.text.size(); ++i)
            valid = byte_by_byte.feed(c.text.substr(i, 1));
        EXPECT_EQ(valid && byte_by_byte.complete(), c.want) << c.text;
    }
}

TEST(Packet, parses_what_the_protocol_names_and_refuses_the_rest) {
    struct Case {
        std::string_view wire;
        Result<Packet, ParseError> want;
    };
    const Case cases[] = {
        {"4hi", Packet{.type = PacketType::message, .text = "hi"}},
        {"4", Packet{.type = PacketType::message}},
        {"2probe", Packet{.type = PacketType::ping, .text = "probe"}},
        {"3", Packet{.type = PacketType::pong}},
        {"6", Packet{.type = PacketType::noop}},
        {"bAQIDBA==", Packet{.type = PacketType::message, .binary = true, .bytes = "\x01\x02\x03\x04"}},
        {"b", Packet{.type = PacketType::message, .binary = true}},
        {"b!", ParseError::bad_base64},
        {"", ParseError::empty},
        {"7", ParseError::unknown_type},
        {"abc", ParseError::unknown_type},
    };
    for (const auto& c : cases) EXPECT_TRUE(parse_packet(c.wire) == c.want) << c.wire;
}

TEST(Payload, an_empty_packet_anywhere_is_an_error) {
    for (const std::string_view body : {"", "4a\x1e",
                                        "\x1e"
                                        "4a",
                                        "4a\x1e\x1e"
                                        "4b"}) {
        PayloadReader reader(body);
        bool failed = false;
        while (reader.more()) failed |= reader.next().has_error();
        EXPECT_TRUE(failed) << body;
    }
}

RC_GTEST_PROP(Payload, what_is_written_is_read_back,
              (const std::vector<std::pair<bool, std::string>>& messages)) {
    RC_PRE(!messages.empty());
    std::string payload;
    for (const auto& [binary, text] : messages) {
        RC_PRE(binary || text.find(record_separator) == std::string::npos);
        append_to_payload(payload, binary ? *Frame::binary_message(text) : *Frame::text_message(text));
    }
    PayloadReader reader(payload);
    for (const auto& [binary, text] : messages) {
        RC_ASSERT(reader.more());
        const auto packet = reader.next();
        RC_ASSERT(packet.has_value());
        RC_ASSERT(packet->binary == binary);
        RC_ASSERT((binary ? packet->bytes : std::string(packet->text)) == text);
    }
    RC_ASSERT(!reader.more());
}

RC_GTEST_PROP(Payload, random_bytes_never_break_the_reader, (const std::string& body)) {
    PayloadReader reader(body);
    while (reader.more()) {
        if (reader.next().has_error()) break;
    }
}

TEST(Sid, names_its_shard_and_never_repeats) {
    std::set<std::string> seen;
    for (int shard = 0; shard < 64; ++shard) {
        const auto sid = make_sid(net::ShardId(shard));
        EXPECT_EQ(sid.size(), sid_size);
        EXPECT_EQ(shard_of(sid), net::ShardId(shard));
        EXPECT_TRUE(seen.insert(sid).second);
    }
    for (const std::string_view none : {"", "short", "!!!!!!!!!!!!!!!!!!!!", "AAAAAAAAAAAAAAAAAAAAA"}) {
        EXPECT_FALSE(shard_of(none)) << none;
    }
}

std::string sent(const Outbox& outbox) {
    std::array<iovec, 64> pieces;
    std::string all;
    const auto count = outbox.gather(pieces);
    for (std::size_t i = 0; i < count; ++i)
        all.append(static_cast<const char*>(pieces[i].iov_base), pieces[i].iov_len);
    return all;
}

RC_GTEST_PROP(Outbox, keeps_order_through_partial_writes, (const std::vector<std::uint8_t>& steps)) {
    Outbox outbox;
    std::string expected;
    for (const auto step : steps) {
        if (step % 3 != 0 || outbox.empty()) {
            const std::string text(step % 7 + 1, char('a' + step % 26));
            outbox.push(Frame::raw(text));
            expected += text;
        } else {
            const auto taken = std::min<std::size_t>(step / 3, expected.size());
            outbox.consume(taken);
            expected.erase(0, taken);
        }
        RC_ASSERT(outbox.bytes() == expected.size());
        RC_ASSERT(outbox.empty() == expected.empty());
        if (outbox.size() <= 64) RC_ASSERT(sent(outbox) == expected);
    }
}

TEST(Outbox, an_urgent_frame_goes_first_but_never_into_another) {
    Outbox outbox;
    outbox.push(Frame::raw("first"));
    outbox.push(Frame::raw("second"));
    outbox.push_urgent(Frame::raw("!"));
    EXPECT_EQ(sent(outbox), "!firstsecond");
    outbox.consume(3);  // "!fi"
    outbox.push_urgent(Frame::raw("?"));
    EXPECT_EQ(sent(outbox), "rst?second");
}

TEST(OpenPacket, has_exactly_the_keys_of_the_protocol) {
    Options options;
    EXPECT_EQ(
        open_packet("SID", TransportKind::polling, options),
        R"(0{"sid":"SID","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000})");
    EXPECT_EQ(
        open_packet("SID", TransportKind::websocket, options),
        R"(0{"sid":"SID","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000})");
    options.allow_upgrades = false;
    EXPECT_NE(open_packet("SID", TransportKind::polling, options).find("\"upgrades\":[]"), std::string::npos);
}

net::Request websocket_request() {
    net::Request request;
    request.method = "GET";
    request.headers.add("upgrade", "websocket");
    request.headers.add("connection", "keep-alive, Upgrade");
    request.headers.add("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
    return request;
}

TEST(WsHandshake, accepts_the_key_of_the_rfc_and_echoes_the_first_protocol) {
    auto request = websocket_request();
    request.headers.add("sec-websocket-version", "13");
    request.headers.add("sec-websocket-protocol", "one, two");
    const auto answer = websocket_handshake(request, false);
    ASSERT_TRUE(answer.has_value());
    EXPECT_NE(answer->head.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"), std::string::npos);
    EXPECT_NE(answer->head.find("Sec-WebSocket-Protocol: one\r\n\r\n"), std::string::npos);
}

TEST(WsHandshake, another_version_is_told_ours_and_a_bad_key_is_refused) {
    auto request = websocket_request();
    EXPECT_EQ(websocket_handshake(request, false).error().status, 426u);
    net::Request bad_key;
    bad_key.method = "GET";
    bad_key.headers.add("upgrade", "websocket");
    bad_key.headers.add("connection", "Upgrade");
    bad_key.headers.add("sec-websocket-version", "13");
    bad_key.headers.add("sec-websocket-key", "short");
    EXPECT_EQ(websocket_handshake(bad_key, false).error().status, 400u);
}

}  // namespace
}  // namespace pulse::engineio
