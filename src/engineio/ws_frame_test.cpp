#include "engineio/ws_frame.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

namespace pulse::engineio {
namespace {

using Event = FrameDecoder::Event;
constexpr FrameDecoder::Limits generous{1'000'000, 1024};

std::string masked(unsigned first, std::string_view payload, std::array<char, 4> mask = {1, 2, 3, 4}) {
    std::array<char, max_header_size> header;
    auto size = write_frame_header(header, Opcode::text, payload.size());
    header[0] = char(first);
    header[1] = char(header[1] | 0x80);
    std::string frame(header.data(), size);
    frame.append(mask.data(), 4);
    for (std::size_t i = 0; i < payload.size(); ++i) frame += char(payload[i] ^ mask[i % 4]);
    return frame;
}

struct Seen {
    Event event;
    std::string data;
    std::uint16_t code = close_code::none;
    bool operator==(const Seen&) const = default;
};

std::vector<Seen> decode(std::string wire, const std::vector<std::size_t>& cuts = {},
                         FrameDecoder::Limits limits = generous) {
    FrameDecoder decoder;
    std::vector<Seen> seen;
    std::size_t from = 0;
    for (std::size_t i = 0; i <= cuts.size(); ++i) {
        const auto to = i < cuts.size() ? std::max(from, std::min(cuts[i], wire.size())) : wire.size();
        std::span<char> input(wire.data() + from, to - from);
        from = to;
        for (;;) {
            const auto event = decoder.next(input, limits);
            if (event == Event::need_more) break;
            const bool has_code = event == Event::close || event == Event::error;
            seen.push_back(
                {event, std::string(decoder.data()), has_code ? decoder.code() : close_code::none});
            if (event == Event::error) return seen;
        }
    }
    return seen;
}

TEST(WsFrame, decodes_what_the_rfc_allows_and_closes_with_its_code_on_the_rest) {
    const std::string close_bad_code("\x03\xEC", 2);  // 1004
    const std::string close_normal(
        "\x03\xE8"
        "bye",
        5);
    const std::string close_bad_text("\x03\xE8\xFF", 3);
    struct Case {
        const char* what;
        std::string wire;
        std::vector<Seen> want;
    };
    const auto error = [](std::uint16_t code) { return std::vector<Seen>{{Event::error, "", code}}; };
    const Case cases[] = {
        {"text", masked(0x81, "4hi"), {{Event::text, "4hi"}}},
        {"empty text", masked(0x81, ""), {{Event::text, ""}}},
        {"binary", masked(0x82, "\x01\x02"), {{Event::binary, "\x01\x02"}}},
        {"16 bit length", masked(0x81, std::string(126, 'x')), {{Event::text, std::string(126, 'x')}}},
        {"64 bit length",
         masked(0x82, std::string(70'000, 'x')),
         {{Event::binary, std::string(70'000, 'x')}}},
        {"fragments with a ping between",
         masked(0x01, "4h") + masked(0x89, "p") + masked(0x80, "i"),
         {{Event::ping, "p"}, {Event::text, "4hi"}}},
        {"a character over two fragments",
         masked(0x01, "\xC3") + masked(0x80, "\xA4"),
         {{Event::text, "\xC3\xA4"}}},
        {"pong", masked(0x8A, ""), {{Event::pong, ""}}},
        {"close without a code", masked(0x88, ""), {{Event::close, "", close_code::none}}},
        {"close, and nothing after it",
         masked(0x88, close_normal) + masked(0x81, "4x"),
         {{Event::close, "bye", close_code::normal}}},
        {"unmasked", std::string("\x81\x01x"), error(close_code::protocol_error)},
        {"reserved bit", masked(0xC1, "x"), error(close_code::protocol_error)},
        {"reserved opcode", masked(0x83, "x"), error(close_code::protocol_error)},
        {"reserved control opcode", masked(0x8B, "x"), error(close_code::protocol_error)},
        {"long ping", masked(0x89, std::string(126, 'x')), error(close_code::protocol_error)},
        {"fragmented ping", masked(0x09, "x"), error(close_code::protocol_error)},
        {"continuation of nothing", masked(0x80, "x"), error(close_code::protocol_error)},
        {"text inside a message", masked(0x01, "x") + masked(0x81, "y"), error(close_code::protocol_error)},
        {"length not in its shortest form",
         std::string("\x81\xFE\x00\x05"
                     "mask",
                     8),
         error(close_code::protocol_error)},
        {"64 bit length, high bit", "\x82\xFF\xFF" + std::string(7, '\0') + "mask",
         error(close_code::protocol_error)},
        {"close of one byte", masked(0x88, "x"), error(close_code::protocol_error)},
        {"close with a code that is never sent", masked(0x88, close_bad_code),
         error(close_code::protocol_error)},
        {"close with a bad reason", masked(0x88, close_bad_text), error(close_code::bad_text)},
        {"text that is not UTF-8", masked(0x81, "4\xFF"), error(close_code::bad_text)},
        {"text that ends inside a character", masked(0x81, "4\xC3"), error(close_code::bad_text)},
        {"bad text in a first fragment", masked(0x01, "4\xC0"), error(close_code::bad_text)},
    };
    for (const auto& c : cases) {
        EXPECT_TRUE(decode(c.wire) == c.want) << c.what;
        std::vector<std::size_t> every_byte;
        for (std::size_t i = 1; i < c.wire.size(); ++i) every_byte.push_back(i);
        EXPECT_TRUE(decode(c.wire, every_byte) == c.want) << c.what << ", byte by byte";
    }
}

TEST(WsFrame, limits_a_message_in_bytes_and_in_fragments) {
    const std::vector<Seen> too_big{{Event::error, "", close_code::too_big}};
    EXPECT_EQ(decode(masked(0x81, "12345"), {}, {5, 2}).at(0).event, Event::text);
    EXPECT_TRUE(decode(masked(0x81, "123456"), {}, {5, 2}) == too_big);
    EXPECT_TRUE(decode(masked(0x01, "123") + masked(0x80, "456"), {}, {5, 2}) == too_big);
    EXPECT_TRUE(decode(masked(0x01, "") + masked(0x00, "") + masked(0x00, ""), {}, {5, 2}) == too_big);
    // Said from the header alone, before the payload is read.
    EXPECT_TRUE(decode(masked(0x82, std::string(70'000, 'x')).substr(0, 14), {}, {5, 2}) == too_big);
}

TEST(WsFrame, a_message_in_one_piece_is_not_copied) {
    std::string wire = masked(0x81, "4" + std::string(500, 'x'));
    FrameDecoder decoder;
    std::span<char> input(wire);
    ASSERT_EQ(decoder.next(input, generous), Event::text);
    EXPECT_EQ(decoder.data().data(), wire.data() + 8);
}

RC_GTEST_PROP(WsFrame, messages_survive_any_mask_fragmentation_and_cut, ()) {
    const auto payload = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
    const auto splits = *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 200));
    const auto mask = *rc::gen::container<std::array<char, 4>>(rc::gen::arbitrary<char>());
    auto ends = splits;
    std::sort(ends.begin(), ends.end());
    std::string wire;
    std::size_t from = 0;
    for (const auto end : ends) {
        const auto to = std::max(from, std::min(end, payload.size()));
        wire += masked(wire.empty() ? 0x02 : 0x00, std::string_view(payload).substr(from, to - from), mask);
        from = to;
    }
    wire += masked(wire.empty() ? 0x82 : 0x80, std::string_view(payload).substr(from), mask);
    auto cuts =
        *rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, wire.size() + 1));
    std::sort(cuts.begin(), cuts.end());
    RC_ASSERT((decode(wire, cuts) == std::vector<Seen>{{Event::binary, payload}}));
}

RC_GTEST_PROP(WsFrame, random_bytes_never_break_the_decoder, ()) {
    auto wire = *rc::gen::container<std::string>(rc::gen::arbitrary<char>());
    // Most random first bytes are refused at once; plausible ones go deeper.
    if (wire.size() > 2) {
        wire[0] = char(*rc::gen::element(0x01, 0x02, 0x81, 0x82, 0x80, 0x88, 0x89));
        wire[1] = char(wire[1] | 0x80);
    }
    decode(wire, {wire.size() / 3, wire.size() / 2});
}

}  // namespace
}  // namespace pulse::engineio
