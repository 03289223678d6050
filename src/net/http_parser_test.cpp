#include "net/http_parser.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace pulse::net {
namespace {

using State = RequestParser::State;

// All requests of a byte stream that arrives in the given pieces, and how it ended.
struct Parsed {
    std::vector<Request> requests{};
    unsigned status = 0;  // of the refusal, if one came
    std::string rest{};
};

Parsed parse(std::string_view wire, std::vector<std::size_t> sizes = {}) {
    Parsed out;
    auto parser = std::make_unique<RequestParser>(1024, 1000);
    std::size_t piece = 0;
    while (!wire.empty()) {
        const auto size = sizes.empty()
                              ? wire.size()
                              : std::clamp<std::size_t>(sizes[piece++ % sizes.size()], 1, wire.size());
        out.rest.append(wire.substr(0, size));
        wire.remove_prefix(size);
        while (!out.rest.empty()) {
            // A copy of just that size, so that the sanitizer sees every byte read beyond it.
            const std::vector<char> exact(out.rest.begin(), out.rest.end());
            out.rest.erase(0, parser->feed({exact.data(), exact.size()}));
            if (parser->state() == State::failed) {
                out.status = parser->status();
                return out;
            }
            if (parser->state() != State::complete) break;
            out.requests.push_back(std::move(parser->request()));
            parser = std::make_unique<RequestParser>(1024, 1000);
        }
    }
    return out;
}

std::string get(const std::string& fields, const std::string& line = "GET / HTTP/1.1") {
    return line + "\r\nHost: h\r\n" + fields + "\r\n";
}

TEST(RequestParser, refuses_what_is_ambiguous_or_malformed) {
    struct Case {
        std::string wire;
        unsigned status;
    };
    const Case cases[] = {
        {get("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n", 400},
        {get("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n") + "0\r\n\r\n", 400},
        {get("Content-Length: 3\r\nContent-Length: 4\r\n") + "abcd", 400},
        {get("Content-Length: 3, 4\r\n") + "abcd", 400},
        {get("Content-Length: +3\r\n") + "abc", 400},
        {get("Content-Length: -3\r\n") + "abc", 400},
        {get("Content-Length: 0x3\r\n") + "abc", 400},
        {get("Content-Length: 3 3\r\n") + "abc", 400},
        {get("Content-Length:\r\n"), 400},
        {get("Content-Length: 99999999999999999999999\r\n"), 400},
        {get("X: a\r\n b\r\n"), 400},
        {get("X: a\r\n\tb\r\n"), 400},
        {get("X:\r\n b\r\n"), 400},
        {"GET / HTTP/1.1\r\n X: a\r\nHost: h\r\n\r\n", 400},
        {get("X : a\r\n"), 400},
        {get(": a\r\n"), 400},
        {get("Xa\r\n"), 400},
        {get("X\x01: a\r\n"), 400},
        {get("X\xc3\xa9: a\r\n"), 400},
        {get("X: a\x01\r\n"), 400},
        {get(std::string("X: a\0b\r\n", 8)), 400},
        {get("X: a\x7f\r\n"), 400},
        {get("X: a\rb\r\n"), 400},
        {get("X: a\r\r\n"), 400},
        {"GET / HTTP/1.1\nHost: h\n\n", 400},
        {"GET / HTTP/1.1\r\nHost: h\n\r\n", 400},
        {"GET / HTTP/1.1\r\n\r\n", 400},
        {get("Host: h\r\n"), 400},
        {get("Transfer-Encoding: gzip\r\n"), 400},
        {get("Transfer-Encoding: gzip, chunked\r\n") + "0\r\n\r\n", 400},
        {get("Transfer-Encoding: chunked, identity\r\n") + "0\r\n\r\n", 400},
        {get("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n", 400},
        {get("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n") + "0\r\n\r\n", 400},
        {get("Transfer-Encoding: xchunked\r\n") + "0\r\n\r\n", 400},
        {get("Transfer-Encoding:\r\n"), 400},
        {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
        {get("", "G(T / HTTP/1.1"), 400},
        {get("", "GET  / HTTP/1.1"), 400},
        {get("", "GET /  HTTP/1.1"), 400},
        {get("", "GET / HTTP/1.1 "), 400},
        {get("", "GET /\x01 HTTP/1.1"), 400},
        {get("", "GET /\x7f HTTP/1.1"), 400},
        {get("", "GET /a b HTTP/1.1"), 400},
        {get("", "GET /#f HTTP/1.1"), 400},
        {get("", "GET a HTTP/1.1"), 400},
        {get("", "GET * HTTP/1.1"), 400},
        {get("", "GET ftp://a/ HTTP/1.1"), 400},
        {get("", "GET http:/// HTTP/1.1"), 400},
        {get("", "GET http:// HTTP/1.1"), 400},
        {get("", "CONNECT a:80 HTTP/1.1"), 400},
        {get("", "GET / HTTP/1.x"), 400},
        {get("", "GET / http/1.1"), 400},
        {get("", "GET / HTTP/11"), 400},
        {get("", "GET /"), 400},
        {get("", "GET / HTTP/2.0"), 505},
        {get("", "GET / HTTP/1.2"), 505},
        {get("", "GET / HTTP/0.9"), 505},
        {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505},
        {"\x16\x03\x01\x02", 400},
        {get("X: " + std::string(1100, 'a') + "\r\n"), 431},
        {"GET /" + std::string(1100, 'a'), 431},
        {get("Content-Length: 1001\r\n"), 413},
        {get("Transfer-Encoding: chunked\r\n") + "3e9\r\n", 413},
        {get("Transfer-Encoding: chunked\r\n") + "3e8\r\n" + std::string(1000, 'x') + "\r\n1\r\nx\r\n", 413},
        {get("Transfer-Encoding: chunked\r\n") + "ffffffffffffffff1\r\nx", 400},
        {get("Transfer-Encoding: chunked\r\n") + "x\r\nabcdef", 400},
        {get("Transfer-Encoding: chunked\r\n") + "-1\r\nabcdef", 400},
        {get("Transfer-Encoding: chunked\r\n") + "3\r\nabcdefgh", 400},
        {get("Transfer-Encoding: chunked\r\n") + "3\nabc\r\n0\r\n\r\n", 400},
        {get("Transfer-Encoding: chunked\r\n") + "1;" + std::string(1100, 'e'), 431},
        {get("Transfer-Encoding: chunked\r\n") + "0\r\nX: " + std::string(1100, 'e'), 431},
        // Whole, these were accepted; in pieces refused.
        {get("Transfer-Encoding: chunked\r\n") + "1;" + std::string(1100, 'e') + "\r\nx\r\n0\r\n\r\n", 431},
        {get("Transfer-Encoding: chunked\r\n") + "0\r\nX: " + std::string(1100, 'e') + "\r\n\r\n", 431},
        {get("Transfer-Encoding: chunked\r\n") + "0\r\nContent-Length: 3\r\n\r\n", 400},
    };
    for (const auto& c : cases) {
        for (const std::size_t size : {c.wire.size(), std::size_t(1), std::size_t(7)}) {
            const auto parsed = parse(c.wire, {size});
            EXPECT_EQ(parsed.status, c.status) << c.wire.substr(0, 200) << "\nin pieces of " << size;
            EXPECT_TRUE(parsed.requests.empty()) << c.wire.substr(0, 200);
        }
    }
}

TEST(RequestParser, accepts_what_is_odd_but_clear) {
    const std::string good[] = {
        get(""),
        "GET / HTTP/1.0\r\n\r\n",
        "\r\n\r\n" + get(""),
        get("Content-Length: 3\r\nContent-Length: 3\r\n") + "abc",
        get("X:\r\n"),
        get("X:a\t \r\n"),
        get("X: \xc3\xa9\r\n"),
        get("transfer-encoding: Chunked\r\n") + "3;a=\"b\"\r\nabc\r\n0\r\nT: x\r\n\r\n",
        get("", "OPTIONS * HTTP/1.1"),
        get("", "BREW /pot HTTP/1.1"),
        get("Upgrade: h2c\r\nConnection: Upgrade\r\n"),
    };
    for (const auto& wire : good) {
        const auto parsed = parse(wire);
        EXPECT_EQ(parsed.status, 0u) << wire;
        EXPECT_EQ(parsed.requests.size(), 1u) << wire;
        EXPECT_EQ(parsed.rest, "") << wire;
    }
}

TEST(RequestParser, reduces_an_absolute_target_to_its_path) {
    const std::pair<std::string, std::string> cases[] = {{"http://h/a?b", "/a?b"},
                                                         {"HTTPS://h:1", "/"},
                                                         {"http://h?x=1", "/?x=1"},
                                                         {"/a//b/../c", "/a//b/../c"}};
    for (const auto& [sent, want] : cases) {
        const auto parsed = parse(get("", "GET " + sent + " HTTP/1.1"));
        ASSERT_EQ(parsed.requests.size(), 1u) << sent;
        EXPECT_EQ(parsed.requests[0].target, want);
    }
}

TEST(RequestParser, knows_what_the_head_asks_for) {
    RequestParser upgrade(1024, 1000);
    const std::string wire = get("Connection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n") + "\x81\x80";
    EXPECT_EQ(upgrade.feed(wire), wire.size() - 2);
    EXPECT_EQ(upgrade.state(), State::complete);
    EXPECT_TRUE(upgrade.wants_upgrade());

    RequestParser expect(1024, 1000);
    expect.feed(get("Expect: 100-Continue\r\nContent-Length: 1\r\nConnection: close\r\n"));
    EXPECT_EQ(expect.state(), State::body);
    EXPECT_TRUE(expect.expects_continue());
    EXPECT_FALSE(expect.keep_alive());
    EXPECT_FALSE(expect.wants_upgrade());

    RequestParser old(1024, 1000);
    old.feed("GET / HTTP/1.0\r\n\r\n");
    EXPECT_FALSE(old.keep_alive());
    RequestParser old_kept(1024, 1000);
    old_kept.feed("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n");
    EXPECT_TRUE(old_kept.keep_alive());
}

TEST(RequestParser, drops_trailers) {
    const auto parsed =
        parse(get("Transfer-Encoding: chunked\r\n") + "0\r\nAuthorization: forged\r\nHost: b\r\n\r\n");
    ASSERT_EQ(parsed.requests.size(), 1u);
    EXPECT_EQ(parsed.requests[0].headers.find("authorization"), std::nullopt);
    EXPECT_EQ(parsed.requests[0].headers.find("host"), "h");
}

const std::string pipelined =
    get("A: 1\r\n", "GET /1?q HTTP/1.1") + get("Content-Length: 5\r\n", "POST /2 HTTP/1.1") + "hello\r\n" +
    get("Transfer-Encoding: chunked\r\n", "PUT /3 HTTP/1.1") +
    "3\r\nabc\r\n0A;x=y\r\n0123456789\r\n0\r\nT: u\r\n\r\n" +
    get("Transfer-Encoding: chunked\r\n", "PUT /4 HTTP/1.1") + "0\r\n\r\n" + get("", "GET /5 HTTP/1.1");

void expect_pipelined(const Parsed& parsed) {
    ASSERT_EQ(parsed.requests.size(), 5u);
    EXPECT_EQ(parsed.requests[0].query(), "q");
    EXPECT_EQ(parsed.requests[0].headers.find("a"), "1");
    EXPECT_EQ(parsed.requests[1].body, "hello");
    EXPECT_EQ(parsed.requests[2].body, "abc0123456789");
    EXPECT_EQ(parsed.requests[3].body, "");
    EXPECT_EQ(parsed.requests[4].target, "/5");
    EXPECT_EQ(parsed.rest, "");
}

TEST(RequestParser, reads_the_same_wherever_the_bytes_are_split) {
    for (std::size_t at = 1; at < pipelined.size(); ++at) {
        SCOPED_TRACE(at);
        expect_pipelined(parse(pipelined, {at, pipelined.size()}));
    }
    for (const std::size_t size : {1, 2, 3, 4, 5, 6, 7}) expect_pipelined(parse(pipelined, {size}));
}

RC_GTEST_PROP(RequestParser, any_bytes_in_any_pieces_end_alike, ()) {
    // Mutations of something valid reach further than noise.
    auto wire = pipelined;
    const auto edits = *rc::gen::inRange(0, 6);
    for (int i = 0; i < edits; ++i) {
        const auto at = *rc::gen::inRange<std::size_t>(0, wire.size());
        const auto byte = *rc::gen::elementOf(std::string("\r\n \t:0aZ,;\x00\xff/", 13));
        switch (*rc::gen::inRange(0, 3)) {
            case 0:
                wire[at] = byte;
                break;
            case 1:
                wire.insert(at, 1, byte);
                break;
            default:
                wire.erase(at, 1);
        }
    }
    const auto sizes = *rc::gen::nonEmpty(
        rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(1, 40)));
    const auto whole = parse(wire);
    const auto pieces = parse(wire, sizes);
    RC_ASSERT(whole.status == pieces.status);
    RC_ASSERT(whole.requests.size() == pieces.requests.size());
    for (std::size_t i = 0; i < whole.requests.size(); ++i) {
        RC_ASSERT(whole.requests[i].target == pieces.requests[i].target);
        RC_ASSERT(whole.requests[i].body == pieces.requests[i].body);
    }
}

}  // namespace
}  // namespace pulse::net
