#include "net/http_connection.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/guarded.hpp"
#include "net/http_response.hpp"

namespace pulse::net {
namespace {

// What a client may send behind an unanswered request before its bytes are left in the kernel.
constexpr std::size_t most_input = 64 * 1024;
// After the last answer the peer gets this long to read it and close.
constexpr Duration linger_deadline = std::chrono::seconds(2);
constexpr std::uint32_t most_lingered = 4 * 1024 * 1024;

iovec buffer_of(std::string_view bytes) { return {const_cast<char*>(bytes.data()), bytes.size()}; }

}  // namespace

struct HttpConnection::Abort {
    Shard& where;
    std::function<void()> call;
};

struct HttpConnection::Output {
    std::string head;
    std::string body;
    std::size_t sent = 0;               // of both together
    TimePoint last = TimePoint::max();  // when all must have been taken
};

bool HttpShard::admit() {
    if (stats->open.fetch_add(1) + stats->upgraded >= limits.connections) {
        stats->open.fetch_sub(1);
        stats->refused_over_limit.fetch_add(1);
        return false;
    }
    stats->accepted.fetch_add(1);
    return true;
}

HttpConnection::HttpConnection(HttpShard& home, Socket socket, std::string peer)
    : shard_(home.shard),
      home_(&home),
      stream_(Stream::make(home.shard, std::move(socket))),
      peer_(std::move(peer)),
      timer_(home.shard.timers(), [this] { on_timer(); }) {}

HttpConnection::~HttpConnection() = default;

void HttpConnection::join() {
    self_ = shared_from_this();
    home_->connections.push_back(*this);
    stream_->listen(*this);
}

void HttpConnection::start_upgrade(Request request, std::string received) {
    join();
    ++exchange_;
    closing_ = true;
    http_1_1_ = request.http_1_1;
    input_ = std::move(received);
    hand_to_upgrade(std::move(request));
}

void HttpConnection::start() {
    join();
    expire_after(home_->limits.header_deadline);
    stream_->start_reading();
}

void HttpConnection::close() {
    if (phase_ == Phase::closed) return;
    const auto self = std::exchange(self_, nullptr);
    phase_ = Phase::closed;
    home_->stats->open.fetch_sub(1, std::memory_order_relaxed);
    unlink();
    home_ = nullptr;
    timer_.cancel();
    stream_->close();
    stream_.reset();
    abort_.reset();
    output_.reset();
    parser_.reset();
    input_ = std::string();
}

void HttpConnection::on_bytes(std::string_view bytes) {
    const auto self = self_;
    switch (phase_) {
        case Phase::reading:
            if (input_.empty()) {
                read_requests(bytes);
            } else {
                input_.append(bytes);
                read_kept();
            }
            break;
        case Phase::answering:
        case Phase::writing:
        case Phase::upgrading:
            input_.append(bytes);
            if (input_.size() >= most_input) stream_->pause_reading();
            break;
        case Phase::lingering:
            lingered_ += std::uint32_t(bytes.size());
            if (lingered_ > most_lingered) close();
            break;
        case Phase::closed:
            break;
    }
}

void HttpConnection::on_end() {
    const auto self = self_;
    peer_ended_ = true;
    switch (phase_) {
        case Phase::reading:
            // A request that came before the end may still wait for its turn; then this closes after it.
            if (!input_.empty()) return read_kept();
            close();
            break;
        case Phase::lingering:
            close();
            break;
        case Phase::answering:
            // Perhaps the peer only finished sending: an answer that comes is still sent.
            if (abort_) {
                const auto abort = std::exchange(abort_, nullptr);
                abort->where.dispatch(std::move(abort->call));
            }
            break;
        case Phase::writing:
        case Phase::upgrading:
        case Phase::closed:
            break;
    }
}

void HttpConnection::read_kept() {
    const std::string bytes = std::exchange(input_, std::string());
    read_requests(bytes);
    // Not before there is room: each answer would admit more than the next request uses up.
    if (phase_ != Phase::closed && input_.size() < most_input) stream_->start_reading();
}

void HttpConnection::read_requests(std::string_view bytes) {
    in_read_requests_ = true;
    while (phase_ == Phase::reading && !bytes.empty()) {
        const bool began = !parser_;
        if (began) {
            parser_ = std::make_unique<RequestParser>(home_->limits.header_bytes, home_->limits.body_bytes);
        }
        bytes.remove_prefix(parser_->feed(bytes));
        if (parser_->state() == RequestParser::State::complete) {
            dispatch(bytes);
        } else if (parser_->state() == RequestParser::State::failed) {
            refuse_request(parser_->status(), parser_->why());
        } else if (parser_->state() == RequestParser::State::head && bytes.empty()) {
            parser_.reset();  // nothing but empty lines
        } else {
            incomplete(began);
            break;
        }
    }
    in_read_requests_ = false;
    if (phase_ == Phase::reading && peer_ended_) return close();
    if (phase_ == Phase::reading || phase_ == Phase::answering || phase_ == Phase::writing)
        input_.assign(bytes);
}

void HttpConnection::incomplete(bool began) {
    if (parser_->state() == RequestParser::State::head) {
        // The first request's time runs since the connection was made.
        if (began && !first_) expire_after(home_->limits.header_deadline);
    } else if (!body_begun_) {
        body_begun_ = true;
        expire_after(home_->limits.body_deadline);
        guarded("a handler of uploads",
                [&] { parser_->request().upload = home_->handler.on_upload(parser_->request()); });
        if (parser_->expects_continue() && parser_->request().body.empty()) {
            const iovec line = buffer_of("HTTP/1.1 100 Continue\r\n\r\n");
            const auto sent = stream_->write_some({&line, 1});
            // Nothing is waiting before it, so a kernel that does not take these few bytes takes none.
            if (sent != line.iov_len) close();
        }
    }
}

void HttpConnection::dispatch(std::string_view rest) {
    const auto parser = std::exchange(parser_, nullptr);
    Request request = std::move(parser->request());
    request.peer = peer_;
    first_ = false;
    body_begun_ = false;
    head_only_ = request.method == "HEAD";
    http_1_1_ = request.http_1_1;
    closing_ = !parser->keep_alive();
    ++exchange_;
    never_expire();
    home_->stats->requests.fetch_add(1, std::memory_order_relaxed);
    if (parser->wants_upgrade()) {
        input_.assign(rest);
        hand_to_upgrade(std::move(request));
    } else {
        phase_ = Phase::answering;
        if (!guarded("a handler of requests", [&] {
                home_->handler.on_request(std::move(request), Responder(shared_from_this(), exchange_));
            })) {
            give_up();
        }
    }
}

void HttpConnection::hand_to_upgrade(Request request) {
    phase_ = Phase::upgrading;
    // One that throws drops the Upgrade, which answers.
    guarded("a handler of upgrades",
            [&] { home_->handler.on_upgrade(std::move(request), Upgrade(shard_, shared_from_this())); });
}

// The handler of the request threw. Most often its Responder fell on the way and has answered.
void HttpConnection::give_up() {
    switch (phase_) {
        case Phase::answering:
            closing_ = true;
            return respond(internal_error());
        case Phase::reading:
            return linger();
        case Phase::writing:
            closing_ = true;
            return;
        case Phase::upgrading:
        case Phase::lingering:
        case Phase::closed:
            return;
    }
}

void HttpConnection::refuse_request(unsigned status, std::string_view why) {
    home_->stats->bad_requests.fetch_add(1, std::memory_order_relaxed);
    Request& so_far = parser_->request();
    so_far.peer = peer_;
    head_only_ = so_far.method == "HEAD";
    Response response;
    if (!guarded("a handler of bad requests",
                 [&] { response = home_->handler.on_bad_request(status, why, so_far); })) {
        response = internal_error();
    }
    parser_.reset();
    ++exchange_;
    closing_ = true;
    phase_ = Phase::answering;
    respond(std::move(response));
}

void HttpConnection::answer(std::uint64_t exchange, Response response) {
    if (shard_.is_current()) return take_answer(exchange, std::move(response));
    shard_.post([self = shared_from_this(), exchange, response = std::move(response)]() mutable {
        self->take_answer(exchange, std::move(response));
    });
}

void HttpConnection::take_answer(std::uint64_t exchange, Response response) {
    if (phase_ != Phase::answering || exchange != exchange_) return;
    const auto self = self_;
    respond(std::move(response));
}

void HttpConnection::refuse(Response response) {
    if (phase_ != Phase::upgrading) return;
    const auto self = self_;
    phase_ = Phase::answering;
    closing_ = true;
    respond(std::move(response));
}

void HttpConnection::respond(Response response) {
    abort_.reset();
    closing_ = closing_ || response.close || home_->draining;
    const auto persistence = closing_    ? Persistence::close
                             : http_1_1_ ? Persistence::keep_alive
                                         : Persistence::keep_alive_1_0;
    thread_local std::string head;
    write_head(head, response, persistence, shard_.clock().wall_now());
    if (head_only_ || !may_have_body(response.status)) response.body.clear();
    write(head, std::move(response.body));
}

void HttpConnection::write(std::string_view head, std::string body) {
    const std::array buffers{buffer_of(head), buffer_of(body)};
    const auto sent = stream_->write_some(std::span(buffers).first(body.empty() ? 1 : 2));
    if (!sent) return close();
    if (*sent == head.size() + body.size()) return answered();
    phase_ = Phase::writing;
    const HttpLimits& limits = home_->limits;
    expire_after(limits.body_deadline);
    const auto seconds =
        (head.size() + body.size()) / std::max<std::size_t>(1, limits.least_bytes_per_second);
    const auto last = deadline_ + std::chrono::seconds(seconds);
    output_ = std::make_unique<Output>(Output{std::string(head), std::move(body), *sent, last});
}

void HttpConnection::on_writable() {
    if (!output_) return;
    const auto self = self_;
    const std::string_view head = output_->head;
    const std::string_view body = output_->body;
    const auto of_head = std::min(output_->sent, head.size());
    const std::array buffers{buffer_of(head.substr(of_head)),
                             buffer_of(body.substr(output_->sent - of_head))};
    const auto sent = stream_->write_some(buffers);
    if (!sent) return close();
    output_->sent += *sent;
    if (output_->sent == head.size() + body.size()) {
        output_.reset();
        return answered();
    }
    // Slow is allowed, dead is not, and neither is a trickle that would keep the answer for ever.
    if (*sent > 0) {
        expire_after(std::min(home_->limits.body_deadline, output_->last - shard_.timers().now()));
    }
}

void HttpConnection::answered() {
    if (closing_) return linger();
    phase_ = Phase::reading;
    expire_after(home_->limits.idle_deadline);
    if (in_read_requests_) return;  // which goes on with what is behind
    if (input_.empty()) {
        if (peer_ended_) return close();
    } else {
        // Later, because whoever answered need not expect to be handed the next request meanwhile.
        shard_.post([self = shared_from_this()] {
            if (self->phase_ == Phase::reading && !self->input_.empty()) self->read_kept();
        });
    }
    if (input_.size() < most_input) stream_->start_reading();
}

// Closing with unread bytes would reset the connection and could take the answer from the peer, so it is
// given the time to read it.
void HttpConnection::linger() {
    if (peer_ended_) return close();
    phase_ = Phase::lingering;
    input_ = std::string();
    stream_->shutdown_send();
    stream_->start_reading();
    expire_after(linger_deadline);
}

void HttpConnection::watch_abort(std::uint64_t exchange, Shard& where, std::function<void()> aborted) {
    shard_.dispatch(
        [self = shared_from_this(), exchange, where = &where, aborted = std::move(aborted)]() mutable {
            if (self->phase_ != Phase::answering || exchange != self->exchange_) return;
            if (self->peer_ended_) {
                where->post(std::move(aborted));
            } else {
                self->abort_ = std::make_unique<Abort>(Abort{*where, std::move(aborted)});
            }
        });
}

UpgradedSocket HttpConnection::release() {
    if (phase_ != Phase::upgrading) return {Socket(shard_.context())};
    UpgradedSocket out{stream_->release(), std::move(input_), UpgradedCount(home_->stats)};
    close();
    return out;
}

void HttpConnection::drain() {
    // Bytes in the kernel are a request that was sent before the client could know.
    if (phase_ == Phase::reading && !parser_ && input_.empty() && !stream_->has_unread()) close();
}

void HttpConnection::expire_after(Duration after) {
    const TimePoint now = shard_.timers().now();
    deadline_ = now + after;
    // A timer that looks early enough stays: moving it for each request would cost more than one look.
    if (timer_.armed() && timer_due_ <= deadline_) return;
    timer_due_ = deadline_;
    timer_.arm(after);
}

void HttpConnection::on_timer() {
    if (deadline_ == TimePoint::max()) return;
    const TimePoint now = shard_.timers().now();
    if (now < deadline_) return expire_after(deadline_ - now);
    const auto self = self_;
    if (phase_ == Phase::reading && parser_) {
        const bool in_head = parser_->state() == RequestParser::State::head;
        return refuse_request(408, in_head ? "the headers took too long" : "the body took too long");
    }
    close();
}

}  // namespace pulse::net
