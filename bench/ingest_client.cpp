// Writes activity as other services do: POST /api/activity with batches of 100 over keep-alive connections,
// each of which waits for its answer before the next. Prints the events per second that were acknowledged
// and the server's CPU time for each. Makes its businesses through the API, so any database will do.
//
//     ingest_client PORT PID SECRET [seconds] [connections]
#include <sys/epoll.h>

#include <chrono>
#include <iostream>
#include <random>
#include <vector>

#include "hs256.hpp"
#include "load.hpp"

using namespace pulse;
using Wall = std::chrono::steady_clock;

namespace {

constexpr int tenants = 100;
constexpr int businesses_each = 10;
constexpr int batch = 100;

struct Plan {
    std::uint16_t port = 0;
    int pid = 0;
    std::string secret;
    double seconds = 10;
    int connections = 8;
};

std::string uuid() {
    static std::mt19937_64 random(std::random_device{}());
    constexpr char hex[] = "0123456789abcdef";
    std::string text = "00000000-0000-4000-8000-000000000000";
    std::uint64_t bits = random();
    for (std::size_t i = 0, used = 0; i < text.size(); ++i) {
        if (text[i] != '0') continue;
        if (used++ == 16) bits = random();
        text[i] = hex[bits & 15];
        bits >>= 4;
    }
    return text;
}

std::string token(const Plan& plan, const std::string& user, const char* role) {
    return bench::sign(plan.secret,
                       R"({"userId":")" + user + R"(","role":")" + role + R"(","exp":4000000000})");
}

std::string post(std::string_view path, const std::string& bearer, const std::string& body) {
    return "POST " + std::string(path) +
           " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" + "Authorization: Bearer " +
           bearer + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

// A connection and the part of an answer it has.
struct Connection {
    int fd = -1;
    std::string answer;

    // Reads; true once the answer is whole.
    bool read() {
        char chunk[16384];
        const auto n = recv(fd, chunk, sizeof chunk, 0);
        if (n <= 0) bench::fail("the server closed a connection");
        answer.append(chunk, std::size_t(n));
        const auto end = answer.find("\r\n\r\n");
        if (end == std::string::npos) return false;
        const auto length = answer.find("ontent-Length: ") != std::string::npos
                                ? answer.find("ontent-Length: ")
                                : answer.find("ontent-length: ");
        if (length > end) throw std::runtime_error("an answer without a length");
        const auto size = std::size_t(std::atoll(answer.c_str() + length + 15));
        return answer.size() >= end + 4 + size;
    }
};

std::vector<std::string> make_businesses(const Plan& plan) {
    std::vector<std::string> ids;
    Connection connection{bench::connect_to(plan.port), {}};
    for (int t = 0; t < tenants; ++t) {
        const auto bearer = token(plan, uuid(), "tenant");
        for (int b = 0; b < businesses_each; ++b) {
            bench::send_all(connection.fd,
                            post("/api/businesses", bearer, R"({"name":"Bench","category":"retail"})"));
            connection.answer.clear();
            while (!connection.read()) {
            }
            const auto id = connection.answer.find(R"("id":")");
            if (id == std::string::npos) throw std::runtime_error("no business: " + connection.answer);
            ids.push_back(connection.answer.substr(id + 6, 36));
        }
    }
    close(connection.fd);
    return ids;
}

// Any business is as likely as any other: with a thousand, a batch touches nearly a hundred rows.
std::string make_batch(const std::vector<std::string>& businesses, std::minstd_rand& random) {
    constexpr const char* types[] = {"view", "view", "view", "click", "message", "invite"};
    std::string body = R"({"events":[)";
    for (int i = 0; i < batch; ++i) {
        if (i > 0) body += ',';
        body += R"({"id":")" + uuid() + R"(","businessId":")" + businesses[random() % businesses.size()] +
                R"(","type":")" + types[random() % std::size(types)] + R"("})";
    }
    return body + "]}";
}

void run(const Plan& plan) {
    const auto businesses = make_businesses(plan);
    const auto bearer = token(plan, uuid(), "service");
    const auto accepted = R"("accepted":)" + std::to_string(batch);
    std::minstd_rand random(1);
    std::vector<Connection> connections;
    for (int i = 0; i < plan.connections; ++i) connections.push_back({bench::connect_to(plan.port), {}});
    const int epoll = epoll_create1(EPOLL_CLOEXEC);
    const auto send_batch = [&](Connection& connection) {
        connection.answer.clear();
        bench::send_all(connection.fd, post("/api/activity", bearer, make_batch(businesses, random)));
    };
    for (auto& connection : connections) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.ptr = &connection;
        epoll_ctl(epoll, EPOLL_CTL_ADD, connection.fd, &event);
        send_batch(connection);
    }
    // The first second is not counted: caches and rows of the day are made then.
    bool counting = false;
    double cpu = 0;
    std::uint64_t batches = 0;
    auto started = Wall::now();
    while (true) {
        const std::chrono::duration<double> passed = Wall::now() - started;
        if (!counting && passed.count() >= 1) {
            counting = true;
            cpu = bench::cpu_us(plan.pid);
            batches = 0;
            started = Wall::now();
        } else if (counting && passed.count() >= plan.seconds) {
            const double events = double(batches) * batch;
            std::cout << "ingest: " << std::uint64_t(events / passed.count()) << " events/s, "
                      << (bench::cpu_us(plan.pid) - cpu) / events << " us of server CPU each" << std::endl;
            return;
        }
        std::array<epoll_event, 64> ready;
        const int n = epoll_wait(epoll, ready.data(), int(ready.size()), 1000);
        for (int i = 0; i < n; ++i) {
            auto& connection = *static_cast<Connection*>(ready[std::size_t(i)].data.ptr);
            if (!connection.read()) continue;
            if (connection.answer.find(accepted) == std::string::npos)
                throw std::runtime_error("a batch was refused: " + connection.answer);
            ++batches;
            send_batch(connection);
        }
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc < 4) {
        std::cerr << "usage: ingest_client PORT PID SECRET [seconds] [connections]\n";
        return 2;
    }
    Plan plan{std::uint16_t(std::atoi(argv[1])), std::atoi(argv[2]), argv[3]};
    if (argc > 4) plan.seconds = std::atof(argv[4]);
    if (argc > 5) plan.connections = std::atoi(argv[5]);
    try {
        run(plan);
    } catch (const std::exception& error) {
        std::cerr << "ingest_client: " << error.what() << '\n';
        return 1;
    }
}
