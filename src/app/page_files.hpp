#pragma once
// The web app's files, built into the program (scripts/embed_page.mjs writes the other half). Immutable; any
// thread.
#include <span>
#include <string_view>

namespace pulse::app {

struct PageFile {
    std::string_view path;  // "/index.html", "/assets/index-4f2a91.js"
    std::string_view content_type;
    std::string_view bytes;
    std::string_view gzip;    // empty: it would not be smaller
    std::string_view brotli;  // likewise
};

std::span<const PageFile> page_files();

}  // namespace pulse::app
