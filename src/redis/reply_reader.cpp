#include "redis/reply_reader.hpp"

#include <hiredis/hiredis.h>

#include <new>

namespace pulse::redis {
namespace {

struct FreeReply {
    void operator()(redisReply* reply) const { freeReplyObject(reply); }
};

// hiredis bounds the depth.
Reply value_of(const redisReply& reply) {  // NOLINT(misc-no-recursion)
    Reply value;
    switch (reply.type) {
        case REDIS_REPLY_INTEGER:
            value.kind = Reply::Kind::integer;
            value.integer = reply.integer;
            break;
        case REDIS_REPLY_STRING:
        case REDIS_REPLY_STATUS:
            value.kind = Reply::Kind::text;
            value.text.assign(reply.str, reply.len);
            break;
        case REDIS_REPLY_ERROR:
            value.kind = Reply::Kind::error;
            value.text.assign(reply.str, reply.len);
            break;
        case REDIS_REPLY_ARRAY:
            value.kind = Reply::Kind::list;
            value.list.reserve(reply.elements);
            for (std::size_t i = 0; i < reply.elements; ++i) {
                value.list.push_back(value_of(*reply.element[i]));
            }
            break;
        default:  // RESP 3's kinds are never asked for
            break;
    }
    return value;
}

}  // namespace

void ReplyReader::Free::operator()(redisReader* reader) const { redisReaderFree(reader); }

ReplyReader::ReplyReader() : reader_(redisReaderCreate()) {
    if (!reader_) throw std::bad_alloc();
}

ReplyReader::~ReplyReader() = default;

// A failure is kept by the reader, and returned by next().
void ReplyReader::feed(std::string_view bytes) { redisReaderFeed(reader_.get(), bytes.data(), bytes.size()); }

Result<std::optional<Reply>> ReplyReader::next() {
    void* made = nullptr;
    if (redisReaderGetReply(reader_.get(), &made) != REDIS_OK) {
        return Error{ErrorCode::unavailable, "what came is not Redis's protocol"};
    }
    if (!made) return std::optional<Reply>();
    const std::unique_ptr<redisReply, FreeReply> reply(static_cast<redisReply*>(made));
    return std::optional<Reply>(value_of(*reply));
}

}  // namespace pulse::redis
