#include "socketio/session_seal.hpp"

#include <openssl/crypto.h>
#include <openssl/hmac.h>

#include <charconv>
#include <stdexcept>

#include "base/base64.hpp"
#include "socketio/recovery.hpp"
#include "socketio/room_directory.hpp"

namespace pulse::socketio {
namespace {

constexpr std::size_t longest_pid = 512;
constexpr std::size_t id_size = 20;   // of a socket; what a pid begins with looks the same
constexpr std::size_t tag_size = 27;  // 162 bits of the HMAC's 256

std::string hmac(std::string_view key, std::string_view text) {
    unsigned char out[EVP_MAX_MD_SIZE];
    unsigned size = 0;
    if (!HMAC(EVP_sha256(), key.data(), int(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
              text.size(), out, &size)) {
        throw std::runtime_error("HMAC-SHA256 failed");
    }
    return {reinterpret_cast<const char*>(out), size};
}

void append_field(std::string& out, std::string_view field) {
    out += std::to_string(field.size());
    out += ':';
    out += field;
}

std::string base36(std::uint64_t number) {
    char digits[16];
    const auto end = std::to_chars(digits, digits + sizeof digits, number, 36).ptr;
    return {digits, end};
}

}  // namespace

// The secret has other uses: what is sealed here must not be good for any of them.
SessionSeal::SessionSeal(std::string_view secret) : key_(hmac(secret, "socket.io session recovery")) {}

std::string SessionSeal::tag(std::string_view body, std::string_view nsp, std::string_view owner) const {
    std::string text = "pid";
    append_field(text, nsp);
    append_field(text, owner);
    append_field(text, body);
    return base64url_encode(hmac(key_, text)).substr(0, tag_size);
}

// The first character names the shard that the session began on, as in every socket's id.
std::string SessionSeal::sid_of(std::string_view body) const {
    std::string text = "sid";
    append_field(text, body);
    return std::string(1, body[0]) + base64url_encode(hmac(key_, text)).substr(0, id_size - 1);
}

// <like a socket id>.<seconds since the epoch, base 36>.<start, which may have dots>.<tag>
SessionSeal::Session SessionSeal::seal(std::string_view nsp, std::string_view owner, net::ShardId shard,
                                       std::string_view start, WallTime now) const {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    std::string body = make_socket_id(shard);
    body += '.';
    body += base36(std::uint64_t(seconds));
    body += '.';
    body += start;
    return {body + '.' + tag(body, nsp, owner), sid_of(body), std::string(start)};
}

std::optional<SessionSeal::Session> SessionSeal::open(std::string_view pid, std::string_view nsp,
                                                      std::string_view owner, WallTime now,
                                                      Duration max_age) const {
    const auto last = pid.rfind('.');
    if (pid.size() > longest_pid || last == std::string_view::npos || last <= id_size) return std::nullopt;
    const auto body = pid.substr(0, last);
    const auto sealed = pid.substr(last + 1);
    const auto expected = tag(body, nsp, owner);
    if (sealed.size() != expected.size() ||
        CRYPTO_memcmp(sealed.data(), expected.data(), expected.size()) != 0) {
        return std::nullopt;
    }
    // From here on it is our own text.
    const auto second = body.find('.', id_size + 1);
    if (second == std::string_view::npos) return std::nullopt;
    std::uint64_t seconds = 0;
    const auto issued = body.substr(id_size + 1, second - id_size - 1);
    std::from_chars(issued.data(), issued.data() + issued.size(), seconds, 36);
    const auto age = now.time_since_epoch() - std::chrono::seconds(seconds);
    if (age > max_age) return std::nullopt;
    return Session{std::string(pid), sid_of(body), std::string(body.substr(second + 1))};
}

bool is_offset(std::string_view text) {
    constexpr std::string_view allowed = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_~.";
    return !text.empty() && text.size() <= 128 && text.find_first_not_of(allowed) == std::string_view::npos;
}

}  // namespace pulse::socketio
