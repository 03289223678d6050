#include "engineio/verify.hpp"

#include <algorithm>
#include <utility>

#include "engineio/cors.hpp"

namespace pulse::engineio {
namespace {

// RFC 9110 section 5.5: a field's value is visible ASCII, spaces, tabs and bytes above 7F.
bool legal_header_value(std::string_view value) {
    return std::ranges::all_of(value,
                               [](char c) { return c == '\t' || (std::uint8_t(c) >= 0x20 && c != 0x7F); });
}

// The message may be the application's own text.
std::string json_string(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out.append({'\\', c});
        } else if (std::uint8_t(c) < 0x20) {
            out.append("\\u00").append({digits[std::uint8_t(c) >> 4], digits[c & 15]});
        } else {
            out += c;
        }
    }
    return out += '"';
}

}  // namespace

std::string_view message_of(Refusal refusal) {
    switch (refusal) {
        case Refusal::unknown_transport:
            return "Transport unknown";
        case Refusal::unknown_sid:
            return "Session ID unknown";
        case Refusal::bad_handshake_method:
            return "Bad handshake method";
        case Refusal::bad_request:
            return "Bad request";
        case Refusal::forbidden:
            return "Forbidden";
        case Refusal::unsupported_version:
            return "Unsupported protocol version";
    }
    return "Bad request";
}

Refused refused(Refusal refusal) { return {refusal, std::string(message_of(refusal))}; }

RequestFacts facts_of(const net::Request& request, bool upgrade, const Options& options) {
    RequestFacts facts{.upgrade = upgrade};
    // The first of each name counts.
    bool transport_seen = false;
    bool version_seen = false;
    bool base64_seen = false;
    for (auto& [name, value] : net::parse_query(request.query())) {
        if (name == "transport" && !std::exchange(transport_seen, true)) {
            if (value == "polling" && options.polling) facts.transport = TransportKind::polling;
            if (value == "websocket" && options.websocket) facts.transport = TransportKind::websocket;
        } else if (name == "EIO" && !std::exchange(version_seen, true)) {
            facts.version_4 = value == "4";
        } else if (name == "b64" && !std::exchange(base64_seen, true)) {
            facts.force_base64 = !value.empty() && value != "0" && value != "false";
        } else if (name == "sid" && !facts.sid) {
            facts.sid = std::move(value);
        }
    }
    return facts;
}

std::optional<Refused> verify_request(const net::Request& request, const RequestFacts& facts,
                                      const Options& options) {
    if (!facts.transport) return refused(Refusal::unknown_transport);
    const auto origin = request.headers.find("origin");
    if (origin && !legal_header_value(*origin)) return refused(Refusal::bad_request);
    if (facts.sid) {
        // A sid is a secret that no other page knows; but a websocket handshake carries cookies, so it is
        // checked again.
        if (facts.upgrade && !origin_allowed(request, options)) return refused(Refusal::forbidden);
        return std::nullopt;
    }
    if (request.method != "GET") return refused(Refusal::bad_handshake_method);
    if ((*facts.transport == TransportKind::websocket) != facts.upgrade) return refused(Refusal::bad_request);
    if (!origin_allowed(request, options)) return refused(Refusal::forbidden);
    if (options.allow_request) {
        if (auto text = options.allow_request(request)) return Refused{Refusal::forbidden, std::move(*text)};
    }
    if (!facts.version_4) return refused(Refusal::unsupported_version);
    return std::nullopt;
}

std::optional<Refused> verify_session(std::string_view method, const RequestFacts& facts,
                                      std::optional<TransportKind> current) {
    if (!current) return refused(Refusal::unknown_sid);
    if (facts.upgrade) {
        if (facts.transport != TransportKind::websocket) return refused(Refusal::bad_request);
    } else {
        // This is how polls are refused after the upgrade.
        if (facts.transport != current) return refused(Refusal::bad_request);
        if (method != "GET" && method != "POST") return refused(Refusal::bad_request);
    }
    if (!facts.version_4) return refused(Refusal::unsupported_version);
    return std::nullopt;
}

net::Response refusal_response(const Refused& refused) {
    net::Response response;
    response.status = refused.code == Refusal::forbidden ? 403 : 400;
    response.set("Content-Type", "application/json");
    response.body = "{\"code\":" + std::to_string(int(refused.code)) +
                    ",\"message\":" + json_string(refused.message) + "}";
    return response;
}

}  // namespace pulse::engineio
