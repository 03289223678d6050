#include "http/client.hpp"

#include <algorithm>
#include <boost/algorithm/string/predicate.hpp>
#include <boost/asio/ip/address.hpp>
#include <vector>

namespace pulse::http {
namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

// All fields of that name are one list (RFC 9110 section 5.3).
std::vector<std::string_view> list_of(const net::Headers& headers, std::string_view name) {
    std::vector<std::string_view> items;
    for (std::size_t i = 0; i < headers.size(); ++i) {
        auto [field, rest] = headers[i];
        if (field != name) continue;
        for (bool more = true; more;) {
            const auto comma = rest.find(',');
            more = comma != std::string_view::npos;
            items.push_back(trimmed(rest.substr(0, comma)));
            if (more) rest.remove_prefix(comma + 1);
        }
    }
    return items;
}

// Some proxies add the port: "192.0.2.1:4711", "[2001:db8::1]:4711".
std::string_view without_port(std::string_view item) {
    if (item.starts_with('[')) return item.substr(1, std::min(item.find(']'), item.size()) - 1);
    if (std::count(item.begin(), item.end(), ':') == 1) return item.substr(0, item.find(':'));
    return item;
}

bool is_address(std::string_view text) {
    boost::system::error_code error;
    boost::asio::ip::make_address(text, error);
    return !error;
}

}  // namespace

Client client_of(const net::Request& request, const IsTrusted& trusted) {
    Client client{request.peer, false};
    const bool forwarded =
        request.headers.find("x-forwarded-for") || request.headers.find("x-forwarded-proto");
    if (!forwarded || !trusted || !trusted(request.peer)) return client;

    const auto hops = list_of(request.headers, "x-forwarded-for");
    for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
        const auto address = without_port(*hop);
        if (!is_address(address)) break;  // whoever wrote that is as far as we can see
        client.address = address;
        if (!trusted(address)) break;
    }
    const auto protocols = list_of(request.headers, "x-forwarded-proto");
    client.secure = !protocols.empty() && boost::algorithm::iequals(protocols.front(), "https");
    return client;
}

}  // namespace pulse::http
