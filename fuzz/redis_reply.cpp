// Redis's replies: however the stream is cut, the same ones come out of it, bounded before they are whole.
#include <string>
#include <vector>

#include "promise.hpp"
#include "redis/reply_reader.hpp"
#include "targets.hpp"

namespace pulse::fuzz {
namespace {

using redis::Reply;

struct Read {
    std::vector<Reply> replies;
    bool failed = false;
    bool operator==(const Read&) const = default;
};

void read_on(redis::ReplyReader& reader, Read& out) {
    while (!out.failed) {
        auto next = reader.next();
        out.failed = next.has_error();
        if (out.failed || !*next) return;
        out.replies.push_back(std::move(**next));
    }
}

Read read_whole(std::string_view stream, std::size_t most) {
    redis::ReplyReader reader(most);
    Read out;
    reader.feed(stream);
    read_on(reader, out);
    return out;
}

Read read_in_pieces(std::string_view stream, std::size_t most, Pieces pieces) {
    redis::ReplyReader reader(most);
    Read out;
    while (!stream.empty() && !out.failed) {
        const auto size = pieces.next(stream.size());
        reader.feed(stream.substr(0, size));
        read_on(reader, out);
        stream.remove_prefix(size);
    }
    return out;
}

void write(const Reply& reply, std::string& out) {
    switch (reply.kind) {
        case Reply::Kind::nil:
            out += "$-1\r\n";
            break;
        case Reply::Kind::integer:
            out += ':' + std::to_string(reply.integer) + "\r\n";
            break;
        case Reply::Kind::text:
            out += '$' + std::to_string(reply.text.size()) + "\r\n" + reply.text + "\r\n";
            break;
        case Reply::Kind::error:
            out += '-' + reply.text + "\r\n";
            break;
        case Reply::Kind::list:
            out += '*' + std::to_string(reply.list.size()) + "\r\n";
            for (const auto& item : reply.list) write(item, out);
            break;
    }
}

}  // namespace

void redis_reply(std::string_view input) {
    const auto choice = take_choice(input);
    const std::size_t most = choice % 2 == 0 ? 64 : 1 << 20;
    const auto whole = read_whole(input, most);
    const auto cut = read_in_pieces(input, most, Pieces(choice));
    if (input.size() <= most) {
        promise(cut == whole, "pieces change nothing");
    } else {
        // A reply beyond the limit is refused as soon as that shows, which is never if it came at once.
        promise(cut.replies.size() <= whole.replies.size(), "pieces add nothing");
    }
    std::string written;
    for (const auto& reply : whole.replies) write(reply, written);
    if (!written.empty()) {
        promise(read_whole(written, 1 << 20).replies == whole.replies, "what was read reads the same again");
    }
}

}  // namespace pulse::fuzz
