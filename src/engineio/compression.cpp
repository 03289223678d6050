#include "engineio/compression.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

namespace pulse::engineio {
namespace {

// A quarter of a megabyte, so each thread keeps one.
class Deflater {
public:
    Deflater() {
        // The fastest level; 15 + 16: the largest window, in gzip's wrapping (RFC 1952).
        if (deflateInit2(&stream_, Z_BEST_SPEED, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
            throw std::bad_alloc();
        }
    }
    Deflater(const Deflater&) = delete;
    ~Deflater() { deflateEnd(&stream_); }

    // The bytes written to `out`; 0 if it has not enough room.
    std::size_t run(std::string_view bytes, std::string& out) {
        deflateReset(&stream_);
        stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
        stream_.avail_in = uInt(bytes.size());
        stream_.next_out = reinterpret_cast<Bytef*>(out.data());
        stream_.avail_out = uInt(out.size());
        return deflate(&stream_, Z_FINISH) == Z_STREAM_END ? out.size() - stream_.avail_out : 0;
    }

private:
    z_stream stream_{};
};

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

std::string_view take_until(std::string_view& rest, char mark) {
    const auto end = std::min(rest.find(mark), rest.size());
    const auto taken = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    return trimmed(taken);
}

bool is(std::string_view text, std::string_view lower) {
    return std::ranges::equal(text, lower,
                              [](char a, char b) { return (a >= 'A' && a <= 'Z' ? char(a + 32) : a) == b; });
}

// "q=0", "q=0.0", …: the weight that says no.
bool is_zero_weight(std::string_view parameter) {
    if (!is(take_until(parameter, '='), "q")) return false;
    return parameter.find_first_not_of(" \t0.") == parameter.npos;
}

}  // namespace

bool accepts_gzip(std::string_view accept_encoding) {
    bool any = false;
    while (!accept_encoding.empty()) {
        auto item = take_until(accept_encoding, ',');
        const auto coding = take_until(item, ';');
        bool allowed = true;
        while (!item.empty()) allowed = !is_zero_weight(take_until(item, ';')) && allowed;
        if (is(coding, "gzip") || is(coding, "x-gzip")) return allowed;
        if (coding == "*") any = allowed;
    }
    return any;
}

std::size_t compression_for(const net::Request& request, const Options& options) {
    constexpr auto never = std::numeric_limits<std::size_t>::max();
    if (!options.http_compression) return never;
    const auto accepted = request.headers.find("accept-encoding");
    return accepted && accepts_gzip(*accepted) ? options.http_compression_threshold : never;
}

std::optional<std::string> gzip(std::string_view bytes) {
    if (bytes.size() > std::numeric_limits<uInt>::max()) return std::nullopt;
    thread_local Deflater deflater;
    std::string out(bytes.size(), '\0');
    const auto size = deflater.run(bytes, out);
    if (size == 0) return std::nullopt;
    return std::string(out, 0, size);  // a copy, so that a waiting answer holds no more than it needs
}

}  // namespace pulse::engineio
