#pragma once
// What the load generators have in common: what the kernel says of the server, and plain sockets. One
// thread, no library, so that they keep up with any server from one core.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace pulse::bench {

// CPU time that the process has used, user and system.
inline double cpu_us(int pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
    std::string line;
    std::getline(file, line);
    line.erase(0, line.rfind(')') + 2);
    std::array<unsigned long long, 13> fields{};  // from the third on; utime and stime are 14 and 15
    std::size_t at = 0;
    char* next = line.data() + 1;
    for (auto& field : fields) {
        if (at++ == 0) continue;
        field = std::strtoull(next, &next, 10);
    }
    return double(fields[11] + fields[12]) * 1e6 / double(sysconf(_SC_CLK_TCK));
}

inline double resident_kb(int pid) {
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(file, line);) {
        if (line.rfind("VmRSS:", 0) == 0) return std::strtod(line.c_str() + 6, nullptr);
    }
    return 0;
}

[[noreturn]] inline void fail(const std::string& what) {
    throw std::runtime_error(what + ": " + std::strerror(errno));
}

inline int connect_to(std::uint16_t port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) fail("socket");
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fail("connect");
    return fd;
}

inline void send_all(int fd, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto n = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n < 0) fail("send");
        bytes.remove_prefix(std::size_t(n));
    }
}

}  // namespace pulse::bench
