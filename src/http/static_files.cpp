#include "http/static_files.hpp"

#include <spdlog/fmt/fmt.h>

#include <cstdint>

namespace pulse::http {
namespace {

// FNV-1a: tells versions of a file apart; nobody gains by a collision in files of our own.
std::string etag_of(std::string_view bytes) {
    std::uint64_t hash = 0xcbf29ce484222325u;
    for (const unsigned char byte : bytes) hash = (hash ^ byte) * 0x100000001b3u;
    return fmt::format("\"{:016x}\"", hash);
}

net::Response answer(const StaticFile& file, const std::string& etag, const net::Request& request) {
    net::Response response;
    response.headers.reserve(8);
    response.set("ETag", etag).set("Cache-Control", file.cache_control);
    if (const auto known = request.headers.find("if-none-match"); known && none_match_names(*known, etag)) {
        response.status = 304;
        return response;
    }
    response.set("Content-Type", file.content_type);
    if (!file.content_security_policy.empty())
        response.set("Content-Security-Policy", file.content_security_policy);
    response.body = file.bytes;
    return response;
}

}  // namespace

bool none_match_names(std::string_view list, std::string_view etag) {
    while (!list.empty()) {
        const auto comma = list.find(',');
        auto tag = list.substr(0, comma);
        list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
        while (tag.starts_with(' ') || tag.starts_with('\t')) tag.remove_prefix(1);
        while (tag.ends_with(' ') || tag.ends_with('\t')) tag.remove_suffix(1);
        if (tag.starts_with("W/")) tag.remove_prefix(2);
        if (tag == etag || tag == "*") return true;
    }
    return false;
}

void serve_file(Router& router, std::string path, StaticFile file) {
    auto etag = etag_of(file.bytes);
    auto handler = [file = std::move(file), etag = std::move(etag)](Context& context) {
        return answer(file, etag, context.request);
    };
    router.add("GET", std::move(path), Access::anyone(), Handler(std::move(handler)));
}

}  // namespace pulse::http
