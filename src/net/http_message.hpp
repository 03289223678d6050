#pragma once
// HTTP messages as the program passes them around: plain values without Beast's templates, so that a file
// which answers a request compiles in a second and a request costs few allocations. Beast's parser fills
// them (http_parser.hpp).
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pulse::net {

// Header fields in the order received. Names are kept in lower case (RFC 9110 section 5.1: they are
// case-insensitive). All text lives in one string, so copies are cheap and moves cheaper.
class Headers {
public:
    void add(std::string_view name, std::string_view value);
    void reserve(std::size_t fields, std::size_t bytes);
    // The first field of that name (given in lower case), or nullopt.
    std::optional<std::string_view> find(std::string_view name) const;
    // True if a comma-separated field of that name holds the token, compared without case.
    bool has_token(std::string_view name, std::string_view token) const;
    std::size_t size() const { return spans_.size(); }
    std::pair<std::string_view, std::string_view> operator[](std::size_t i) const;

private:
    struct Span {
        std::uint32_t name_begin, name_size, value_begin, value_size;
    };
    std::string text_;
    std::vector<Span> spans_;
};

// What a handler keeps of a request whose body is still on its way (HttpHandler::on_upload). Travels in the
// request; destroyed with it, also if the body never comes whole.
struct Upload {
    virtual ~Upload() = default;
};

struct Request {
    std::string method;  // as sent: "GET"
    std::string target;  // as sent: "/api/x?y=1"
    Headers headers;
    std::string body;
    std::string peer;                  // the other end's IP address as text
    std::shared_ptr<Upload> upload{};  // nullptr if the body came with the head
    bool http_1_1 = true;

    std::string_view path() const;   // target up to '?'
    std::string_view query() const;  // target after '?', still encoded
    // The value of one cookie (RFC 6265 section 5.4), or nullopt.
    std::optional<std::string_view> cookie(std::string_view name) const;
};

struct Response {
    unsigned status = 200;
    std::vector<std::pair<std::string, std::string>> headers;  // without Content-Length and Connection
    std::string body;
    bool close = false;  // close the connection after this answer

    Response& set(std::string name, std::string value) {
        headers.emplace_back(std::move(name), std::move(value));
        return *this;
    }
};

// "name=value&…" decoded (percent and plus), in order.
std::vector<std::pair<std::string, std::string>> parse_query(std::string_view query);
std::optional<std::string> query_value(std::string_view query, std::string_view name);

}  // namespace pulse::net
