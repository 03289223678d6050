// Frame conformance by the classes of the Autobahn test suite (crossbario/autobahn-testsuite), under its case
// numbers: what a client sends, and what the server makes of it by RFC 6455 and RFC 7692. Each row is decoded
// whole and byte by byte. Class 9 (large messages) is by size, 10.1.1 is a large message in pieces. Of the
// classes 12 and 13 the negotiations stand in ws_deflate_test.cpp; messages of their sizes are here.
#include <gtest/gtest.h>

#include "engineio/ws_deflate.hpp"
#include "engineio/ws_frame.hpp"

namespace pulse::engineio {
namespace {

using Event = FrameDecoder::Event;
using Texts = std::vector<std::string>;
using namespace std::string_literals;

constexpr FrameDecoder::Limits limits{64 << 20, 100'000, true};

// A masked frame of a client: its first byte, and the payload.
std::string frame(unsigned first, std::string_view payload) {
    constexpr std::array<char, 4> mask{0x37, '\xfa', 0x21, 0x3d};
    std::array<char, max_header_size> header;
    const auto size = write_frame_header(header, Opcode::text, payload.size());
    header[0] = char(first);
    header[1] = char(header[1] | 0x80);
    std::string bytes(header.data(), size);
    bytes.append(mask.data(), 4).append(payload);
    apply_mask(std::span(bytes).subspan(size + 4), mask, 0);
    return bytes;
}
constexpr unsigned fin = 0x80;
std::string text(std::string_view payload) { return frame(fin | 1, payload); }
std::string binary(std::string_view payload) { return frame(fin | 2, payload); }
std::string ping(std::string_view payload) { return frame(fin | 9, payload); }
std::string pong(std::string_view payload) { return frame(fin | 10, payload); }
std::string close(std::string_view payload) { return frame(fin | 8, payload); }
std::string code(unsigned value, std::string_view reason = {}) {
    return close(std::string{char(value >> 8), char(value)}.append(reason));
}
// A message in pieces of that many bytes.
std::string pieces(unsigned opcode, std::string_view payload, std::size_t size) {
    std::string bytes;
    for (std::size_t at = 0; at < payload.size(); at += size) {
        const bool last = at + size >= payload.size();
        bytes += frame((at == 0 ? opcode : 0) | (last ? fin : 0), payload.substr(at, size));
    }
    return bytes;
}

// The decoder's events as text; long payloads by their size.
std::string to_text(Event event, const FrameDecoder& decoder) {
    const auto data = [&] {
        return decoder.data().size() > 130 ? std::to_string(decoder.data().size())
                                           : std::string(decoder.data());
    };
    switch (event) {
        case Event::text:
            return "text " + data();
        case Event::binary:
            return "binary " + data();
        case Event::ping:
            return "ping " + data();
        case Event::pong:
            return "pong " + data();
        case Event::close:
            return "close " + std::to_string(decoder.code());
        case Event::error:
            return "fail " + std::to_string(decoder.code());
        case Event::need_more:
            break;
    }
    return {};
}

Texts decode(std::string bytes, std::size_t step) {
    FrameDecoder decoder;
    Texts seen;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
        std::span<char> input(bytes.data() + at, std::min(step, bytes.size() - at));
        for (auto event = decoder.next(input, limits); event != Event::need_more;
             event = decoder.next(input, limits)) {
            seen.push_back(to_text(event, decoder));
            if (event == Event::error) return seen;
        }
    }
    return seen;
}

struct Row {
    const char* cases;
    std::string sent;
    Texts seen;
};

void expect_all(const std::vector<Row>& rows) {
    for (const auto& row : rows) {
        EXPECT_EQ(decode(row.sent, row.sent.size()), row.seen) << row.cases;
        if (row.sent.size() < 200'000) {
            EXPECT_EQ(decode(row.sent, 1), row.seen) << row.cases << ", byte by byte";
        }
    }
}

const std::string x125(125, 'x'), x126(126, 'x'), x65535(65535, 'x'), x65536(65536, 'x');

}  // namespace

TEST(WsConformance, class_1_framing) {
    std::vector<Row> rows;
    const std::pair<const char*, std::size_t> sizes[] = {{"1", 0},   {"2", 125},   {"3", 126},  {"4", 127},
                                                         {"5", 128}, {"6", 65535}, {"7", 65536}};
    for (const auto& [number, size] : sizes) {
        const std::string payload(size, '*');
        const std::string shown = size > 130 ? std::to_string(size) : payload;
        rows.push_back({number, text(payload), {"text " + shown}});
        rows.push_back({number, binary(payload), {"binary " + shown}});
    }
    expect_all(rows);
}

TEST(WsConformance, class_2_pings_and_pongs) {
    std::string ten;
    Texts answers;
    for (int i = 0; i < 10; ++i) {
        ten += ping("payload-" + std::to_string(i));
        answers.push_back("ping payload-" + std::to_string(i));
    }
    expect_all({
        {"2.1", ping(""), {"ping "}},
        {"2.2", ping("Hello"), {"ping Hello"}},
        {"2.3", ping("\x00\xff\xfe\xfd\xfc\xfb\x00\xff"s), {"ping \x00\xff\xfe\xfd\xfc\xfb\x00\xff"s}},
        {"2.4, 2.6", ping(x125), {"ping " + x125}},
        {"2.5", ping(x126), {"fail 1002"}},
        {"2.7", pong(""), {"pong "}},
        {"2.8", pong("unsolicited"), {"pong unsolicited"}},
        {"2.9", pong("unsolicited") + ping("p"), {"pong unsolicited", "ping p"}},
        {"2.10, 2.11", ten, answers},
    });
}

TEST(WsConformance, class_3_reserved_bits) {
    const auto ok = text("Hello");
    expect_all({
        // 3.1, RSV1 alone, means "compressed" once that is negotiated: see class 12.
        {"3.2", ok + frame(fin | 0x20 | 1, "x") + ping(""), {"text Hello", "fail 1002"}},
        {"3.3", ok + frame(fin | 0x30 | 1, "x") + ping(""), {"text Hello", "fail 1002"}},
        {"3.4", ok + frame(fin | 0x60 | 1, "x") + ping(""), {"text Hello", "fail 1002"}},
        {"3.5", frame(fin | 0x50 | 2, "x"), {"fail 1002"}},
        {"3.6", frame(fin | 0x60 | 9, "x"), {"fail 1002"}},
        {"3.7", frame(fin | 0x70 | 8, ""), {"fail 1002"}},
    });
}

TEST(WsConformance, class_4_opcodes) {
    std::vector<Row> rows;
    for (const unsigned opcode : {3u, 4u, 5u, 6u, 7u}) {
        rows.push_back({"4.1", text("a") + frame(fin | opcode, "") + ping(""), {"text a", "fail 1002"}});
        rows.push_back({"4.1", frame(fin | opcode, "reserved"), {"fail 1002"}});
    }
    for (const unsigned opcode : {11u, 12u, 13u, 14u, 15u}) {
        rows.push_back({"4.2", text("a") + frame(fin | opcode, "") + ping(""), {"text a", "fail 1002"}});
        rows.push_back({"4.2", frame(fin | opcode, "reserved"), {"fail 1002"}});
    }
    expect_all(rows);
}

TEST(WsConformance, class_5_fragmentation) {
    expect_all({
        {"5.1", frame(9, "fragment1") + frame(fin, "fragment2"), {"fail 1002"}},
        {"5.2", frame(10, "fragment1") + frame(fin, "fragment2"), {"fail 1002"}},
        {"5.3 to 5.5", frame(1, "fragment1") + frame(fin, "fragment2"), {"text fragment1fragment2"}},
        {"5.6 to 5.8",
         frame(1, "one") + ping("between") + frame(fin, "two"),
         {"ping between", "text onetwo"}},
        {"5.9 to 5.11", frame(fin, "nothing to go on with") + text("a"), {"fail 1002"}},
        {"5.12 to 5.14", frame(0, "nothing to go on with") + text("a"), {"fail 1002"}},
        {"5.15", frame(1, "a") + frame(fin, "b") + frame(0, "c") + text("d"), {"text ab", "fail 1002"}},
        {"5.16, 5.17", frame(0, "a") + text("b") + frame(fin, "c"), {"fail 1002"}},
        {"5.18", frame(1, "a") + text("b"), {"fail 1002"}},
        {"5.19, 5.20",
         frame(1, "a") + frame(0, "b") + ping("1") + frame(0, "c") + frame(0, "d") + ping("2") +
             frame(fin, "e"),
         {"ping 1", "ping 2", "text abcde"}},
    });
}

TEST(WsConformance, class_6_utf_8) {
    const auto valid = [](std::string_view payload) {
        return Row{"valid", text(payload), {"text "s.append(payload)}};
    };
    const auto invalid = [](std::string_view payload) {
        return Row{"invalid", text(payload), {"fail 1007"}};
    };
    const std::string kosme = "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5";
    std::vector<Row> rows = {
        {"6.1.1", text(""), {"text "}},
        {"6.1.2", frame(1, "") + frame(0, "") + frame(fin, ""), {"text "}},
        {"6.1.3", frame(1, "") + frame(0, "middle") + frame(fin, ""), {"text middle"}},
        {"6.2.1", text("Hello-\xc2\xb5@\xc3\x9f\xc3\xb6"), {"text Hello-\xc2\xb5@\xc3\x9f\xc3\xb6"}},
        {"6.2.2 to 6.2.4", pieces(1, kosme, 1), {"text " + kosme}},
        {"6.3.1", text(kosme + "\xed\xa0\x80" + "edited"), {"fail 1007"}},
        {"6.3.2", pieces(1, kosme + "\xed\xa0\x80" + "edited", 1), {"fail 1007"}},
        // 6.4, failing fast: before the message, or even its frame, is complete.
        {"6.4.1, 6.4.2", frame(1, kosme) + frame(0, "\xf4\x90\x80\x80"), {"fail 1007"}},
        {"6.4.3, 6.4.4",
         text(kosme + "\xf4\x90\x80\x80" + "edited").substr(0, 6 + kosme.size() + 2),
         {"fail 1007"}},
    };
    // 6.5 to 6.23, the sequences of Kuhn's stress test by kind.
    for (const auto* one :
         {"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5",             // 6.5
          "\xc2\x80", "\xe0\xa0\x80", "\xf0\x90\x80\x80",             // 6.7: first of each length
          "\x7f", "\xdf\xbf", "\xef\xbf\xbf", "\xf4\x8f\xbf\xbf",     // 6.9: last of each length
          "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbd",             // 6.11: boundaries
          "\xef\xbf\xbe", "\xf0\x9f\xbf\xbe", "\xf4\x8f\xbf\xbe"}) {  // 6.22: noncharacters
        rows.push_back(valid(one));
    }
    rows.push_back(valid("\0"s));  // 6.7.1
    for (const auto* one : {"\xce",
                            "\xce\xba\xe1",
                            "\xce\xba\xe1\xbd",  // 6.6: cut short
                            "\xf8\x88\x80\x80\x80",
                            "\xfc\x84\x80\x80\x80\x80",  // 6.8: five and six bytes
                            "\xf7\xbf\xbf\xbf",
                            "\xfb\xbf\xbf\xbf\xbf",
                            "\xfd\xbf\xbf\xbf\xbf\xbf",  // 6.10
                            "\xf4\x90\x80\x80",          // 6.11.5: above U+10FFFF
                            "\x80",
                            "\xbf",
                            "\x80\xbf",
                            "\x80\xbf\x80\xbf\x80\xbf",  // 6.12: continuations alone
                            "\xc0 \xc1 ",
                            "\xe0 \xe1 ",
                            "\xf0 \xf1 ",
                            "\xf8 \xf9 ",
                            "\xfc \xfd ",  // 6.13: starts alone
                            "\xc0",
                            "\xe0\x80",
                            "\xf0\x80\x80",
                            "\xf8\x80\x80\x80",
                            "\xdf",
                            "\xef\xbf",
                            "\xf7\xbf\xbf",  // 6.14, 6.15
                            "\xfe",
                            "\xff",
                            "\xfe\xfe\xff\xff",  // 6.16: impossible bytes
                            "\xc0\xaf",
                            "\xe0\x80\xaf",
                            "\xf0\x80\x80\xaf",
                            "\xf8\x80\x80\x80\xaf",  // 6.17: overlong
                            "\xc1\xbf",
                            "\xe0\x9f\xbf",
                            "\xf0\x8f\xbf\xbf",  // 6.18: overlong, highest
                            "\xc0\x80",
                            "\xe0\x80\x80",  // 6.19: overlong NUL
                            "\xed\xa0\x80",
                            "\xed\xad\xbf",
                            "\xed\xae\x80",
                            "\xed\xbf\xbf",  // 6.20: surrogates
                            "\xed\xa0\x80\xed\xb0\x80",
                            "\xed\xaf\xbf\xed\xbf\xbf"}) {  // 6.21: and pairs of them
        rows.push_back(invalid(one));
    }
    expect_all(rows);
}

TEST(WsConformance, class_7_closing) {
    std::vector<Row> rows = {
        {"7.1.1, 7.1.2", text("a") + code(1000) + code(1000), {"text a", "close 1000"}},
        {"7.1.3", code(1000) + ping("late"), {"close 1000"}},
        {"7.1.4", code(1000) + text("late"), {"close 1000"}},
        {"7.1.5", frame(1, "a") + code(1000) + frame(fin, "b"), {"close 1000"}},
        {"7.1.6",
         text(x65536 + x65536 + x65536 + x65536) + text("a") + code(1000) + ping(""),
         {"text 262144", "text a", "close 1000"}},
        {"7.3.1", close(""), {"close 1005"}},
        {"7.3.2", close("a"), {"fail 1002"}},
        {"7.3.3", code(1000), {"close 1000"}},
        {"7.3.4", code(1000, "Hello"), {"close 1000"}},
        {"7.3.5", code(1000, std::string(123, 'r')), {"close 1000"}},
        {"7.3.6", code(1000, std::string(124, 'r')), {"fail 1002"}},
        {"7.5.1", code(1000, "\xce\xba\xe1\xed\xa0\x80"), {"fail 1007"}},
        {"7.13.1", code(5000), {"fail 1002"}},
        {"7.13.2", code(65535), {"fail 1002"}},
    };
    for (const unsigned good :
         {1000u, 1001u, 1002u, 1003u, 1007u, 1008u, 1009u, 1010u, 1011u, 3000u, 3999u, 4000u, 4999u}) {
        rows.push_back({"7.7", code(good), {"close " + std::to_string(good)}});
    }
    for (const unsigned bad : {0u, 999u, 1004u, 1005u, 1006u, 1016u, 1100u, 2000u, 2999u}) {
        rows.push_back({"7.9", code(bad), {"fail 1002"}});
    }
    expect_all(rows);
}

TEST(WsConformance, classes_9_and_10_large_messages_whole_and_in_pieces) {
    for (const std::size_t size : {std::size_t(64) << 10, std::size_t(1) << 20, std::size_t(16) << 20}) {
        const std::string payload(size, 'p');
        const auto shown = std::to_string(size);
        expect_all(
            {{"9.1", text(payload), {"text " + shown}}, {"9.2", binary(payload), {"binary " + shown}}});
    }
    const std::string large(4 << 20, 'p');
    for (const std::size_t piece : {64u, 256u, 1024u, 4096u, 65536u, 1u << 20, 4u << 20}) {
        expect_all({{"9.3, 10.1.1", pieces(1, large, piece), {"text 4194304"}},
                    {"9.4", pieces(2, large, piece), {"binary 4194304"}}});
    }
    for (const std::size_t chop : {64u, 128u, 256u, 512u, 1024u, 2048u}) {  // 9.5, 9.6: arriving in chops
        EXPECT_EQ(decode(text(std::string(1 << 20, 'p')), chop), Texts{"text 1048576"});
    }
}

TEST(WsConformance, class_12_compressed_messages_of_all_sizes) {
    for (const std::size_t size : {16u, 64u, 256u, 1024u, 4096u, 8192u, 16384u, 32768u, 65536u, 131072u}) {
        std::string json = "[";
        while (json.size() < size) json += R"({"name":"value","list":[1,2,3]},)";
        json.resize(size);
        const auto small = deflate_message(json, 6);
        if (!small) continue;
        const std::string shown = size > 130 ? std::to_string(size) : json;
        expect_all({{"12.1", frame(fin | 0x40 | 1, *small), {"text " + shown}},
                    {"12.2", frame(fin | 0x40 | 2, *small), {"binary " + shown}},
                    {"12.1, in pieces",
                     frame(0x40 | 1, small->substr(0, 5)) + frame(fin, small->substr(5)),
                     {"text " + shown}}});
    }
}

}  // namespace pulse::engineio
