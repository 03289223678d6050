// How long one tenant's burst delays another's tick: a thread emits BURST events to a room of MEMBERS
// sockets, again and again, while another emits one event to one socket every 20 ms. Prints the delay of
// these, from the emit to the client's read, in milliseconds.
//
//     fairness [burst] [members]        (20000 events, 20 members)
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "net/http_server.hpp"
#include "net/shard.hpp"
#include "socketio/server.hpp"
#include "socketio/standalone.hpp"

using namespace pulse;
using namespace std::chrono_literals;

namespace {

std::int64_t now_ns() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

std::string masked(std::string_view payload) {
    std::string out{char(0x81), char(0x80 | payload.size())};
    return out.append(4, '\0').append(payload);
}

int join(std::uint16_t port, std::string_view room) {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) std::abort();
    const auto send = [fd](std::string_view text) { (void)!::send(fd, text.data(), text.size(), 0); };
    send(
        "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
        "dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
    char answer[1024];
    (void)!::recv(fd, answer, sizeof answer, 0);
    send(masked("40"));
    send(masked("42[\"join\",\"" + std::string(room) + "\"]"));
    return fd;
}

}  // namespace

int main(int argc, char** argv) {
    const int burst = argc > 1 ? std::atoi(argv[1]) : 20'000;
    const int members = argc > 2 ? std::atoi(argv[2]) : 20;
    net::ShardPool shards(2, system_clock());
    socketio::Options options;
    options.engine.max_buffered_bytes = 1 << 30;
    options.engine.max_buffered_packets = 1 << 30;
    socketio::Server io(shards, options);
    auto& nsp = io.of("/");
    std::atomic<int> joined{0};
    nsp.on_connection([&](socketio::Socket& socket) {
        socket.on("join", [&](const socketio::Args& args, const socketio::Ack&) {
            socket.join(std::string(args[0].get_string()));
            ++joined;
        });
    });
    socketio::Standalone handler({&io.engine()});
    net::HttpServer http(shards, handler, {});
    shards.start();
    const auto port = http.listen("127.0.0.1", 0).value();

    std::vector<int> crowd;
    for (int i = 0; i < members; ++i) crowd.push_back(join(port, "crowd"));
    const int ticked = join(port, "ticked");
    while (joined < members + 1) std::this_thread::sleep_for(1ms);

    std::atomic<bool> over{false};
    std::vector<std::thread> threads;
    threads.emplace_back([&] {  // reads what the crowd is sent
        std::vector<pollfd> fds;
        for (const int client : crowd) fds.push_back({client, POLLIN, 0});
        std::vector<char> buffer(1 << 20);
        while (!over) {
            if (::poll(fds.data(), nfds_t(fds.size()), 20) <= 0) continue;
            for (const auto& fd : fds) {
                if (fd.revents) (void)!::recv(fd.fd, buffer.data(), buffer.size(), MSG_DONTWAIT);
            }
        }
    });
    std::vector<double> delays;
    threads.emplace_back([&] {  // reads the ticks
        std::string input;
        char buffer[4096];
        while (!over) {
            pollfd fd{ticked, POLLIN, 0};
            if (::poll(&fd, 1, 20) <= 0) continue;
            const auto got = ::recv(fd.fd, buffer, sizeof buffer, MSG_DONTWAIT);
            const auto at = now_ns();
            if (got <= 0) continue;
            input.append(buffer, std::size_t(got));
            for (auto found = input.find("\"tick\","); found != input.npos; found = input.find("\"tick\",")) {
                delays.push_back(double(at - std::atoll(input.c_str() + found + 7)) / 1e6);
                input.erase(0, found + 7);
            }
        }
    });
    std::thread ticker([&] {
        while (!over) {
            nsp.to("ticked").emit("tick", socketio::Args({now_ns()}));
            std::this_thread::sleep_for(20ms);
        }
    });
    for (int round = 0; round < 10; ++round) {
        std::this_thread::sleep_for(200ms);
        for (int i = 0; i < burst; ++i) nsp.to("crowd").emit("e", socketio::Args({i}));
    }
    std::this_thread::sleep_for(1s);
    over = true;
    ticker.join();
    for (auto& thread : threads) thread.join();
    std::sort(delays.begin(), delays.end());
    const auto at = [&](double share) { return delays[std::size_t(share * double(delays.size() - 1))]; };
    std::printf("%zu ticks: median %.2f, p90 %.2f, p99 %.2f, worst %.2f ms\n", delays.size(), at(0.5),
                at(0.9), at(0.99), at(1));
    shards.stop();
}
