#include "http/static_files.hpp"

#include <spdlog/fmt/fmt.h>

#include <cstdint>

#include "net/accept_encoding.hpp"

namespace pulse::http {
namespace {

// FNV-1a: tells versions of a file apart; nobody gains by a collision in files of our own.
std::string etag_of(std::string_view bytes) {
    std::uint64_t hash = 0xcbf29ce484222325u;
    for (const unsigned char byte : bytes) hash = (hash ^ byte) * 0x100000001b3u;
    return fmt::format("\"{:016x}\"", hash);
}

// One way of sending a file.
struct Form {
    std::string_view bytes;
    std::string_view coding;  // empty: as it is
    std::string etag;         // each form is a representation of its own (RFC 9110 section 8.8.3)
};

class Answers {
public:
    explicit Answers(StaticFile file) : file_(std::move(file)) {
        for (const auto& [bytes, coding] :
             {std::pair{file_.brotli, "br"}, {file_.gzip, "gzip"}, {file_.bytes, ""}})
            if (!bytes.empty() || *coding == '\0') forms_.push_back({bytes, coding, etag_of(bytes)});
    }

    net::Response operator()(Context& context) const {
        const auto& form = best(context.request);
        net::Response response;
        response.headers.reserve(8 + file_.headers.size());
        response.set("ETag", form.etag).set("Cache-Control", file_.cache_control);
        if (forms_.size() > 1) response.set("Vary", "Accept-Encoding");
        const auto known = context.request.headers.find("if-none-match");
        if (known && none_match_names(*known, form.etag)) {
            response.status = 304;
            return response;
        }
        response.set("Content-Type", file_.content_type);
        if (!form.coding.empty()) response.set("Content-Encoding", std::string(form.coding));
        for (const auto& [name, value] : file_.headers) response.set(name, value);
        response.body = form.bytes;
        return response;
    }

private:
    const Form& best(const net::Request& request) const {
        const auto accepted = request.headers.find("accept-encoding");
        if (accepted)
            for (const auto& form : forms_)
                if (net::accepts_coding(*accepted, form.coding)) return form;
        return forms_.back();
    }

    StaticFile file_;
    std::vector<Form> forms_;  // the best first, the file as it is last
};

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
    router.add("GET", std::move(path), Access::anyone(), Handler(Answers(std::move(file))));
}

void serve_page(Router& router, StaticFile file) { router.set_page(Answers(std::move(file))); }

}  // namespace pulse::http
