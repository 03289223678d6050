#include "engineio/ws_deflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <new>
#include <vector>

namespace pulse::engineio {
namespace {

constexpr int raw_window = -15;  // the largest, without wrapping
constexpr std::string_view tail{"\x00\x00\xff\xff", 4};

Bytef* bytes_of(std::string_view text) { return reinterpret_cast<Bytef*>(const_cast<char*>(text.data())); }

class Deflater {
public:
    explicit Deflater(int level) : level_(level) {
        if (deflateInit2(&stream_, level, Z_DEFLATED, raw_window, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
            throw std::bad_alloc();
        }
    }
    Deflater(const Deflater&) = delete;
    ~Deflater() { deflateEnd(&stream_); }
    int level() const { return level_; }

    // The bytes written to `out`; 0 if it has not enough room.
    std::size_t run(std::string_view payload, std::string& out) {
        deflateReset(&stream_);
        stream_.next_in = bytes_of(payload);
        stream_.avail_in = uInt(payload.size());
        stream_.next_out = bytes_of(out);
        stream_.avail_out = uInt(out.size());
        if (deflate(&stream_, Z_SYNC_FLUSH) != Z_OK || stream_.avail_in != 0 || stream_.avail_out == 0)
            return 0;
        return out.size() - stream_.avail_out;
    }

private:
    z_stream stream_{};
    const int level_;
};

class Inflater {
public:
    Inflater() {
        if (inflateInit2(&stream_, raw_window) != Z_OK) throw std::bad_alloc();
    }
    Inflater(const Inflater&) = delete;
    ~Inflater() { inflateEnd(&stream_); }
    void reset() { inflateReset(&stream_); }
    // All that came was whole blocks.
    bool between_blocks() const { return (stream_.data_type & 128) != 0; }

    // Appends what `payload` unfolds to.
    std::optional<InflateError> run(std::string_view payload, std::size_t limit, std::string& out) {
        stream_.next_in = bytes_of(payload);
        stream_.avail_in = uInt(payload.size());
        do {
            stream_.next_out = block_.data();
            stream_.avail_out = uInt(block_.size());
            const int status = inflate(&stream_, Z_SYNC_FLUSH);
            if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
                return InflateError::invalid;
            const auto made = block_.size() - stream_.avail_out;
            if (made > limit - out.size()) return InflateError::too_big;
            out.append(reinterpret_cast<const char*>(block_.data()), made);
            // A final block may stand in the middle (section 7.2.3.4); what follows begins anew.
            if (status == Z_STREAM_END) inflateReset(&stream_);
        } while (stream_.avail_in > 0 || stream_.avail_out == 0);
        return std::nullopt;
    }

private:
    z_stream stream_{};
    std::array<Bytef, 16 * 1024> block_;
};

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

// At `mark`, but not within quotes.
std::vector<std::string_view> split(std::string_view text, char mark) {
    std::vector<std::string_view> parts;
    bool quoted = false;
    std::size_t begin = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"') quoted = !quoted;
        if (text[i] != mark || quoted) continue;
        parts.push_back(trimmed(text.substr(begin, i - begin)));
        begin = i + 1;
    }
    parts.push_back(trimmed(text.substr(begin)));
    return parts;
}

bool is(std::string_view text, std::string_view lower) {
    return std::ranges::equal(text, lower,
                              [](char a, char b) { return (a >= 'A' && a <= 'Z' ? char(a + 32) : a) == b; });
}

// 8 to 15, without leading zeros (section 7.1.2); may stand in quotes.
std::optional<int> window_bits(std::string_view value) {
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"')
        value = value.substr(1, value.size() - 2);
    int bits = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), bits);
    if (error != std::errc() || end != value.data() + value.size() || value.front() == '0')
        return std::nullopt;
    if (bits < 8 || bits > 15) return std::nullopt;
    return bits;
}

// The parameters of one offer; each at most once, and nothing else.
std::optional<std::string> answer_to(const std::vector<std::string_view>& parameters) {
    std::string answer = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    std::array<bool, 4> seen{};
    for (std::size_t i = 1; i < parameters.size(); ++i) {
        const auto equals = parameters[i].find('=');
        const auto name = trimmed(parameters[i].substr(0, equals));
        const bool has_value = equals != std::string_view::npos;
        const auto value = has_value ? trimmed(parameters[i].substr(equals + 1)) : std::string_view();
        std::size_t which = 0;
        if (is(name, "server_no_context_takeover") || is(name, "client_no_context_takeover")) {
            if (has_value) return std::nullopt;
            which = is(name, "server_no_context_takeover") ? 0 : 1;
        } else if (is(name, "server_max_window_bits")) {
            if (!has_value || window_bits(value) != 15) return std::nullopt;
            answer += "; server_max_window_bits=15";
            which = 2;
        } else if (is(name, "client_max_window_bits")) {
            // Whatever it uses, we read with the largest.
            if (has_value && !window_bits(value)) return std::nullopt;
            which = 3;
        } else {
            return std::nullopt;
        }
        if (std::exchange(seen[which], true)) return std::nullopt;
    }
    return answer;
}

}  // namespace

std::optional<std::string> accept_deflate(const net::Headers& headers) {
    for (std::size_t i = 0; i < headers.size(); ++i) {
        const auto [name, value] = headers[i];
        if (!is(name, "sec-websocket-extensions")) continue;
        for (const auto offer : split(value, ',')) {
            const auto parameters = split(offer, ';');
            if (!is(parameters.front(), "permessage-deflate")) continue;
            if (auto answer = answer_to(parameters)) return answer;
        }
    }
    return std::nullopt;
}

std::optional<std::string> deflate_message(std::string_view payload, int level) {
    if (payload.size() > std::numeric_limits<uInt>::max()) return std::nullopt;
    thread_local std::optional<Deflater> deflater;
    if (!deflater || deflater->level() != level) deflater.emplace(level);
    // The tail that is cut off again may make it as long as the original.
    std::string out(payload.size() + tail.size(), '\0');
    const auto size = deflater->run(payload, out);
    if (size < tail.size() || size - tail.size() >= payload.size()) return std::nullopt;
    return std::string(out, 0, size - tail.size());
}

Result<std::string, InflateError> inflate_message(std::string_view payload, std::size_t limit) {
    if (payload.size() > std::numeric_limits<uInt>::max()) return InflateError::too_big;
    thread_local Inflater inflater;
    inflater.reset();
    std::string out;
    if (const auto error = inflater.run(payload, limit, out)) return *error;
    if (const auto error = inflater.run(tail, limit, out)) return *error;
    if (!inflater.between_blocks()) return InflateError::invalid;
    return out;
}

}  // namespace pulse::engineio
