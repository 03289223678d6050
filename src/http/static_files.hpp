#pragma once
// Files built into the program, as routes: content type, ETag, 304 (RFC 9110 section 13). The bytes are
// static storage and never copied but into the answer. Any thread.
#include <memory>
#include <string>
#include <string_view>

#include "http/router.hpp"

namespace pulse::http {

struct StaticFile {
    std::string_view bytes;  // outlives the router
    std::string content_type;
    std::string cache_control = "no-cache";  // "no-cache": kept, but asked about each time, which costs a 304
    std::string content_security_policy{};   // empty: none
};

// Answers GET and HEAD on `path`.
void serve_file(Router& router, std::string path, StaticFile file);

// True if If-None-Match, a list of tags or *, names this tag; weak and strong tags are equal here.
bool none_match_names(std::string_view if_none_match, std::string_view etag);

}  // namespace pulse::http
