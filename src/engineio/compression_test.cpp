#include "engineio/compression.hpp"

#include <zlib.h>

#include "engineio/session_fixture.hpp"

namespace pulse::engineio {
namespace {

std::string gunzip(const std::string& bytes) {
    z_stream stream{};
    EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
    std::string out(1 << 20, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = uInt(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = uInt(out.size());
    EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
    out.resize(out.size() - stream.avail_out);
    inflateEnd(&stream);
    return out;
}

TEST(Compression, what_is_compressed_comes_back) {
    for (int i = 0; i < 3; ++i) {
        const std::string text(5000, char('a' + i));
        const auto small = gzip(text);
        ASSERT_TRUE(small);
        EXPECT_LT(small->size(), 200u);
        EXPECT_EQ(gunzip(*small), text);
    }
}

TEST(Compression, what_does_not_get_smaller_is_left) {
    EXPECT_FALSE(gzip("abc"));
    EXPECT_FALSE(gzip(""));
    std::string noise;
    for (std::uint32_t x = 1; noise.size() < 2000; x = x * 1664525 + 1013904223) noise += char(x >> 24);
    EXPECT_FALSE(gzip(noise));
    EXPECT_TRUE(gzip(std::string(2000, 'a')));  // the same stream goes on
}

net::TestResponse poll(SessionTest& test, std::size_t size, const std::string& accept) {
    const auto sid = test.open_polling();
    EXPECT_EQ(test.post(sid, "4" + std::string(size - 1, 'x')).body, "ok");
    net::TestClient client(test.port);
    client.send("GET /engine.io/?EIO=4&transport=polling&sid=" + sid + " HTTP/1.1\r\nHost: h\r\n" +
                "Accept-Encoding: " + accept + "\r\n\r\n");
    return client.response();
}

TEST_F(SessionTest, polls_are_answered_compressed_from_1024_bytes_on) {
    start();
    auto large = poll(*this, 1024, "gzip, deflate, br");
    EXPECT_EQ(large.headers["Content-Encoding"], "gzip");
    EXPECT_LT(large.body.size(), 200u);
    EXPECT_EQ(gunzip(large.body), "4" + std::string(1023, 'x'));
    for (const auto& [size, accept] : {std::pair(1023, "gzip"), std::pair(1024, "gzip;q=0"),
                                       std::pair(1024, "deflate"), std::pair(400'000, "gzip")}) {
        auto plain = poll(*this, std::size_t(size), accept);
        EXPECT_EQ(plain.headers.count("Content-Encoding"), 0u) << size << accept;
        EXPECT_EQ(plain.body, "4" + std::string(std::size_t(size) - 1, 'x'));
    }
}

TEST_F(SessionTest, compression_can_be_turned_off) {
    start({.http_compression = false});
    EXPECT_EQ(poll(*this, 2000, "gzip").body, "4" + std::string(1999, 'x'));
}

}  // namespace
}  // namespace pulse::engineio
