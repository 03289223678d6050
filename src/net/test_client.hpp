#pragma once
// For tests: a plain blocking socket, every wait of which has a bound. Speaks bytes, so that a test can say
// what no HTTP client would.
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace pulse::net {

constexpr auto test_patience = std::chrono::seconds(20);

// Waits until `holds()`; false if it does not within the bound.
inline bool eventually(const std::function<bool()>& holds) {
    const auto end = std::chrono::steady_clock::now() + test_patience;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::yield();
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

struct TestResponse {
    int status = 0;  // 0: none came
    std::map<std::string, std::string> headers{};
    std::string body{};
};

class TestClient {
public:
    explicit TestClient(std::uint16_t port, int receive_buffer = 0) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
        if (receive_buffer) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
    }
    ~TestClient() { close(); }
    TestClient(TestClient&& other) noexcept
        : fd_(std::exchange(other.fd_, -1)), connected_(other.connected_), input_(std::move(other.input_)) {}

    bool connected() const { return connected_; }
    std::uint16_t port() const {
        sockaddr_in own{};
        socklen_t size = sizeof own;
        ::getsockname(fd_, reinterpret_cast<sockaddr*>(&own), &size);
        return ntohs(own.sin_port);
    }
    // False if the server does not take it.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(std::size_t(sent));
        }
        return true;
    }
    void shutdown_send() { ::shutdown(fd_, SHUT_WR); }
    void close() {
        if (fd_ >= 0) ::close(std::exchange(fd_, -1));
    }
    void reset() {
        const linger now{1, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        close();
    }

    // At least `size` bytes, or what came until the end.
    std::string read(std::size_t size) {
        while (input_.size() < size && more()) {
        }
        return std::exchange(input_, input_.substr(std::min(size, input_.size()))).substr(0, size);
    }
    std::string read_to_end() {
        while (more()) {
        }
        return std::exchange(input_, {});
    }
    // The server closed, properly, with nothing more sent.
    bool at_end() {
        while (more()) {
        }
        return ended_ && input_.empty();
    }
    bool was_reset() const { return reset_; }
    bool silent_for(std::chrono::milliseconds time) {
        pollfd waits{fd_, POLLIN, 0};
        return input_.empty() && ::poll(&waits, 1, int(time.count())) == 0;
    }

    enum class Body { as_announced, none };
    TestResponse response(Body body = Body::as_announced) {
        std::size_t end = 0;
        while ((end = input_.find("\r\n\r\n")) == input_.npos) {
            if (!more()) return {};
        }
        TestResponse out;
        std::string head = input_.substr(0, end + 2);
        input_.erase(0, end + 4);
        out.status = std::atoi(head.c_str() + sizeof "HTTP/1.1");
        for (auto at = head.find("\r\n") + 2; at < head.size();) {
            const auto line_end = head.find("\r\n", at);
            const auto colon = head.find(": ", at);
            out.headers[head.substr(at, colon - at)] = head.substr(colon + 2, line_end - colon - 2);
            at = line_end + 2;
        }
        if (body == Body::as_announced && out.headers.count("Content-Length")) {
            out.body = read(std::stoul(out.headers["Content-Length"]));
        }
        return out;
    }

private:
    bool more() {
        pollfd waits{fd_, POLLIN, 0};
        if (::poll(&waits, 1, int(std::chrono::milliseconds(test_patience).count())) <= 0) return false;
        char bytes[65536];
        const auto got = ::recv(fd_, bytes, sizeof bytes, 0);
        ended_ = got == 0;
        reset_ = got < 0;
        if (got <= 0) return false;
        input_.append(bytes, std::size_t(got));
        return true;
    }

    int fd_;
    bool connected_ = false;
    bool ended_ = false;
    bool reset_ = false;
    std::string input_{};
};

}  // namespace pulse::net
