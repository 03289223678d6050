#include "redis/url.hpp"

#include <boost/algorithm/string/case_conv.hpp>
#include <boost/url/decode_view.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <charconv>
#include <optional>

namespace pulse::redis {
namespace {

constexpr std::uint32_t highest_database = 1'000'000;
constexpr std::size_t longest_path = 107;  // sockaddr_un, its final zero not counted

Error wrong(std::string message) { return {ErrorCode::invalid, std::move(message)}; }

std::string decoded(boost::urls::decode_view text) { return {text.begin(), text.end()}; }

std::optional<std::uint32_t> number(std::string_view text, std::uint32_t highest) {
    std::uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value > highest) return std::nullopt;
    return value;
}

Error wrong_database() { return wrong("the database must be a number, as in redis://localhost:6379/0"); }

Result<Target> tcp(const boost::urls::url_view& url, Target target) {
    // Brackets are the URL's, not the address's.
    const auto kind = url.host_type();
    target.host = kind == boost::urls::host_type::ipv6 || kind == boost::urls::host_type::ipvfuture
                      ? std::string(url.host_ipv6_address().to_string())
                      : decoded(boost::urls::decode_view(url.encoded_host()));
    if (target.host.empty()) return wrong("it names no host, as redis://localhost:6379 does");
    if (url.has_port() && !url.port().empty()) {
        if (url.port_number() == 0) return wrong("the port must be 1 to 65535");
        target.port = url.port_number();
    }
    const std::string path = decoded(boost::urls::decode_view(url.encoded_path()));
    if (path.size() > 1) {
        const auto database = number(std::string_view(path).substr(1), highest_database);
        if (!database) return wrong_database();
        target.database = *database;
    }
    return target;
}

Result<Target> socket(const boost::urls::url_view& url, Target target) {
    if (!url.encoded_host().empty()) {
        return wrong("a socket's path begins with three slashes: unix:///run/redis/redis.sock");
    }
    target.path = decoded(boost::urls::decode_view(url.encoded_path()));
    if (target.path.size() < 2) return wrong("it names no socket, as unix:///run/redis/redis.sock does");
    if (target.path.find('\0') != std::string::npos) return wrong("the path of a socket has no zero byte");
    if (target.path.size() > longest_path) return wrong("the path of a socket has at most 107 bytes");
    return target;
}

}  // namespace

std::string Target::to_string() const {
    std::string text = host.empty()                          ? path
                       : host.find(':') != std::string::npos ? "[" + host + "]:" + std::to_string(port)
                                                             : host + ":" + std::to_string(port);
    if (database != 0) text += " database " + std::to_string(database);
    return text;
}

Result<Target> parse_url(std::string_view text) {
    // Nothing of `text` goes into a message: the secret may be anywhere in what is malformed.
    const auto parsed = boost::urls::parse_uri(text);
    if (!parsed) {
        return wrong(
            "it is no URL such as redis://[user:password@]host:6379/0 (special characters of user and "
            "password "
            "are percent-encoded)");
    }
    const boost::urls::url_view& url = *parsed;
    std::string scheme(url.scheme().data(), url.scheme().size());
    boost::algorithm::to_lower(scheme);
    if (scheme == "rediss") {
        return wrong(
            "TLS to Redis is not supported: run stunnel or another TLS proxy beside this program and name "
            "its "
            "local end, redis://127.0.0.1:PORT");
    }
    const bool unix_socket = scheme == "unix" || scheme == "redis+unix";
    if (!unix_socket && scheme != "redis") return wrong("it begins neither with redis:// nor with unix://");
    Target target;
    target.user = decoded(boost::urls::decode_view(url.encoded_user()));
    target.password = decoded(boost::urls::decode_view(url.encoded_password()));
    if (target.user == "default" && target.password.empty()) target.user.clear();
    if (!target.user.empty() && target.password.empty()) {
        return wrong(
            "it has a user without a password: redis://user:password@host, or redis://:password@host");
    }
    for (const auto parameter : url.params()) {
        if (parameter.key != "db") continue;
        const auto database = number(parameter.value, highest_database);
        if (!database) return wrong_database();
        target.database = *database;
    }
    return unix_socket ? socket(url, std::move(target)) : tcp(url, std::move(target));
}

}  // namespace pulse::redis
