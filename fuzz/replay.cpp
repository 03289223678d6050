// fuzz_replay TARGET FOLDER…: runs every file of the folders once, and the beginnings of each, which are
// inputs too. Ends with the first broken promise; the last file named is the one.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "targets.hpp"

namespace pulse::fuzz {
namespace {

struct Target {
    std::string_view name;
    void (*run)(std::string_view);
};
constexpr Target targets[] = {
    {"cookie", cookie},
    {"http_request", http_request},
    {"msgpack", msgpack},
    {"packet", packet},
    {"payload", payload},
    {"query", query},
    {"redis_message", redis_message},
    {"redis_reply", redis_reply},
    {"session_seal", session_seal},
    {"ws_frame", ws_frame},
};

void replay(const Target& target, const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(in), {});
    std::printf("%s\n", file.c_str());
    std::fflush(stdout);
    constexpr std::size_t beginnings = 256;
    for (std::size_t size = 0; size < std::min(bytes.size(), beginnings); ++size) {
        // A copy of just that size, so that the sanitizer sees every byte read beyond it.
        const std::vector<char> exact(bytes.begin(), bytes.begin() + std::ptrdiff_t(size));
        target.run({exact.data(), exact.size()});
    }
    target.run(bytes);
}

int replay_all(std::string_view name, const std::vector<std::filesystem::path>& folders) {
    for (const auto& target : targets) {
        if (target.name != name) continue;
        std::size_t files = 0;
        for (const auto& folder : folders) {
            for (const auto& entry : std::filesystem::directory_iterator(folder)) {
                replay(target, entry.path());
                ++files;
            }
        }
        std::printf("%zu files\n", files);
        return files > 0 ? 0 : 1;
    }
    std::fprintf(stderr, "no target is called so\n");
    return 2;
}

}  // namespace
}  // namespace pulse::fuzz

int main(int argc, char** argv) {
    if (argc < 3) {
        std::fprintf(stderr, "usage: fuzz_replay TARGET FOLDER...\n");
        return 2;
    }
    return pulse::fuzz::replay_all(argv[1], {argv + 2, argv + argc});
}
