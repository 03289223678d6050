#include "engineio/utf8.hpp"

#include <cstring>

namespace pulse::engineio {
namespace {

// Most traffic is ASCII JSON, so eight bytes are looked at in one step.
const char* skip_ascii(const char* at, const char* end) {
    while (end - at >= 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, at, 8);
        if ((word & 0x8080808080808080u) != 0) break;
        at += 8;
    }
    while (at != end && std::uint8_t(*at) < 0x80) ++at;
    return at;
}

}  // namespace

bool Utf8Validator::feed(std::string_view piece) {
    const char* at = piece.data();
    const char* const end = at + piece.size();
    while (at != end) {
        if (left_ == 0) {
            at = skip_ascii(at, end);
            if (at == end) break;
            const auto lead = std::uint8_t(*at++);
            low_ = 0x80;
            high_ = 0xBF;
            if (lead >= 0xC2 && lead <= 0xDF) {
                left_ = 1;
            } else if (lead >= 0xE0 && lead <= 0xEF) {
                left_ = 2;
                if (lead == 0xE0) low_ = 0xA0;
                if (lead == 0xED) high_ = 0x9F;
            } else if (lead >= 0xF0 && lead <= 0xF4) {
                left_ = 3;
                if (lead == 0xF0) low_ = 0x90;
                if (lead == 0xF4) high_ = 0x8F;
            } else {
                return false;
            }
            continue;
        }
        const auto byte = std::uint8_t(*at++);
        if (byte < low_ || byte > high_) return false;
        low_ = 0x80;
        high_ = 0xBF;
        --left_;
    }
    return true;
}

bool is_utf8(std::string_view text) {
    Utf8Validator validator;
    return validator.feed(text) && validator.complete();
}

}  // namespace pulse::engineio
