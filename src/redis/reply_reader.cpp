#include "redis/reply_reader.hpp"

#include <hiredis/hiredis.h>

#include <new>
#include <string>
#include <utility>

namespace pulse::redis {
namespace {

struct FreeReply {
    void operator()(redisReply* reply) const { freeReplyObject(reply); }
};

constexpr int deepest = 7;             // lists in lists; what hiredis 0.14 reads, and later ones do not bound
constexpr std::size_t least_item = 4;  // bytes: "*0\r\n"

// False: it is nested too deeply. Recursion as deep as the reply, `deepest` at most, is the plain way here.
// NOLINTNEXTLINE(misc-no-recursion)
bool take_value(const redisReply& reply, int depth, Reply& value) {
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
            if (depth == deepest) return false;
            value.kind = Reply::Kind::list;
            value.list.resize(reply.elements);
            for (std::size_t i = 0; i < reply.elements; ++i) {
                if (!take_value(*reply.element[i], depth + 1, value.list[i])) return false;
            }
            break;
        default:  // RESP 3's kinds are never asked for
            break;
    }
    return true;
}

}  // namespace

void ReplyReader::Free::operator()(redisReader* reader) const { redisReaderFree(reader); }

// hiredis's own, but for lists: those are allocated when their length is read, long before their items come.
struct ReplyReader::Functions {
    static redisReplyObjectFunctions& original() {
        static redisReplyObjectFunctions functions{};
        return functions;
    }
    // The length is an int or a size_t, as hiredis's version has it.
    template <class Length>
    static void* make_list(const redisReadTask* task, Length length) {
        auto& self = *static_cast<ReplyReader*>(task->privdata);
        if (std::size_t(length) > self.max_bytes_ / least_item) {
            self.too_large_ = true;
            return nullptr;
        }
        return original().createArray(task, length);
    }
    static redisReplyObjectFunctions* bounded(redisReader& reader) {
        static redisReplyObjectFunctions functions = [&] {
            original() = *reader.fn;
            auto copy = original();
            copy.createArray = &make_list;
            return copy;
        }();
        return &functions;
    }
};

ReplyReader::ReplyReader(std::size_t max_bytes) : max_bytes_(max_bytes), reader_(redisReaderCreate()) {
    if (!reader_) throw std::bad_alloc();
    reader_->fn = Functions::bounded(*reader_);
    reader_->privdata = this;
}

ReplyReader::~ReplyReader() = default;

// A failure is kept by the reader, and returned by next().
void ReplyReader::feed(std::string_view bytes) {
    if (too_large_) return;
    unfinished_ += bytes.size();
    redisReaderFeed(reader_.get(), bytes.data(), bytes.size());
}

Result<std::optional<Reply>> ReplyReader::next() {
    void* made = nullptr;
    const bool fine = !too_large_ && redisReaderGetReply(reader_.get(), &made) == REDIS_OK;
    const std::unique_ptr<redisReply, FreeReply> reply(static_cast<redisReply*>(made));
    if (fine && !reply && unfinished_ > max_bytes_) too_large_ = true;
    if (too_large_) {
        return Error{ErrorCode::unavailable,
                     "it sent a reply of more than " + std::to_string(max_bytes_) + " bytes"};
    }
    if (!fine) return Error{ErrorCode::unavailable, "what came is not Redis's protocol"};
    if (!reply) return std::optional<Reply>();
    unfinished_ = reader_->len - reader_->pos;
    std::optional<Reply> value(std::in_place);
    if (!take_value(*reply, 0, *value))
        return Error{ErrorCode::unavailable, "it sent lists nested too deeply"};
    return value;
}

}  // namespace pulse::redis
