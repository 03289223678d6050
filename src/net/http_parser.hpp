#pragma once
// One HTTP/1 request out of bytes that arrive in any pieces. Beast reads head and body; what it is lax in
// (folded headers, transfer codings, Host, form of the target) is checked here. Pure: no I/O, no clock.
#include <cstddef>
#include <memory>
#include <string_view>

#include "net/http_message.hpp"

namespace pulse::net {

class RequestParser {
public:
    enum class State { head, body, complete, failed };

    RequestParser(std::size_t most_header_bytes, std::size_t most_body_bytes);
    ~RequestParser();
    RequestParser(const RequestParser&) = delete;

    // Uses bytes from the front and returns how many. The rest must come again, with more behind it, unless
    // the request is complete: then the rest belongs to the next one.
    std::size_t feed(std::string_view bytes);

    State state() const { return state_; }
    // Complete, or as far as it was read.
    Request& request() { return request_; }

    // Once the head is read:
    bool keep_alive() const { return keep_alive_; }
    bool wants_upgrade() const { return wants_upgrade_; }  // to websocket; other protocols are ignored
    bool expects_continue() const { return expects_continue_; }

    // Of a failed one: what to answer, and why in words.
    unsigned status() const { return status_; }
    std::string_view why() const { return why_; }

private:
    class Beast;
    std::size_t feed_head(std::string_view bytes);
    std::size_t feed_body(std::string_view bytes);
    void parse_head(std::string_view head);
    void check_head();
    void check_target();
    void fail(unsigned status, std::string_view why);

    const std::size_t most_header_bytes_;
    const std::size_t most_body_bytes_;
    std::unique_ptr<Beast> beast_;
    Request request_;
    State state_ = State::head;
    std::size_t scanned_ = 0;     // of the head: bytes known not to end it
    std::size_t line_begin_ = 0;  // of the head: where the line that is being scanned began
    bool chunked_ = false;
    bool keep_alive_ = false;
    bool wants_upgrade_ = false;
    bool expects_continue_ = false;
    unsigned status_ = 0;
    std::string_view why_;
};

}  // namespace pulse::net
