#include "socketio/handshake_json.hpp"

#include <spdlog/fmt/fmt.h>

#include <boost/json/array.hpp>
#include <chrono>
#include <cstdint>

#include "engineio/utf8.hpp"

namespace pulse::socketio {
namespace json = boost::json;

namespace {

// What clients sent may be any bytes, and JSON is UTF-8, or other nodes would refuse the whole answer. What
// is not is taken for Latin-1, as Node takes header fields.
json::string text(std::string_view value) {
    if (engineio::is_utf8(value)) return json::string(value.data(), value.size());
    json::string out;
    for (const char c : value) {
        const auto byte = std::uint8_t(c);
        if (byte < 0x80) {
            out.push_back(c);
        } else {
            out.push_back(char(0xc0 | byte >> 6));
            out.push_back(char(0x80 | (byte & 0x3f)));
        }
    }
    return out;
}

// As JavaScript writes a Date: the reference keeps `new Date() + ""`.
std::string date_string(WallTime time) {
    static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                             "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{std::chrono::floor<std::chrono::seconds>(time - day)};
    return fmt::format("{} {} {:02} {:04} {:02}:{:02}:{:02} GMT+0000 (Coordinated Universal Time)",
                       days[std::chrono::weekday(day).c_encoding()], months[unsigned(date.month()) - 1],
                       unsigned(date.day()), int(date.year()), clock.hours().count(), clock.minutes().count(),
                       clock.seconds().count());
}

// A name that occurs twice has a list of values, as in Node's querystring.
json::object query_object(std::string_view query) {
    json::object out;
    for (const auto& [name, value] : net::parse_query(query)) {
        const auto [place, is_new] = out.emplace(text(name), text(value));
        if (is_new) continue;
        if (!place->value().is_array()) place->value() = json::array{place->value()};
        place->value().get_array().emplace_back(text(value));
    }
    return out;
}

}  // namespace

json::object handshake_json(const HandshakeView& handshake) {
    const net::Request& request = handshake.request;
    json::object headers;
    for (std::size_t i = 0; i < request.headers.size(); ++i) {
        const auto [name, value] = request.headers[i];
        headers.emplace(text(name), text(value));
    }
    return {
        {"headers", std::move(headers)},
        {"time", text(date_string(handshake.issued))},
        {"address", text(request.peer)},
        {"xdomain", request.headers.find("origin").has_value()},
        {"secure", false},  // TLS ends before us
        {"issued", handshake.issued.time_since_epoch().count()},
        {"url", text(request.target)},
        {"query", query_object(request.query())},
        {"auth", handshake.auth},
    };
}

void hide_credentials(json::object& handshake) {
    handshake["auth"] = json::object();
    if (auto* headers = handshake["headers"].if_object()) {
        headers->erase("authorization");
        headers->erase("cookie");
    }
    json::object known;
    if (const auto* query = handshake["query"].if_object()) {
        for (const auto* name : {"EIO", "transport"}) {
            if (const auto* value = query->if_contains(name)) known[name] = *value;
        }
    }
    handshake["query"] = std::move(known);
    if (auto* url = handshake["url"].if_string()) {
        const auto end = std::string_view(url->data(), url->size()).find('?');
        if (end != std::string_view::npos) url->resize(end);
    }
}

}  // namespace pulse::socketio
