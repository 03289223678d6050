#pragma once
// For tests: an Engine.IO server on a real HTTP server with two shards, and what a raw client says to it.
#include <gtest/gtest.h>

#include <mutex>
#include <stdexcept>
#include <utility>
#include <vector>

#include "engineio/server.hpp"
#include "net/test_client.hpp"

namespace pulse::engineio {

using namespace std::chrono_literals;

inline std::string masked(char opcode, std::string_view payload) {
    // A mask of zeros is a mask too.
    std::string out{char(0x80 | opcode), char(0x80 | payload.size())};
    return out.append(4, '\0').append(payload);
}

struct SessionTest : testing::Test, net::HttpHandler {
    // Echoes, and does what some messages ask for.
    struct Echo final : SessionListener {
        Echo(SessionTest& t, Session& s) : test(t), session(s) {}
        void on_text(std::string_view message) override {
            if (message == "throw") throw std::runtime_error("a handler's mistake");
            if (message == "throw oddly") throw 1;
            if (message == "close") {
                session.send(Frame::text_message("last"));
                session.close();
                session.send(Frame::text_message("too late"));
                EXPECT_FALSE(session.writable());
                session.buffered_bytes();
            }
            if (message == "discard") {
                session.discard(CloseReason::forced_close);
                EXPECT_EQ(session.buffered_bytes(), 0u);
            }
            if (message == "flood") {
                for (int i = 0; i < 40; ++i) session.send(Frame::text_message(std::string(1 << 20, 'f')));
            }
            if (message == "fill") {
                while (session.writable()) session.send(Frame::text_message(std::string(1 << 16, 'f')));
            }
            if (message == "fill" || message == "ask") session.tell_when_writable();
            session.send(Frame::text_message(message));
        }
        void on_upgrade() override { ++test.upgrades_told; }
        void on_writable() override { session.send(Frame::text_message("writable")); }
        void on_binary(std::string_view bytes) override { session.send(Frame::binary_message(bytes)); }
        void on_close(CloseReason reason) override {
            session.send(Frame::text_message("nobody"));
            session.close();
            session.buffered_bytes();  // a farewell may still wait, but asking must be harmless
            const std::lock_guard lock(test.mutex);
            test.ended.push_back(reason);
        }
        SessionTest& test;
        Session& session;
    };

    net::ShardPool pool{2, system_clock()};
    std::mutex mutex;
    std::vector<CloseReason> ended;
    std::atomic<int> upgrades_told{0};
    std::unique_ptr<Server> engine;
    std::unique_ptr<net::HttpServer> http;
    net::HttpLimits limits;
    std::uint16_t port = 0;

    void start(Options options = {}) {
        engine = std::make_unique<Server>(
            pool, std::move(options), [this](Session& session) -> std::unique_ptr<SessionListener> {
                if (session.handshake().request.target.find("throw") != std::string::npos)
                    throw std::runtime_error("no listener");
                // Closes a session whose client has not come back since its handshake.
                if (session.handshake().request.target.find("leave") != std::string::npos)
                    session.home().post([&session] { session.close(); });
                return std::make_unique<Echo>(*this, session);
            });
        http = std::make_unique<net::HttpServer>(pool, *this, limits);
        port = http->listen("127.0.0.1", 0).value();
        pool.start();
    }
    void TearDown() override {
        pool.stop();
        engine.reset();
        http.reset();
    }
    std::size_t most_body_bytes() const override { return engine->options().max_http_buffer_size; }
    void on_request(net::Request request, net::Responder responder) override {
        engine->handle(std::move(request), std::move(responder));
    }
    void on_upgrade(net::Request request, net::Upgrade upgrade) override {
        engine->upgrade(std::move(request), std::move(upgrade));
    }
    net::Response on_bad_request(unsigned status, std::string_view, const net::Request& so_far) override {
        return engine->bad_request(status, so_far);
    }
    std::shared_ptr<net::Upload> on_upload(const net::Request& head) override { return engine->upload(head); }

    // Every call is a connection of its own, so that requests come in on both shards.
    net::TestClient ask_get(const std::string& query) {
        net::TestClient client(port);
        client.send("GET /engine.io/?EIO=4&transport=polling" + query + " HTTP/1.1\r\nHost: h\r\n\r\n");
        return client;
    }
    net::TestResponse get(const std::string& sid) { return ask_get("&sid=" + sid).response(); }
    net::TestResponse post(const std::string& sid, const std::string& body) {
        net::TestClient client(port);
        client.send("POST /engine.io/?EIO=4&transport=polling&sid=" + sid +
                    " HTTP/1.1\r\nHost: h\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                    body);
        return client.response();
    }
    static std::string sid_of(const std::string& open) {
        const auto at = open.find("\"sid\":\"");
        return at == open.npos ? std::string() : open.substr(at + 7, 20);
    }
    std::string open_polling() { return sid_of(ask_get("").response().body); }
    net::TestClient ask_websocket(const std::string& query, int receive_buffer = 0) {
        net::TestClient client(port, receive_buffer);
        client.send("GET /engine.io/?EIO=4&transport=websocket" + query +
                    " HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        return client;
    }
    net::TestClient open_websocket(int receive_buffer = 0) {
        auto client = ask_websocket("", receive_buffer);
        EXPECT_EQ(client.response(net::TestClient::Body::none).status, 101);
        EXPECT_EQ(frame(client).substr(0, 2), "0{");
        return client;
    }
    // The payload of the server's next frame; "close" for a close frame, "" at the end.
    static std::string frame(net::TestClient& client) {
        const auto head = client.read(2);
        if (head.size() < 2) return {};
        std::size_t size = std::uint8_t(head[1]);
        const int more = size == 126 ? 2 : size == 127 ? 8 : 0;
        if (more) {
            size = 0;
            for (const char c : client.read(std::size_t(more))) size = size << 8 | std::uint8_t(c);
        }
        auto payload = client.read(size);
        return (head[0] & 15) == 8 ? "close" : payload;
    }
    std::size_t ends() {
        const std::lock_guard lock(mutex);
        return ended.size();
    }
    std::vector<CloseReason> reasons() {  // so far, in order; more may come while the test goes on
        const std::lock_guard lock(mutex);
        return ended;
    }
    // Exactly one session ended, for this reason, and nothing of it is left.
    void expect_end(CloseReason reason) {
        EXPECT_TRUE(net::eventually([&] { return ends() == 1; }));
        EXPECT_EQ(reasons(), std::vector{reason});
        EXPECT_EQ(engine->stats().open, 0u);
        EXPECT_EQ(engine->stats().open_websocket, 0u);
    }
};

}  // namespace pulse::engineio
