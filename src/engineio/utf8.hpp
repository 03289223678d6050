#pragma once
// UTF-8 validity (RFC 3629): a websocket's text must be valid over all of its fragments (RFC 6455
// section 8.1), and so must a polling body. Pure value; any thread.
#include <cstdint>
#include <string_view>

namespace pulse::engineio {

// Fed a text in pieces cut anywhere; knows at the first wrong byte.
class Utf8Validator {
public:
    // False if the text so far cannot become valid any more.
    bool feed(std::string_view piece);
    // True if the text may end here: no character is half read.
    bool complete() const { return left_ == 0; }
    void reset() { *this = {}; }

private:
    std::uint8_t left_ = 0;  // continuation bytes still due
    // Range of the next continuation byte: narrower than 80..BF where an overlong form, a surrogate or a
    // value beyond U+10FFFF would begin.
    std::uint8_t low_ = 0x80;
    std::uint8_t high_ = 0xBF;
};

bool is_utf8(std::string_view text);

}  // namespace pulse::engineio
