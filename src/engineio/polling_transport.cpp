#include "engineio/polling_transport.hpp"

#include <utility>

#include "engineio/compression.hpp"
#include "engineio/payload.hpp"

namespace pulse::engineio {

void Answer::send(unsigned status, std::string_view content_type, std::string body) {
    response_.status = status;
    if (!content_type.empty()) response_.set("Content-Type", std::string(content_type));
    response_.set("Cache-Control", "no-store");
    response_.body = std::move(body);
    responder_.send(std::move(response_));
}

void Answer::send_payload(std::string body, bool compress) {
    if (compress && body.size() >= compress_from_ && body.size() <= most_compressed) {
        if (auto small = gzip(body)) {
            body = std::move(*small);
            response_.set("Content-Encoding", "gzip");
        }
    }
    send(200, "text/plain; charset=UTF-8", std::move(body));
}

void Answer::send(net::Response response) {
    for (auto& header : response_.headers) response.headers.push_back(std::move(header));
    responder_.send(std::move(response));
}

std::uint64_t PollingTransport::hold(Answer poll) {
    poll_.emplace(std::move(poll));
    return ++number_;
}

std::size_t PollingTransport::flush() {
    if (!poll_ || outbox_.empty()) return 0;
    std::string payload;
    payload.reserve(outbox_.bytes());
    bool compress = false;  // one that may be is enough, as in the reference server
    for (const auto& frame : outbox_.frames()) {
        append_to_payload(payload, *frame);
        compress = compress || frame->compress();
    }
    outbox_.clear();
    const auto size = payload.size();
    auto poll = std::move(*poll_);
    poll_.reset();
    poll.send_payload(std::move(payload), compress);
    return size;
}

void PollingTransport::release(std::string_view packet) {
    if (!poll_) return;
    auto poll = std::move(*poll_);
    poll_.reset();
    poll.send_payload(std::string(packet));
}

}  // namespace pulse::engineio
