#include "net/http_response.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>

namespace pulse::net {
namespace {

void append_number(std::string& out, std::uint64_t number) {
    std::array<char, 20> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    out.append(digits.data(), end);
}

void append_field(std::string& out, std::string_view text) {
    const auto begin = out.size();
    out.append(text);
    for (auto i = begin; i < out.size(); ++i) {
        const auto c = static_cast<unsigned char>(out[i]);
        if ((c < ' ' && c != '\t') || c == 0x7f) out[i] = ' ';
    }
}

// The Date field, made once a second and thread.
std::string_view date_field(WallTime now) {
    thread_local std::chrono::sys_seconds made_for{std::chrono::seconds(-1)};
    thread_local std::string field;
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    if (second != made_for) {
        field = "Date: " + to_http_date(now) + "\r\n";
        made_for = second;
    }
    return field;
}

}  // namespace

Response internal_error() {
    Response response{500, {}, "Internal Server Error\n"};
    response.set("Content-Type", "text/plain; charset=utf-8");
    return response;
}

void write_head(std::string& out, const Response& response, Persistence persistence, WallTime now) {
    out.assign("HTTP/1.1 ");
    append_number(out, response.status);
    out += ' ';
    out += reason_phrase(response.status);
    out += "\r\n";
    out += date_field(now);
    for (const auto& [name, value] : response.headers) {
        append_field(out, name);
        out += ": ";
        append_field(out, value);
        out += "\r\n";
    }
    if (may_have_body(response.status)) {
        out += "Content-Length: ";
        append_number(out, response.body.size());
        out += "\r\n";
    }
    switch (persistence) {
        case Persistence::close:
            out += "Connection: close\r\n";
            break;
        case Persistence::keep_alive:
            break;
        case Persistence::keep_alive_1_0:
            out += "Connection: keep-alive\r\n";
            break;
    }
    out += "\r\n";
}

bool may_have_body(unsigned status) { return status >= 200 && status != 204 && status != 304; }

std::string_view reason_phrase(unsigned status) {
    switch (status) {
        case 100:
            return "Continue";
        case 101:
            return "Switching Protocols";
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 303:
            return "See Other";
        case 304:
            return "Not Modified";
        case 307:
            return "Temporary Redirect";
        case 308:
            return "Permanent Redirect";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 406:
            return "Not Acceptable";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 411:
            return "Length Required";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 415:
            return "Unsupported Media Type";
        case 416:
            return "Range Not Satisfiable";
        case 422:
            return "Unprocessable Content";
        case 426:
            return "Upgrade Required";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return "Unknown";
    }
}

std::string to_http_date(WallTime time) {
    static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time - day).count();
    char text[64];
    const int size = std::snprintf(text, sizeof text, "%s, %02u %s %04d %02d:%02d:%02d GMT",
                                   days[std::chrono::weekday(day).c_encoding()], unsigned(date.day()),
                                   months[unsigned(date.month()) - 1], int(date.year()), int(seconds / 3600),
                                   int(seconds / 60 % 60), int(seconds % 60));
    return std::string(text, std::size_t(size));
}

}  // namespace pulse::net
