#include "app/web_app.hpp"

#include <algorithm>
#include <stdexcept>

#include "app/page_files.hpp"
#include "http/static_files.hpp"

namespace pulse::app {
namespace {

// Everything comes from where the page came from, but for the logos of businesses; nothing is inline.
constexpr std::string_view policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: http: https:; font-src "
    "'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const PageFile& index_file() {
    const auto files = page_files();
    const auto found =
        std::find_if(files.begin(), files.end(), [](const auto& file) { return file.path == "/index.html"; });
    if (found == files.end()) throw std::logic_error("the web app was built without index.html");
    return *found;
}

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += c;
        }
    }
    return out;
}

std::string meta(std::string_view name, std::string_view content) {
    return "<meta name=\"" + std::string(name) + "\" content=\"" + escaped(content) + "\">";
}

std::string with_account(std::string_view index, const DemoAccount& account) {
    std::string page(index);
    const auto head = page.find("</head>");
    if (head == page.npos) throw std::logic_error("index.html has no head");
    page.insert(head, meta("pulseboard-demo-email", account.email) +
                          meta("pulseboard-demo-password", account.password));
    return page;
}

// Asked about each time: it names the files of one version.
http::StaticFile page(const PageFile& file, std::string_view demo_index) {
    http::StaticFile made{.bytes = file.bytes, .gzip = file.gzip, .brotli = file.brotli};
    if (!demo_index.empty()) made = {.bytes = demo_index};
    made.content_type = file.content_type;
    made.headers = {{"Content-Security-Policy", std::string(policy)},
                    {"Referrer-Policy", "same-origin"},
                    {"Vary", "Accept"},  // who does not navigate gets 404
                    {"Permissions-Policy", "camera=(), geolocation=(), microphone=()"}};
    return made;
}

}  // namespace

WebApp::WebApp(const std::optional<DemoAccount>& demo) {
    if (demo) index_ = with_account(index_file().bytes, *demo);
}

void WebApp::add_routes(http::Router& router) const {
    http::serve_file(router, "/", page(index_file(), index_));
    http::serve_page(router, page(index_file(), index_));
    for (const auto& file : page_files()) {
        if (file.path == "/index.html") continue;
        // The names under /assets/ hold a hash of what is in them.
        const bool hashed = file.path.starts_with("/assets/");
        http::serve_file(router, std::string(file.path),
                         {.bytes = file.bytes,
                          .gzip = file.gzip,
                          .brotli = file.brotli,
                          .content_type = std::string(file.content_type),
                          .cache_control = hashed ? "public, max-age=31536000, immutable" : "no-cache"});
    }
}

}  // namespace pulse::app
