#include "app/setting_readers.hpp"

#include <algorithm>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include "app/masking.hpp"
#include "auth/jws.hpp"
#include "redis/url.hpp"
#include "store/postgres/postgres_store.hpp"

namespace pulse::app {
namespace {

constexpr std::string_view sqlite = "sqlite:";
constexpr unsigned most_threads = 64;  // a sid names its shard in one character (net/shard.hpp)

std::string_view trim(std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    return text;
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (auto& c : result) c = c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
    return result;
}

// A host as it stands in `Origin`: a name in letters, digits, '-', '.' and '_', or an address. So "*" is
// none: with credentials, an origin has to be named (Fetch standard).
bool is_plain_host(std::string_view host) {
    if (host.starts_with('[')) return true;  // an IPv6 address, checked by Boost.URL
    return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
    });
}

// The origin in the form in which browsers write it (RFC 6454, 6.2): lower case, no default port.
// Empty: not an origin.
std::string normal_origin(std::string_view text) {
    const auto parsed = boost::urls::parse_uri(text);
    if (!parsed) return {};
    const auto& url = *parsed;
    const auto scheme = lower(url.scheme());
    const auto host = lower(url.encoded_host());
    const std::string_view default_port = scheme == "https" ? "443" : "80";
    if ((scheme != "http" && scheme != "https") || url.has_userinfo() || !is_plain_host(host) ||
        !url.encoded_path().empty() || url.has_query() || url.has_fragment()) {
        return {};
    }
    auto origin = scheme + "://" + host;
    if (url.has_port()) {
        std::uint16_t port = 0;
        const std::string digits(url.port());
        if (read_number<std::uint16_t>(digits, 1, 65535, port)) return {};
        if (std::to_string(port) != default_port) origin += ":" + std::to_string(port);
    }
    return origin;
}

}  // namespace

std::string must_be(std::string_view what, std::string_view text) {
    return " must be " + std::string(what) + ", is " + in_quotes(mask_url(text));
}

Problem read_host(std::string_view text, std::string& host) {
    // Only addresses: a name may stand for several, or for none while the network is down.
    const std::string address(text == "localhost" ? "127.0.0.1" : text);
    const bool one_address = address.find_first_of(",/ ") == std::string::npos && !address.empty();
    if (!one_address || !CidrList::parse(address)) {
        return must_be("an IP address such as 127.0.0.1 or 0.0.0.0", text);
    }
    host = address;
    return std::nullopt;
}

Problem read_database_url(std::string_view text, Database& database) {
    if (text.starts_with("postgresql://") || text.starts_with("postgres://")) {
        if (const auto right = store::postgres::check_url(std::string(text)); !right)
            return ": " + right.error().message;
        database = {Database::Kind::postgres, std::string(text)};
        return std::nullopt;
    }
    const auto path = text.starts_with(sqlite) ? text.substr(sqlite.size()) : std::string_view();
    // Several connections work on one database: a private one in memory cannot be it.
    if (path.empty() || path == ":memory:")
        return must_be("sqlite:PATH or postgresql://USER:PASSWORD@HOST:PORT/NAME", text);
    database = {Database::Kind::sqlite, std::string(path)};
    return std::nullopt;
}

std::string write_database_url(const Database& database) {
    return database.kind == Database::Kind::sqlite ? std::string(sqlite) + database.where : database.where;
}

Problem read_redis_url(std::string_view text, std::string& url) {
    if (text.empty()) return std::nullopt;
    if (const auto parsed = redis::parse_url(text); !parsed) return ": " + parsed.error().message;
    url = text;
    return std::nullopt;
}

Problem read_key_file(std::string_view text, std::string& file, std::string& pem) {
    constexpr std::size_t longest = 64 * 1024;
    if (text.empty()) return std::nullopt;
    const std::filesystem::path path(text);
    std::error_code problem;
    std::ifstream in(path, std::ios::binary);
    if (!std::filesystem::is_regular_file(path, problem) || !in) {
        return ": cannot read the file " + in_quotes(text);
    }
    if (std::filesystem::file_size(path, problem) > longest)
        return ": too large for a key: " + in_quotes(text);
    std::string content{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    if (content.empty()) return ": the file is empty: " + in_quotes(text);
    if (const auto key = auth::JwsVerifier::make("", content); !key) {
        return ": " + key.error().message + ": " + in_quotes(text);
    }
    file = text;
    pem = std::move(content);
    return std::nullopt;
}

Problem read_origins(std::string_view text, std::vector<std::string>& origins) {
    if (trim(text).empty()) return std::nullopt;
    std::vector<std::string> found;
    for (auto rest = text;;) {
        const auto comma = rest.find(',');
        const auto item = trim(rest.substr(0, comma));
        auto origin = normal_origin(item);
        if (origin.empty()) {
            return must_be(
                "origins such as https://app.example.org:8443, without a path, separated by commas", item);
        }
        found.push_back(std::move(origin));
        if (comma == rest.npos) break;
        rest.remove_prefix(comma + 1);
    }
    origins = std::move(found);
    return std::nullopt;
}

Problem read_proxies(std::string_view text, CidrList& proxies) {
    auto list = CidrList::parse(text);
    if (!list) return must_be("addresses or ranges such as 10.0.0.0/8,::1", text);
    proxies = std::move(*list);
    return std::nullopt;
}

Problem read_threads(std::string_view text, unsigned& threads) {
    if (text.empty()) {
        threads = std::clamp(std::thread::hardware_concurrency(), 1u, most_threads);
        return std::nullopt;
    }
    return read_number(text, 1u, most_threads, threads);
}

std::string join(const std::vector<std::string>& texts) {
    std::string joined;
    for (const auto& text : texts) {
        if (!joined.empty()) joined += ',';
        joined += text;
    }
    return joined;
}

}  // namespace pulse::app
