#pragma once
// Files built into the program, as routes: content type, ETag, 304 (RFC 9110 section 13), and the content
// coding that the client takes (section 12.5.3). The bytes are never copied but into the answer. Any thread.
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/router.hpp"

namespace pulse::http {

struct StaticFile {
    std::string_view bytes;     // these three outlive the router
    std::string_view gzip{};    // the same compressed beforehand; empty: not to be had
    std::string_view brotli{};  // is sent rather than gzip
    std::string content_type;
    std::string cache_control = "no-cache";  // "no-cache": kept, but asked about each time, which costs a 304
    std::vector<std::pair<std::string, std::string>> headers{};  // more of them, such as a policy
};

// Answers GET and HEAD on `path`.
void serve_file(Router& router, std::string path, StaticFile file);

// Answers a browser's navigation to any path that no route knows (Router::set_page).
void serve_page(Router& router, StaticFile file);

// True if If-None-Match, a list of tags or *, names this tag; weak and strong tags are equal here.
bool none_match_names(std::string_view if_none_match, std::string_view etag);

}  // namespace pulse::http
