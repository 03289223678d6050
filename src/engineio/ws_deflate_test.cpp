#include "engineio/ws_deflate.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <thread>

#include "engineio/frame.hpp"
#include "engineio/ws_frame.hpp"

namespace pulse::engineio {
namespace {

constexpr std::string_view agreed =
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

std::string answer_to(std::vector<std::string> lines) {
    net::Headers headers;
    headers.add("host", "h");
    for (const auto& line : lines) headers.add("sec-websocket-extensions", line);
    return accept_deflate(headers).value_or("declined");
}

// A client's frame; masked with zeros.
std::string frame(std::uint8_t first, std::string_view payload) {
    std::string out{char(first)};
    if (payload.size() < 126) {
        out += char(0x80 | payload.size());
    } else {
        out += char(0x80 | 126);
        out += char(payload.size() >> 8);
        out += char(payload.size());
    }
    return out.append(4, '\0').append(payload);
}

struct Decoded {
    FrameDecoder::Event event;
    std::string data;
    std::uint16_t code;
};
// The first event of the bytes, which arrive in pieces of `step`.
Decoded decode(std::string bytes, bool deflate = true, std::size_t limit = 10'000,
               std::size_t step = 1 << 20) {
    FrameDecoder decoder;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        std::span<char> input(bytes.data() + at, std::min(step, bytes.size() - at));
        const auto event = decoder.next(input, {limit, 100, deflate});
        if (event != FrameDecoder::Event::need_more)
            return {event, std::string(decoder.data()), decoder.code()};
    }
    return {FrameDecoder::Event::need_more, {}, 0};
}

}  // namespace

TEST(WsDeflate, the_first_offer_that_can_be_taken_is) {
    EXPECT_EQ(answer_to({"permessage-deflate"}), agreed);
    EXPECT_EQ(answer_to({"permessage-deflate; client_max_window_bits"}), agreed);
    EXPECT_EQ(answer_to({"Permessage-Deflate;client_max_window_bits=9 ; server_no_context_takeover"}),
              agreed);
    EXPECT_EQ(answer_to({"permessage-deflate; server_max_window_bits=15"}),
              std::string(agreed) + "; server_max_window_bits=15");
    EXPECT_EQ(answer_to({"permessage-deflate; server_max_window_bits=10, permessage-deflate"}), agreed);
    EXPECT_EQ(answer_to({"x-webkit-deflate-frame", "foo; bar=\"a,b;c\", permessage-deflate"}), agreed);
}

TEST(WsDeflate, what_is_not_understood_is_declined) {
    for (const auto* offer :
         {"", ",", "deflate", "permessage-deflate; unknown", "permessage-deflate; server_max_window_bits",
          "permessage-deflate; server_max_window_bits=8", "permessage-deflate; server_max_window_bits=16",
          "permessage-deflate; server_max_window_bits=015", "permessage-deflate; server_max_window_bits=",
          "permessage-deflate; client_max_window_bits=7", "permessage-deflate; client_max_window_bits=x",
          "permessage-deflate; server_no_context_takeover=1", "permessage-deflate;",
          "permessage-deflate; client_no_context_takeover; client_no_context_takeover"}) {
        EXPECT_EQ(answer_to({offer}), "declined") << offer;
    }
    EXPECT_EQ(answer_to({}), "declined");
}

RC_GTEST_PROP(WsDeflate, what_was_compressed_unfolds_to_the_same, (const std::string& text, bool repeat)) {
    std::string message = text;
    if (repeat) {
        for (int i = 0; i < 5; ++i) message += message;
    }
    const auto small = deflate_message(message, 1);
    if (!small) return;
    RC_ASSERT(small->size() < message.size());
    const auto back = inflate_message(*small, message.size());
    RC_ASSERT(bool(back));
    RC_ASSERT(*back == message);
}

TEST(WsDeflate, a_bomb_is_stopped_at_the_limit) {
    const auto bomb = deflate_message(std::string(50'000'000, 'a'), 9);
    ASSERT_TRUE(bomb);
    EXPECT_EQ(inflate_message(*bomb, 1'000'000).error(), InflateError::too_big);
    EXPECT_EQ(inflate_message(*deflate_message(std::string(1000, 'a'), 9), 1000)->size(), 1000u);
    EXPECT_EQ(inflate_message(*deflate_message(std::string(1000, 'a'), 9), 999).error(),
              InflateError::too_big);
}

TEST(WsDeflate, garbage_and_half_messages_are_invalid) {
    const auto small = *deflate_message(std::string(300, 'a') + std::string(300, 'b'), 1);
    EXPECT_EQ(inflate_message("\xff\xff\xff\xff", 1000).error(), InflateError::invalid);
    for (std::size_t size = 1; size + 1 < small.size(); ++size) {
        const auto half = inflate_message(small.substr(0, size), 1000);
        EXPECT_TRUE(half.has_error() || half->size() < 600) << size;
    }
    EXPECT_EQ(*inflate_message(small, 1000),
              std::string(300, 'a') + std::string(300, 'b'));  // and it recovers
}

TEST(WsDeflate, the_examples_of_the_rfc_are_read) {
    using namespace std::string_literals;
    EXPECT_EQ(*inflate_message("\xf2\x48\xcd\xc9\xc9\x07\x00"s, 100), "Hello");                  // 7.2.3.1
    EXPECT_EQ(*inflate_message("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00"s, 100), "Hello");  // 7.2.3.3
    EXPECT_EQ(*inflate_message("\xf3\x48\xcd\xc9\xc9\x07\x00\x00"s, 100), "Hello");              // 7.2.3.4
    EXPECT_EQ(*inflate_message("\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"s, 100),
              "Hello");  // 7.2.3.5
}

TEST(WsDeflate, frames_may_come_compressed_where_it_was_negotiated) {
    const auto small = *deflate_message(std::string(300, 'a'), 1);
    for (const std::size_t step : {std::size_t(1), std::size_t(7), std::size_t(10'000)}) {
        const auto whole = decode(frame(0xC1, small), true, 10'000, step);
        EXPECT_EQ(whole.event, FrameDecoder::Event::text);
        EXPECT_EQ(whole.data, std::string(300, 'a'));
    }
    const auto cut = decode(frame(0x42, small.substr(0, 3)) + frame(0x80, small.substr(3)), true, 10'000, 1);
    EXPECT_EQ(cut.event, FrameDecoder::Event::binary);
    EXPECT_EQ(cut.data, std::string(300, 'a'));
    EXPECT_EQ(decode(frame(0x81, "plain")).data, "plain");
}

TEST(WsDeflate, frames_that_break_its_rules_end_the_connection) {
    const auto small = *deflate_message(std::string(300, 'a'), 1);
    const auto expect_error = [](const Decoded& got, std::uint16_t code) {
        EXPECT_EQ(got.event, FrameDecoder::Event::error);
        EXPECT_EQ(got.code, code);
    };
    expect_error(decode(frame(0xC1, small), false), close_code::protocol_error);  // not negotiated
    expect_error(decode(frame(0xA1, small)), close_code::protocol_error);         // RSV2
    expect_error(decode(frame(0xE1, small)), close_code::protocol_error);         // RSV1 and RSV2
    expect_error(decode(frame(0xC9, "ping")), close_code::protocol_error);        // a control frame
    expect_error(decode(frame(0x41, small) + frame(0xC0, "")), close_code::protocol_error);  // a continuation
    expect_error(decode(frame(0xC1, small), true, 299), close_code::too_big);
    expect_error(decode(frame(0xC1, "\xff\xff\xff\xff")), close_code::bad_text);
    expect_error(decode(frame(0xC1, *deflate_message(std::string(300, '\xff'), 1))), close_code::bad_text);
}

TEST(WsDeflate, a_frame_is_compressed_once_for_all_who_want_it) {
    std::atomic<std::uint64_t> made = 0;
    const auto message = Frame::text_message(std::string(5000, 'a'));
    std::vector<std::thread> shards;
    std::array<FramePtr, 4> got;
    for (auto& one : got) shards.emplace_back([&] { one = message->deflated(1, made); });
    for (auto& shard : shards) shard.join();
    EXPECT_EQ(made, 1u);
    for (const auto& one : got) EXPECT_EQ(one, got[0]);
    const auto bytes = got[0]->websocket();
    EXPECT_EQ(std::uint8_t(bytes[0]), 0xC1);
    EXPECT_EQ(*inflate_message(bytes.substr(2), 10'000), "4" + std::string(5000, 'a'));
    EXPECT_EQ(Frame::text_message("no")->deflated(1, made), nullptr);  // no smaller
}

}  // namespace pulse::engineio
