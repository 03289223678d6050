#pragma once
// What the targets share: how a broken promise ends the run, and how an input says what to do with it.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace pulse::fuzz {

// In words, as asserts are off in release builds, which replay the corpora too.
inline void promise(bool kept, const char* what) {
    if (kept) return;
    std::fprintf(stderr, "broken promise: %s\n", what);
    std::abort();
}

// The first byte of an input, which chooses limits and pieces; 0 if there is none.
inline std::uint8_t take_choice(std::string_view& input) {
    if (input.empty()) return 0;
    const auto choice = std::uint8_t(input.front());
    input.remove_prefix(1);
    return choice;
}

// Sizes of the pieces a stream arrives in, the same for the same choice: mostly small, so that every border
// inside a header is met.
class Pieces {
public:
    explicit Pieces(std::uint8_t choice) : state_(choice * 2654435761u + 1) {}
    std::size_t next(std::size_t left) {
        state_ = state_ * 1664525u + 1013904223u;
        const std::size_t most = (state_ >> 30) == 0 ? 64 : 5;
        return std::min<std::size_t>(1 + (state_ >> 16) % most, left);
    }

private:
    std::uint32_t state_;
};

}  // namespace pulse::fuzz
