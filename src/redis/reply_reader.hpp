#pragma once
// The replies in a stream of bytes, by hiredis's reader. One per connection; no Asio.
#include <memory>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "redis/reply.hpp"

struct redisReader;

namespace pulse::redis {

class ReplyReader {
public:
    ReplyReader();
    ~ReplyReader();
    ReplyReader(const ReplyReader&) = delete;
    ReplyReader& operator=(const ReplyReader&) = delete;

    void feed(std::string_view bytes);
    // The next whole reply; nullopt: more bytes are needed. After an error the stream is useless.
    Result<std::optional<Reply>> next();

private:
    struct Free {
        void operator()(redisReader* reader) const;
    };
    const std::unique_ptr<redisReader, Free> reader_;
};

}  // namespace pulse::redis
