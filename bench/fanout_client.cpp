// The other side of fanout_server: opens websocket connections, orders broadcasts, counts what arrives, and
// prints the server's CPU time per unit, as /proc/<pid>/stat has it. One thread, epoll, no library, so that
// it keeps up with any server from one core.
//
//     fanout_client PORT PID SECRET all|burst|room|kpis|idle [sockets]
//
// PID is the server's. Each scenario but kpis connects first and prints what connecting cost.
#include <sys/epoll.h>
#include <sys/resource.h>

#include <array>
#include <chrono>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "hs256.hpp"
#include "load.hpp"

using namespace pulse;
using namespace pulse::bench;
using Wall = std::chrono::steady_clock;

namespace {

struct Plan {
    std::uint16_t port = 0;
    int pid = 0;
    std::string secret;
    std::string scenario;
    std::size_t sockets = 5000;
};

// ---- connections -------------------------------------------------------------------------------------

// A client's frame; the mask is zero, which is legal and leaves the text readable.
std::string text_frame(std::string_view text) {
    std::string frame("\x81", 1);
    if (text.size() < 126) {
        frame += char(0x80 | text.size());
    } else {
        frame += char(0x80 | 126);
        frame += char(text.size() >> 8);
        frame += char(text.size() & 0xff);
    }
    frame.append(4, '\0');
    frame += text;
    return frame;
}

struct Client {
    int fd = -1;
    std::string rest;  // of what came in, not yet a whole frame
    bool upgraded = false;
};

class Crowd {
public:
    explicit Crowd(const Plan& plan) : plan_(plan), epoll_(epoll_create1(EPOLL_CLOEXEC)) {}

    // Opens connections until there are `count`, at most 64 at a time on their way.
    void grow_to(std::size_t count) {
        clients_.reserve(100'000);  // epoll holds pointers to them
        while (connected_ < count) {
            while (clients_.size() < count && clients_.size() - connected_ < 64) open_one();
            poll();
        }
    }
    void receive_until(std::uint64_t events) {
        const auto deadline = Wall::now() + std::chrono::seconds(120);
        while (events_ < events) {
            poll();
            if (Wall::now() > deadline) throw std::runtime_error("events are missing after two minutes");
        }
    }
    std::uint64_t events() const { return events_; }

private:
    void open_one() {
        Client& client = clients_.emplace_back();
        client.fd = connect_to(plan_.port);
        send_all(client.fd,
                 "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                 "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                 "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = &client;
        if (epoll_ctl(epoll_, EPOLL_CTL_ADD, client.fd, &event) != 0) fail("epoll_ctl");
    }

    void poll() {
        std::array<epoll_event, 256> ready;
        const int n = epoll_wait(epoll_, ready.data(), int(ready.size()), 1000);
        for (int i = 0; i < n; ++i) read(*static_cast<Client*>(ready[std::size_t(i)].data.ptr));
    }

    void read(Client& client) {
        const auto n = recv(client.fd, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
        if (n <= 0) fail("the server closed a connection");
        std::string_view bytes(buffer_.data(), std::size_t(n));
        if (!client.rest.empty()) {
            client.rest += bytes;
            bytes = client.rest;
        }
        if (!client.upgraded) {
            const auto end = bytes.find("\r\n\r\n");
            if (end == std::string_view::npos) return keep(client, bytes);
            if (bytes.substr(0, 12) != "HTTP/1.1 101") fail("the handshake was refused");
            bytes.remove_prefix(end + 4);
            client.upgraded = true;
        }
        while (read_frame(client, bytes)) {
        }
        keep(client, bytes);
    }

    static void keep(Client& client, std::string_view bytes) {
        if (bytes.empty()) {
            client.rest.clear();
        } else {
            client.rest = std::string(bytes);
        }
    }

    bool read_frame(Client& client, std::string_view& bytes) {
        if (bytes.size() < 2) return false;
        std::size_t size = std::uint8_t(bytes[1]) & 0x7f;
        std::size_t header = 2;
        if (size == 126) {
            if (bytes.size() < 4) return false;
            size = std::size_t(std::uint8_t(bytes[2])) << 8 | std::uint8_t(bytes[3]);
            header = 4;
        }
        if (bytes.size() < header + size) return false;
        on_packet(client, bytes.substr(header, size));
        bytes.remove_prefix(header + size);
        return true;
    }

    void on_packet(Client& client, std::string_view packet) {
        if (packet.substr(0, 2) == "42") {
            ++events_;
        } else if (packet.substr(0, 2) == "40") {
            ++connected_;
        } else if (packet == "2") {
            send_all(client.fd, text_frame("3"));
        } else if (!packet.empty() && packet[0] == '0') {
            const auto user = std::to_string(&client - clients_.data());
            const std::string claims = R"({"sub":"u)" + user +
                                       R"(","email":"someone@example.com","role":"tenant",)"
                                       R"("iat":1700000000,"exp":4000000000})";
            send_all(client.fd, text_frame("40/dashboard,{\"token\":\"" + bench::sign(plan_.secret, claims) +
                                           "\",\"sub\":\"u" + user + "\"}"));
        } else {
            throw std::runtime_error("unexpected packet: " + std::string(packet));
        }
    }

    const Plan& plan_;
    const int epoll_;
    std::vector<Client> clients_;
    std::vector<char> buffer_ = std::vector<char>(1 << 18);
    std::size_t connected_ = 0;
    std::uint64_t events_ = 0;
};

std::string http(std::uint16_t port, std::string_view request_line) {
    const int fd = connect_to(port);
    send_all(fd, std::string(request_line) +
                     " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    std::string answer;
    char chunk[4096];
    for (ssize_t n = 0; (n = recv(fd, chunk, sizeof chunk, 0)) > 0;) answer.append(chunk, std::size_t(n));
    close(fd);
    return answer;
}

// ---- scenarios ---------------------------------------------------------------------------------------

void report(std::string_view what, double us, double units) {
    std::cout << what << ": " << us / units << " us of server CPU each (" << units << " of them)"
              << std::endl;
}

void measure_events(const Plan& plan, Crowd& crowd, const std::string& order, std::uint64_t deliveries) {
    const double before = cpu_us(plan.pid);
    const auto started = Wall::now();
    const std::uint64_t had = crowd.events();
    http(plan.port, "POST /emit?" + order);
    crowd.receive_until(had + deliveries);
    const double used = cpu_us(plan.pid) - before;
    report(plan.scenario, used, double(deliveries));
    std::cout << "  wall " << std::chrono::duration<double>(Wall::now() - started).count() << " s"
              << std::endl;
}

// Sixteen connections, each with one request under way. The token is good for fanout_server (sub) and for
// the product (userId).
void measure_kpis(const Plan& plan) {
    const std::string request =
        "GET /api/dashboard/tenant/kpis HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
        "Cookie: accessToken=" +
        bench::sign(plan.secret, R"({"sub":"u1","userId":"00000000-0000-4000-8000-000000000001",)"
                                 R"("role":"tenant","exp":4000000000})") +
        "\r\n\r\n";
    constexpr int connections = 16;
    constexpr int total = 200'000;
    std::vector<int> fds;
    const int epoll = epoll_create1(EPOLL_CLOEXEC);
    for (int i = 0; i < connections; ++i) {
        fds.push_back(connect_to(plan.port));
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = fds.back();
        epoll_ctl(epoll, EPOLL_CTL_ADD, fds.back(), &event);
    }
    const double before = cpu_us(plan.pid);
    int sent = 0;
    for (const int fd : fds) {
        send_all(fd, request);
        ++sent;
    }
    std::array<char, 65536> buffer;
    for (int answered = 0; answered < total;) {
        std::array<epoll_event, connections> ready;
        const int n = epoll_wait(epoll, ready.data(), connections, 1000);
        for (int i = 0; i < n; ++i) {
            const int fd = ready[std::size_t(i)].data.fd;
            const auto got = recv(fd, buffer.data(), buffer.size(), 0);
            if (got <= 0 || std::string_view(buffer.data(), 12) != "HTTP/1.1 200") fail("kpis");
            ++answered;
            if (sent < total) {
                send_all(fd, request);
                ++sent;
            }
        }
    }
    report("kpis", cpu_us(plan.pid) - before, total);
}

void run(const Plan& plan) {
    if (plan.scenario == "kpis") return measure_kpis(plan);
    Crowd crowd(plan);
    crowd.grow_to(100);  // what the first of everything costs is nobody's price
    const double cpu = cpu_us(plan.pid);
    const double memory = resident_kb(plan.pid);
    crowd.grow_to(plan.sockets);
    const double opened = double(plan.sockets - 100);
    report("connect", cpu_us(plan.pid) - cpu, opened);
    std::cout << "  resident: " << (resident_kb(plan.pid) - memory) / opened << " kB each" << std::endl;

    const std::uint64_t n = plan.sockets;
    if (plan.scenario == "all") {
        measure_events(plan, crowd, "mode=all&count=60&interval=10", 60 * n);
    } else if (plan.scenario == "burst") {
        measure_events(plan, crowd, "mode=all&count=400&burst=10&interval=10", 400 * n);
    } else if (plan.scenario == "room") {
        measure_events(plan, crowd, "mode=room&count=100000&rooms=" + std::to_string(n), 100'000);
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 5) {
        std::cerr << "usage: fanout_client PORT PID SECRET all|burst|room|kpis|idle [sockets]\n";
        return 2;
    }
    Plan plan{std::uint16_t(std::atoi(argv[1])), std::atoi(argv[2]), argv[3], argv[4]};
    if (argc > 5) plan.sockets = std::size_t(std::atoi(argv[5]));
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    try {
        run(plan);
    } catch (const std::exception& error) {
        std::cerr << "fanout_client: " << error.what() << '\n';
        return 1;
    }
}
