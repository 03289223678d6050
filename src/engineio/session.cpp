#include "engineio/session.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "base/base64.hpp"
#include "base/guarded.hpp"
#include "base/log.hpp"
#include "engineio/open_packet.hpp"
#include "engineio/payload.hpp"
#include "engineio/session_host.hpp"
#include "engineio/upload.hpp"
#include "engineio/utf8.hpp"
#include "engineio/verify.hpp"

namespace pulse::engineio {

ClientSession::ClientSession(SessionHost& host, std::string sid, Handshake handshake, bool force_base64)
    : host_(host),
      sid_(std::move(sid)),
      handshake_(std::move(handshake)),
      heartbeat_(host.home().timers(), [this] { on_heartbeat(); }),
      force_base64_(force_base64) {}

net::Shard& ClientSession::home() { return host_.home(); }

void ClientSession::begin_polling() {
    polling_ = std::make_unique<PollingTransport>();
    push(Frame::packet(open_packet(sid_, TransportKind::polling, host_.options())));
    arm_heartbeat(home().timers().now(), host_.options().ping_interval);
}

void ClientSession::begin_websocket(std::unique_ptr<WebSocket> socket, std::string answer) {
    ws_ = std::move(socket);
    host_.stats().open_websocket.fetch_add(1, std::memory_order_relaxed);
    // The 101 and the open packet leave in one write.
    ws_->push(Frame::raw(std::move(answer)));
    ws_->push(Frame::packet(open_packet(sid_, TransportKind::websocket, host_.options())));
    ws_->flush();
    arm_heartbeat(home().timers().now(), host_.options().ping_interval);
}

void ClientSession::serve(std::unique_ptr<SessionListener> listener) { listener_ = std::move(listener); }

void ClientSession::start_reading(std::string leftover) {
    // The application may have closed it already.
    if (ws_) ws_->start(*this, std::move(leftover));
}

void ClientSession::push(FramePtr frame) {
    if (polling_) {
        polling_->outbox().push(std::move(frame));
    } else {
        ws_->push(std::move(frame));
    }
}

void ClientSession::send(FramePtr frame) {
    if (state_ != State::open || too_slow_) return;
    if (force_base64_ && frame->binary()) {
        frame = Frame::packet("b" + base64_encode(frame->payload()), frame->compress());
    }
    push(std::move(frame));
    host_.count_out();
    // The limit is on what the client leaves waiting, not on what one turn of the loop brings forth.
    if (too_much_waits()) flush_transport();
    too_slow_ = too_much_waits();
    host_.mark(*this);
}

// One message alone may be larger than the limit.
bool ClientSession::too_much_waits() const {
    const Options& options = host_.options();
    const Outbox& waiting = outbox();
    return (waiting.bytes() > options.max_buffered_bytes || waiting.size() > options.max_buffered_packets) &&
           waiting.size() > 1;
}

bool ClientSession::writable() const {
    if (state_ != State::open || too_slow_) return false;
    return polling_ ? polling_->pending() : !ws_->blocked();
}

std::size_t ClientSession::buffered_bytes() const {
    // The websocket goes its own way once the session ended.
    return state_ == State::ended ? 0 : outbox().bytes();
}

std::size_t ClientSession::buffered_packets() const { return state_ == State::ended ? 0 : outbox().size(); }

void ClientSession::tell_when_writable() {
    wants_writable_ = true;
    if (writable()) host_.mark(*this);  // flush() tells
}

void ClientSession::tell_writable() {
    if (!wants_writable_ || !writable()) return;
    wants_writable_ = false;
    if (!guarded("a listener's on_writable()", [&] { listener_->on_writable(); })) {
        end(CloseReason::forced_close);
    }
}

void ClientSession::flush() {
    if (state_ == State::ended) return;
    if (too_slow_) return end(CloseReason::too_slow);
    flush_transport();
    tell_writable();
}

void ClientSession::flush_transport() {
    if (!polling_) {
        ws_->flush();
    } else if (const auto size = polling_->flush()) {
        host_.stats().writes.fetch_add(1, std::memory_order_relaxed);
        host_.stats().bytes_out.fetch_add(size, std::memory_order_relaxed);
    }
    if (!outbox().empty()) host_.waiting().note(*this);
}

void ClientSession::arm_heartbeat(TimePoint from, Duration after) {
    heartbeat_due_ = from + after;
    heartbeat_.arm(heartbeat_due_ - home().timers().now());
}

void ClientSession::on_heartbeat() {
    if (state_ == State::farewell) return end(CloseReason::forced_close);
    if (awaiting_pong_) return end(CloseReason::ping_timeout);
    awaiting_pong_ = true;
    // The client counts from the handshake, so small delays of our timers must not add up; but a loop that
    // stood still is not the client's fault.
    arm_heartbeat(std::max(heartbeat_due_, home().timers().now() - std::chrono::milliseconds(5)),
                  host_.options().ping_timeout);
    // Before what waits: behind a long queue it would come so late that the client gives up. The Socket.IO
    // layer never sees it, so it may fall between the parts of a binary packet.
    if (polling_) {
        polling_->outbox().push_urgent(host_.ping());
    } else {
        ws_->push_urgent(host_.ping());
    }
    host_.mark(*this);
}

void ClientSession::receive(const Packet& packet) {
    switch (packet.type) {
        case PacketType::message:
            return packet.binary ? deliver(packet.bytes, true) : deliver(packet.text, false);
        case PacketType::pong:
            // Unasked for, it means nothing: it must not put off the next ping, by which the client knows
            // that we live.
            if (!std::exchange(awaiting_pong_, false)) return;
            arm_heartbeat(home().timers().now(), host_.options().ping_interval);
            return;
        case PacketType::close:
            return end(CloseReason::transport_close);
        case PacketType::ping:
            return end(CloseReason::transport_error);  // in version 4 the server pings
        case PacketType::open:
        case PacketType::upgrade:
        case PacketType::noop:
            return;
    }
}

// What escapes from the application costs this session, not the shard's others.
void ClientSession::deliver(std::string_view message, bool binary) {
    host_.stats().messages_in.fetch_add(1, std::memory_order_relaxed);
    host_.stats().bytes_in.fetch_add(message.size(), std::memory_order_relaxed);
    try {
        binary ? listener_->on_binary(message) : listener_->on_text(message);
        return;
    } catch (const std::exception& error) {
        log::error("a session is closed: its listener threw: {}", error.what());
    } catch (...) {
        log::error("a session is closed: its listener threw");
    }
    end(CloseReason::forced_close);
}

void ClientSession::on_get(Answer answer) {
    if (state_ == State::ended) {
        return answer.send(refusal_response(refused(Refusal::unknown_sid)));
    }
    if (polling_->pending()) {
        end(CloseReason::transport_error);
        return answer.send(400, {}, {});
    }
    const auto number = polling_->hold(std::move(answer));
    tell_writable();  // before the flush: a poll that always finds something waiting would never be free
    if (state_ == State::ended) return;
    if (!polling_->outbox().empty() || !polling_->pending()) return flush();
    if (state_ == State::farewell) {
        polling_->release(
            "6\x1e"
            "1");
        return end(CloseReason::forced_close);
    }
    polling_->poll().responder().on_abort(home(), [session = weak_from_this(), number] {
        const auto self = session.lock();
        if (self && self->polling_ && self->polling_->is_pending(number)) {
            self->end(CloseReason::transport_error);
        }
    });
    if (probe_ && probe_->answered) probe_->release_poll.arm(probe_poll_deadline);
}

void ClientSession::on_post(Answer answer, const net::Request& request) {
    const auto refuse = [&](unsigned status, CloseReason reason) {
        end(reason);
        answer.send(status, {}, {});
    };
    auto* const upload = upload_of(request);
    if (polling_->upload() != (upload ? upload->number() : 0)) {
        return refuse(400, CloseReason::transport_error);  // another is being read
    }
    polling_->set_upload(0);
    polling_->set_came_back();
    if (upload) upload->arrived();
    if (request.headers.find("content-type") == "application/octet-stream") {
        return refuse(400, CloseReason::transport_error);
    }
    if (request.body.size() > host_.options().max_http_buffer_size) {
        return refuse(413, CloseReason::transport_error);
    }
    if (state_ == State::farewell) {
        receive_farewell(request.body);
        return answer.send(200, "text/html", "ok");
    }
    if (!is_utf8(request.body)) return refuse(400, CloseReason::parse_error);
    PayloadReader reader(request.body);
    while (reader.more() && state_ == State::open) {
        const auto packet = reader.next();
        if (!packet) return refuse(400, CloseReason::parse_error);
        receive(*packet);
    }
    answer.send(200, "text/html", "ok");
}

void ClientSession::begin_upload(std::uint64_t number) {
    if (!polling_) return;
    if (polling_->upload()) return end(CloseReason::transport_error);
    polling_->set_upload(number);
}

void ClientSession::lose_upload(std::uint64_t number) {
    if (polling_ && polling_->upload() == number) end(CloseReason::transport_error);
}

// Nobody listens any more; but a client that closes too need not be waited for.
void ClientSession::receive_farewell(std::string_view body) {
    PayloadReader reader(body);
    while (reader.more()) {
        const auto packet = reader.next();
        if (packet && packet->type == PacketType::close && !packet->binary)
            return end(CloseReason::transport_close);
    }
}

void ClientSession::on_ws_text(std::string_view message) {
    if (polling_) return on_probe_text(message);
    const auto packet = parse_packet(message);
    if (!packet) return end(CloseReason::parse_error);
    receive(*packet);
}

void ClientSession::on_ws_binary(std::string_view message) {
    if (polling_) return drop_probe();
    deliver(message, true);
}

void ClientSession::on_ws_writable() {
    if (!polling_) tell_writable();
}

void ClientSession::on_ws_end(WebSocketEnd how) {
    if (polling_) return drop_probe();
    end(how == WebSocketEnd::closed ? CloseReason::transport_close : CloseReason::transport_error);
}

void ClientSession::close(CloseReason reason) {
    if (state_ != State::open) return;
    if (!polling_) return end(reason, Finish::after_queue);
    if (polling_->pending()) {
        // The pending poll brings what waits, and the close behind it.
        if (!polling_->outbox().empty()) push(Frame::packet("1"));
        flush();
        return end(reason);
    }
    drop_probe();
    state_ = State::farewell;
    host_.announce_end(*this, reason);
    arm_heartbeat(home().timers().now(), polling_->came_back() ? farewell_deadline : short_farewell_deadline);
}

void ClientSession::end(CloseReason reason, Finish how) {
    if (state_ == State::ended) return;
    const bool told = std::exchange(state_, State::ended) == State::farewell;
    heartbeat_.cancel();
    probe_.reset();
    if (!polling_) host_.stats().open_websocket.fetch_sub(1, std::memory_order_relaxed);
    if (ws_) host_.let_go(std::move(ws_), polling_ ? Finish::at_once : how);
    // A client that closes by a POST gets its poll back with a noop: it knows already.
    if (polling_) polling_->release(reason == CloseReason::transport_close ? "6" : "1");
    if (!told) host_.announce_end(*this, reason);
    host_.forget(*this);
}

}  // namespace pulse::engineio
