#pragma once
// The replies in a stream of bytes, by hiredis's reader. One per connection; no Asio. What one reply may take
// is bounded before it is whole: whoever can publish decides how large a message is.
#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "redis/reply.hpp"

struct redisReader;

namespace pulse::redis {

class ReplyReader {
public:
    explicit ReplyReader(std::size_t max_bytes);  // of one reply
    ~ReplyReader();
    ReplyReader(const ReplyReader&) = delete;
    ReplyReader& operator=(const ReplyReader&) = delete;

    void feed(std::string_view bytes);
    // The next whole reply; nullopt: more bytes are needed. After an error the stream is useless.
    Result<std::optional<Reply>> next();

private:
    struct Functions;
    struct Free {
        void operator()(redisReader* reader) const;
    };
    const std::size_t max_bytes_;
    const std::unique_ptr<redisReader, Free> reader_;
    std::size_t unfinished_ = 0;  // bytes of the reply that is not whole yet
    bool too_large_ = false;
};

}  // namespace pulse::redis
