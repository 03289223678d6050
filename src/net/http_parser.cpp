#include "net/http_parser.hpp"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <limits>

namespace pulse::net {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

// The most that is set aside for a body before its bytes came: a length is only a claim.
constexpr std::size_t most_reserved = 64 * 1024;
// "0\r\n\r\n": fewer bytes can never end a chunked body.
constexpr std::size_t least_chunked_rest = 5;

// What Beast calls a bad version is one we do not speak if it has the right form.
bool names_a_version(std::string_view head) {
    const auto line = head.substr(0, head.find("\r\n"));
    if (line.size() < 8 || std::count(line.begin(), line.end(), ' ') != 2) return false;
    const auto version = line.substr(line.size() - 8);
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    return version.starts_with("HTTP/") && digit(version[5]) && version[6] == '.' && digit(version[7]);
}

bool iequals(std::string_view a, std::string_view b) { return boost::beast::iequals(a, b); }

}  // namespace

class RequestParser::Beast final : public http::basic_parser<true> {
public:
    explicit Beast(Request& request) : request_(request) {}

private:
    void on_request_impl(http::verb, boost::beast::string_view method, boost::beast::string_view target,
                         int version, error_code& error) override {
        error = {};
        request_.method = view(method);
        request_.target = view(target);
        request_.http_1_1 = version == 11;
    }
    void on_response_impl(int, boost::beast::string_view, int, error_code& error) override { error = {}; }
    void on_field_impl(http::field, boost::beast::string_view name, boost::beast::string_view value,
                       error_code& error) override {
        error = {};
        // Trailers come here too. They are dropped: merged, they could forge what was checked (RFC 9110
        // section 6.5.1).
        if (!head_done_) request_.headers.add(view(name), view(value));
    }
    void on_header_impl(error_code& error) override {
        error = {};
        head_done_ = true;
    }
    void on_body_init_impl(boost::optional<std::uint64_t> const& length, error_code& error) override {
        error = {};
        if (length) request_.body.reserve(std::min<std::size_t>(*length, most_reserved));
    }
    std::size_t on_body_impl(boost::beast::string_view bytes, error_code& error) override {
        error = {};
        request_.body.append(bytes.data(), bytes.size());
        return bytes.size();
    }
    void on_chunk_header_impl(std::uint64_t, boost::beast::string_view, error_code& error) override {
        error = {};
    }
    std::size_t on_chunk_body_impl(std::uint64_t, boost::beast::string_view bytes,
                                   error_code& error) override {
        return on_body_impl(bytes, error);
    }
    void on_finish_impl(error_code& error) override { error = {}; }

    Request& request_;
    bool head_done_ = false;
};

RequestParser::RequestParser(std::size_t most_header_bytes, std::size_t most_body_bytes)
    : most_header_bytes_(most_header_bytes), most_body_bytes_(most_body_bytes) {}

RequestParser::~RequestParser() = default;

std::size_t RequestParser::feed(std::string_view bytes) {
    std::size_t used = 0;
    if (state_ == State::head) used = feed_head(bytes);
    if (state_ == State::body) used += feed_body(bytes.substr(used));
    return used;
}

// Finds the end of the head before Beast sees it, so that Beast parses each head once and whole.
std::size_t RequestParser::feed_head(std::string_view bytes) {
    std::size_t skipped = 0;
    // RFC 9112 section 2.2: empty lines before a request are ignored; some clients end a body with one.
    if (scanned_ == 0) {
        while (bytes.substr(skipped).starts_with("\r\n")) skipped += 2;
        bytes.remove_prefix(skipped);
        if (bytes.empty() || bytes == "\r") return skipped;
        // Told at once rather than at the deadline: somebody speaks TLS, or nothing that we know.
        const auto first = static_cast<unsigned char>(bytes.front());
        if (first <= ' ' || first >= 0x7f) {
            fail(400, "not an HTTP request");
            return skipped;
        }
    }
    const auto within = bytes.substr(0, most_header_bytes_);
    for (;;) {
        const auto end = within.find('\n', scanned_);
        if (end == within.npos) break;
        // A line that ends in LF alone is where servers and proxies come to disagree.
        if (end == line_begin_ || within[end - 1] != '\r') {
            fail(400, "a line does not end in CRLF");
            return skipped;
        }
        if (end == line_begin_ + 1) {
            parse_head(within.substr(0, end + 1));
            return skipped + end + 1;
        }
        // RFC 9112 section 5.2: a header line that continues the one before is refused.
        if (line_begin_ > 0 && (within[line_begin_] == ' ' || within[line_begin_] == '\t')) {
            fail(400, "a header line is folded");
            return skipped;
        }
        scanned_ = line_begin_ = end + 1;
    }
    scanned_ = within.size();
    if (bytes.size() >= most_header_bytes_) fail(431, "the headers are too large");
    return skipped;
}

void RequestParser::parse_head(std::string_view head) {
    beast_ = std::make_unique<Beast>(request_);
    beast_->eager(true);
    beast_->header_limit(std::numeric_limits<std::uint32_t>::max());  // the limit was kept above
    beast_->body_limit(most_body_bytes_);
    request_.headers.reserve(std::size_t(std::count(head.begin(), head.end(), '\n')), head.size());
    error_code error;
    beast_->put(boost::asio::const_buffer(head.data(), head.size()), error);
    if (error == http::error::body_limit) {
        check_head();
        if (state_ != State::failed) fail(413, "the body is too large");
        return;
    }
    if (error == http::error::bad_version && names_a_version(head)) {
        return fail(505, "the HTTP version is not supported");
    }
    if (error == http::error::multiple_content_length) return fail(400, "Content-Length is given twice");
    if (error == http::error::bad_content_length) return fail(400, "Content-Length is wrong");
    if (error == http::error::bad_transfer_encoding) return fail(400, "Transfer-Encoding is wrong");
    // A whole head leaves Beast wanting only a body.
    if ((error && error != http::error::need_more) || !beast_->is_header_done()) {
        return fail(400, "the request's head is malformed");
    }
    check_head();
    if (state_ == State::failed) return;
    keep_alive_ = beast_->keep_alive();
    chunked_ = beast_->chunked();
    if (beast_->is_done()) {
        state_ = State::complete;
        beast_.reset();
    } else {
        state_ = State::body;
    }
}

void RequestParser::check_head() {
    const Headers& headers = request_.headers;
    std::size_t hosts = 0;
    std::size_t codings = 0;
    bool length = false;
    for (std::size_t i = 0; i < headers.size(); ++i) {
        const auto [name, value] = headers[i];
        if (name == "host") ++hosts;
        if (name == "content-length") length = true;
        if (name == "transfer-encoding") {
            ++codings;
            // Beast looks at the last coding only, and takes a body it cannot decode for an absent one.
            if (!iequals(value, "chunked")) return fail(400, "Transfer-Encoding must be chunked");
        }
    }
    // RFC 9112 section 3.2.
    if (hosts > 1 || (hosts == 0 && request_.http_1_1)) return fail(400, "Host must be given once");
    // RFC 9112 section 6.3: whoever reads the two differently lets a request be smuggled.
    if (codings > 1 || (codings && length)) return fail(400, "Content-Length and Transfer-Encoding collide");
    if (codings && !request_.http_1_1) return fail(400, "HTTP/1.0 has no Transfer-Encoding");
    check_target();
    wants_upgrade_ = request_.http_1_1 && headers.has_token("connection", "upgrade") &&
                     headers.has_token("upgrade", "websocket");
    const auto expect = headers.find("expect");
    expects_continue_ = request_.http_1_1 && expect && iequals(*expect, "100-continue");
}

// RFC 9112 section 3.2: the origin form as it is, the absolute form (as a proxy gets it) reduced to it.
void RequestParser::check_target() {
    std::string& target = request_.target;
    if (target.find('#') != target.npos) return fail(400, "the target has a fragment");
    if (target.starts_with('/') || (target == "*" && request_.method == "OPTIONS")) return;
    const auto scheme = target.find("://");
    const auto name = std::string_view(target).substr(0, scheme);
    if (scheme == target.npos || (!iequals(name, "http") && !iequals(name, "https"))) {
        return fail(400, "the target is neither a path nor an http URL");
    }
    const auto rest = target.find_first_of("/?", scheme + 3);
    if (rest == scheme + 3 || scheme + 3 == target.size()) return fail(400, "the target names no host");
    std::string path = rest == target.npos ? "/" : target.substr(rest);
    if (path.front() == '?') path.insert(path.begin(), '/');
    target = std::move(path);
}

std::size_t RequestParser::feed_body(std::string_view bytes) {
    std::size_t used = 0;
    while (used < bytes.size()) {
        const auto rest = bytes.substr(used);
        // Beast asserts that many once it has seen the last chunk's header.
        if (chunked_ && rest.size() < least_chunked_rest) break;
        // No more at once than a chunk's header, or the trailers, may have: so these are refused whether they
        // come whole or in pieces.
        const auto window = rest.substr(0, std::max(most_header_bytes_, least_chunked_rest));
        error_code error;
        const auto taken = beast_->put(boost::asio::const_buffer(window.data(), window.size()), error);
        used += taken;
        if (beast_->is_done()) {
            state_ = State::complete;
            beast_.reset();
            break;
        }
        if (error == http::error::need_more) {
            if (taken > 0 && window.size() < rest.size()) continue;
            // What is kept for the next call is one chunk's header, or the trailers.
            if (bytes.size() - used >= most_header_bytes_) fail(431, "the chunk's header is too large");
            break;
        }
        if (error == http::error::body_limit) {
            fail(413, "the body is too large");
            break;
        }
        if (error) {
            fail(400, "the body is malformed");
            break;
        }
    }
    return used;
}

void RequestParser::fail(unsigned status, std::string_view why) {
    state_ = State::failed;
    status_ = status;
    why_ = why;
}

}  // namespace pulse::net
