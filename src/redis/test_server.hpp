#pragma once
// For tests: a private redis-server on a free port and on a socket, both of this process alone, which can be
// killed, restarted empty and frozen. Gone at the latest with the thread that started it.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/streambuf.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <istream>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "redis/command.hpp"
#include "redis/url.hpp"

namespace pulse::redis::testing {

// True as soon as `condition` is, false after half a minute.
inline bool eventually(const std::function<bool()>& condition) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > end) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

class TestServer {
public:
    enum class Start { now, later };
    explicit TestServer(Start start = Start::now, std::vector<std::string> more = {})
        : more_(std::move(more)) {
        std::string name = (std::filesystem::temp_directory_path() / "pulse-redis-XXXXXX").string();
        if (!::mkdtemp(name.data())) throw std::runtime_error("no temporary directory");
        folder_ = name;
        port_ = reserve_port();
        if (start == Start::now) this->start();
    }
    ~TestServer() {
        kill();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }
    TestServer(const TestServer&) = delete;

    // Always empty: nothing is saved.
    void start() {
        std::vector<std::string> words{"redis-server",
                                       "--port",
                                       std::to_string(port_),
                                       "--bind",
                                       "127.0.0.1",
                                       "--unixsocket",
                                       path(),
                                       "--save",
                                       "",
                                       "--appendonly",
                                       "no",
                                       "--dir",
                                       folder_,
                                       "--daemonize",
                                       "no",
                                       "--logfile",
                                       folder_ + "/log"};
        words.insert(words.end(), more_.begin(), more_.end());
        std::vector<char*> argv;
        for (auto& word : words) argv.push_back(word.data());
        argv.push_back(nullptr);
        process_ = ::fork();
        if (process_ == 0) {
            ::prctl(PR_SET_PDEATHSIG, SIGKILL);
            ::execvp(argv[0], argv.data());
            ::_exit(127);
        }
        const bool there = eventually([this] { return answers() || !alive(); });
        if (!there || !alive()) throw std::runtime_error("redis-server does not start; is it installed?");
    }
    void kill() {
        if (process_ <= 0) return;
        ::kill(process_, SIGKILL);
        ::waitpid(process_, nullptr, 0);
        process_ = 0;
    }
    void freeze() { ::kill(process_, SIGSTOP); }
    void thaw() { ::kill(process_, SIGCONT); }

    Target target() const {
        Target target;
        target.host = "127.0.0.1";
        target.port = port_;
        return target;
    }
    std::uint16_t port() const { return port_; }
    std::string path() const { return folder_ + "/socket"; }

    // What somebody else says to it, on a connection of its own; the first line of the answer.
    std::string say(const Command& command, std::string_view log_in = "") const {
        boost::asio::io_context context;
        boost::asio::local::stream_protocol::socket socket(context);
        socket.connect(path());
        boost::asio::streambuf answer;
        std::istream lines(&answer);
        std::string line;
        if (!log_in.empty()) {
            boost::asio::write(socket, boost::asio::buffer(log_in));
            boost::asio::read_until(socket, answer, "\r\n");
            std::getline(lines, line);
        }
        boost::asio::write(socket, boost::asio::buffer(command.bytes()));
        boost::asio::read_until(socket, answer, "\r\n");
        std::getline(lines, line);
        if (!line.empty() && line.back() == '\r') line.pop_back();
        return line;
    }

private:
    // Below the range from which the kernel hands out ports: there a neighbour's connection, or our own to a
    // server that is down, could take it. While the server lives or may come back, the same number of UDP is
    // ours, which keeps other tests away.
    std::uint16_t reserve_port() {
        namespace ip = boost::asio::ip;
        const auto here = ip::address_v4::loopback();
        std::random_device device;
        for (int attempt = 0; attempt < 1'000; ++attempt) {
            const auto port = std::uint16_t(std::uniform_int_distribution(10'000, 32'000)(device));
            boost::system::error_code taken;
            reserved_.open(ip::udp::v4());
            ::fcntl(reserved_.native_handle(), F_SETFD, FD_CLOEXEC);
            reserved_.bind({here, port}, taken);
            if (!taken) {
                ip::tcp::acceptor probe(context_);
                probe.open(ip::tcp::v4());
                probe.set_option(ip::tcp::acceptor::reuse_address(true));
                probe.bind({here, port}, taken);
            }
            if (!taken) return port;
            reserved_.close();
        }
        throw std::runtime_error("no free port");
    }
    bool alive() { return ::waitpid(process_, nullptr, WNOHANG) == 0; }
    bool answers() const {
        try {
            return !say({"PING"}).empty();
        } catch (const std::exception&) {
            return false;
        }
    }

    const std::vector<std::string> more_;
    std::string folder_;
    boost::asio::io_context context_;
    boost::asio::ip::udp::socket reserved_{context_};
    std::uint16_t port_ = 0;
    pid_t process_ = 0;
};

}  // namespace pulse::redis::testing
