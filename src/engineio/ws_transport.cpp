#include "engineio/ws_transport.hpp"

#include <limits.h>

#include <array>
#include <utility>

#include "engineio/compression.hpp"

namespace pulse::engineio {

WebSocket::WebSocket(net::Shard& home, net::Socket socket, net::UpgradedCount count, bool deflate,
                     const Options& options, Stats& stats)
    : home_(home),
      count_(std::move(count)),
      stream_(net::Stream::make(home, std::move(socket))),
      options_(options),
      stats_(stats),
      deflate_(deflate) {
    stream_->listen(*this);
    if (options.max_unsent_bytes != 0) stream_->limit_unsent(options.max_unsent_bytes);
}

WebSocket::~WebSocket() { stream_->close(); }

void WebSocket::start(WebSocketOwner& owner, std::string leftover) {
    owner_ = &owner;
    decode(leftover);
    stream_->start_reading();
}

void WebSocket::on_bytes(std::string_view bytes) {
    // The bytes lie in the shard's read buffer, which is the reader's until it returns; unmasking in place
    // saves a copy of every message.
    decode({const_cast<char*>(bytes.data()), bytes.size()});
}

void WebSocket::decode(std::span<char> input) {
    using Event = FrameDecoder::Event;
    const FrameDecoder::Limits limits{options_.max_http_buffer_size, options_.max_fragments, deflate_};
    while (stream_->is_open()) {
        switch (decoder_.next(input, limits)) {
            case Event::need_more:
                return;
            case Event::text:
                if (owner_) owner_->on_ws_text(decoder_.data());
                break;
            case Event::binary:
                if (owner_) owner_->on_ws_binary(decoder_.data());
                break;
            case Event::ping:
                answer_ping();
                break;
            case Event::pong:
                break;
            case Event::close:
                return on_peer_close();
            case Event::error:
                return on_fault();
        }
    }
}

void WebSocket::push(FramePtr frame) {
    if (deflate_ && frame->compress() && frame->size() >= options_.per_message_deflate.threshold &&
        frame->size() <= most_compressed) {
        if (auto small = frame->deflated(options_.per_message_deflate.level, stats_.deflated)) {
            frame = std::move(small);
        }
    }
    outbox_.push(std::move(frame));
}

// RFC 6455 section 5.5.3: of several pings only the latest need be answered. So a peer that sends pings and
// does not read makes one pong wait, not one for each.
void WebSocket::answer_ping() {
    if (goodbye_) return;
    pong_ = Frame::raw(control_frame(Opcode::pong, decoder_.data()));
    if (blocked_) return;
    push_urgent(std::move(pong_));
    flush();
}

// RFC 6455 section 5.5.1: the answer carries the same code.
void WebSocket::on_peer_close() {
    peer_closed_ = true;
    if (!goodbye_) close_code_ = decoder_.code();
    report(WebSocketEnd::closed);
    check_goodbye();
}

void WebSocket::on_fault() {
    // After it nothing is understood; it is read only to see the end, since a connection closed over
    // unread bytes is reset, and the close frame lost with it.
    if (goodbye_) return;
    close_code_ = decoder_.code();
    report(WebSocketEnd::fault);
}

void WebSocket::on_end() {
    if (goodbye_) return hang_up();
    blocked_ = true;  // nobody is left to write to
    report(WebSocketEnd::closed);
}

void WebSocket::report(WebSocketEnd end) {
    if (auto* const owner = std::exchange(owner_, nullptr)) owner->on_ws_end(end);
}

void WebSocket::flush() {
    while (!blocked_ && !outbox_.empty()) {
        std::array<iovec, IOV_MAX> pieces;  // not cleared: most of it is never touched
        const auto count = outbox_.gather(pieces);
        std::size_t total = 0;
        for (std::size_t i = 0; i < count; ++i) total += pieces[i].iov_len;
        const auto taken = stream_->write_some({pieces.data(), count});
        stats_.writes.fetch_add(1, std::memory_order_relaxed);
        // A broken connection ends by on_end(); nothing more is tried until then.
        blocked_ = !taken || *taken < total;
        if (taken) {
            stats_.bytes_out.fetch_add(*taken, std::memory_order_relaxed);
            outbox_.consume(*taken);
        }
    }
}

void WebSocket::on_writable() {
    blocked_ = false;
    if (pong_ && !goodbye_) push_urgent(std::move(pong_));
    flush();
    check_goodbye();
    if (owner_ && !blocked_) owner_->on_ws_writable();
}

void WebSocket::finish(Finish how, std::function<void()> gone) {
    owner_ = nullptr;
    goodbye_.reset(new Goodbye{{home_.timers(), [this] { hang_up(); }}, std::move(gone)});
    // A close frame cannot overtake the rest of a frame that left in part.
    if (how == Finish::at_once && blocked_) return hang_up();
    if (how == Finish::at_once) outbox_.clear();
    outbox_.push(Frame::raw(close_frame(close_code_)));
    goodbye_->deadline.arm(drain_deadline);
    stream_->start_reading();
    flush();
    check_goodbye();
}

void WebSocket::check_goodbye() {
    if (!goodbye_ || !outbox_.empty()) return;
    if (peer_closed_) return hang_up();
    if (std::exchange(goodbye_->sent, true)) return;
    goodbye_->deadline.arm(answer_deadline);
}

void WebSocket::hang_up() {
    if (!stream_->is_open()) return;
    stream_->close();
    outbox_.clear();
    goodbye_->deadline.cancel();
    const auto gone = std::move(goodbye_->gone);
    gone();
}

}  // namespace pulse::engineio
