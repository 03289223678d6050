#pragma once
// Long polling: the GET that waits for packets, and the packets that wait for a GET. Lives on the shard of
// its session, which owns it.
#include <optional>
#include <string>
#include <string_view>

#include "engineio/outbox.hpp"
#include "net/http_server.hpp"

namespace pulse::engineio {

// Whom to answer, and what every answer to that request carries (the CORS headers).
class Answer {
public:
    // Payloads of `compress_from` bytes or more are compressed.
    Answer(net::Responder responder, net::Response base, std::size_t compress_from)
        : responder_(std::move(responder)), response_(std::move(base)), compress_from_(compress_from) {}

    void set(std::string name, std::string value) { response_.set(std::move(name), std::move(value)); }
    void send(unsigned status, std::string_view content_type, std::string body);
    void send_payload(std::string body, bool compress = true);  // packets, to a GET
    // Status, headers and body of `response`.
    void send(net::Response response);
    net::Responder& responder() { return responder_; }

private:
    net::Responder responder_;
    net::Response response_;
    std::size_t compress_from_;
};

class PollingTransport {
public:
    Outbox& outbox() { return outbox_; }
    bool pending() const { return poll_.has_value(); }
    // Numbers the polls, so that the end of an earlier one is not taken for this one's.
    std::uint64_t hold(Answer poll);
    // Whether the client sent another request after its handshake.
    bool came_back() const { return came_back_ || number_ > 1; }
    void set_came_back() { came_back_ = true; }
    bool is_pending(std::uint64_t number) const { return pending() && number == number_; }
    Answer& poll() { return *poll_; }

    // Answers the pending poll, if there is one, with all that waits, if anything does; returns the size.
    std::size_t flush();
    // The POST that is being read; 0 if none is.
    std::uint64_t upload() const { return upload_; }
    void set_upload(std::uint64_t number) { upload_ = number; }

    // Answers the pending poll, if there is one, with this packet.
    void release(std::string_view packet);

private:
    Outbox outbox_;
    std::optional<Answer> poll_;
    std::uint64_t number_ = 0;
    std::uint64_t upload_ = 0;
    bool came_back_ = false;
};

}  // namespace pulse::engineio
