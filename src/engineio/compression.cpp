#include "engineio/compression.hpp"

#include <zlib.h>

#include <limits>
#include <new>

#include "net/accept_encoding.hpp"

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

}  // namespace

std::size_t compression_for(const net::Request& request, const Options& options) {
    constexpr auto never = std::numeric_limits<std::size_t>::max();
    if (!options.http_compression) return never;
    const auto accepted = request.headers.find("accept-encoding");
    return accepted && net::accepts_coding(*accepted, "gzip") ? options.http_compression_threshold : never;
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
