#include "engineio/upload.hpp"

#include "engineio/session_fixture.hpp"

namespace pulse::engineio {
namespace {

struct Uploads : SessionTest {
    std::string sid;
    // Opens a session, and sends the head of a POST and the first byte of its body.
    net::TestClient begin(const std::string& fields = "Content-Length: 3\r\n",
                          const std::string& body = "4") {
        sid = open_polling();
        return more(fields, body);
    }
    net::TestClient more(const std::string& fields = "Content-Length: 3\r\n", const std::string& body = "4") {
        net::TestClient client(port);
        client.send("POST /engine.io/?EIO=4&transport=polling&sid=" + sid + " HTTP/1.1\r\nHost: h\r\n" +
                    fields + "\r\n" + body);
        return client;
    }
    // The head was seen: whole bodies alone are handed over without it.
    bool begun(int count = 1) {
        return net::eventually([&] { return uploads == count; });
    }
    std::atomic<int> uploads{0};
    std::shared_ptr<net::Upload> on_upload(const net::Request& head) override {
        auto upload = SessionTest::on_upload(head);
        EXPECT_TRUE(upload);
        ++uploads;
        return upload;
    }
};

TEST_F(Uploads, body_behind_its_head_is_read_like_any_other) {
    start();
    for (int i = 0; i < 8; ++i) {
        auto client = begin();
        ASSERT_TRUE(begun(i + 1));
        client.send("hi");
        EXPECT_EQ(client.response().body, "ok");
        EXPECT_EQ(get(sid).body, "4hi");
        EXPECT_EQ(post(sid, "4again").body, "ok");
        EXPECT_EQ(get(sid).body, "4again");
    }
    EXPECT_EQ(ends(), 0u);
}

TEST_F(Uploads, second_post_while_one_is_read_is_400_and_closes_it) {
    start();
    auto client = begin();
    ASSERT_TRUE(begun());
    EXPECT_EQ(post(sid, "4x").status, 400);
    expect_end(CloseReason::transport_error);
    client.send("hi");
    EXPECT_EQ(client.response().status, 400);
    EXPECT_EQ(get(sid).status, 400);
}

TEST_F(Uploads, second_upload_while_one_is_read_closes_it) {
    start();
    auto first = begin();
    ASSERT_TRUE(begun());
    auto second = more();
    expect_end(CloseReason::transport_error);
    second.send("hi");
    EXPECT_EQ(second.response().status, 400);
}

TEST_F(Uploads, broken_connection_within_a_body_closes_it) {
    start();
    auto client = begin();
    ASSERT_TRUE(begun());
    client.close();
    expect_end(CloseReason::transport_error);
    EXPECT_EQ(get(sid).status, 400);
}

TEST_F(Uploads, malformed_chunk_closes_it) {
    start();
    auto client = begin("Transfer-Encoding: chunked\r\n", "1\r\n4\r\n");
    ASSERT_TRUE(begun());
    client.send("no size\r\n");
    EXPECT_EQ(client.response().status, 400);
    expect_end(CloseReason::transport_error);
}

TEST_F(Uploads, body_that_takes_too_long_closes_it) {
    limits.body_deadline = 50ms;
    start();
    auto client = begin();
    EXPECT_EQ(client.response().status, 408);
    expect_end(CloseReason::transport_error);
}

}  // namespace
}  // namespace pulse::engineio
