#pragma once
// What Redis answers, as a plain value. Any thread.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pulse::redis {

struct Reply {
    enum class Kind { nil, integer, text, error, list };

    Kind kind = Kind::nil;
    std::int64_t integer = 0;
    std::string text;  // of `text` (a status such as OK too) and `error` ("NOSCRIPT No matching script.")
    std::vector<Reply> list{};

    bool is_nil() const { return kind == Kind::nil; }
    bool is_integer() const { return kind == Kind::integer; }
    bool is_text() const { return kind == Kind::text; }
    bool is_error() const { return kind == Kind::error; }
    bool is_list() const { return kind == Kind::list; }
    bool operator==(const Reply&) const = default;
};

}  // namespace pulse::redis
