#include "engineio/session_host.hpp"

#include <utility>

#include "base/guarded.hpp"
#include "engineio/cookie.hpp"
#include "engineio/open_packet.hpp"
#include "engineio/sid.hpp"

namespace pulse::engineio {
bool ServerState::admit(const net::Request& request) {
    if (!accepting) return false;
    const auto address = counts_addresses() ? address_of(request) : std::string();
    const bool fits = sessions.fetch_add(1) < options.max_sessions;
    if (fits && (!counts_addresses() || addresses.enter(address, options.max_sessions_per_address)))
        return true;
    sessions.fetch_sub(1);
    stats.refused_over_limit.fetch_add(1, std::memory_order_relaxed);
    return false;
}

SessionHost::SessionHost(net::Shard& home, std::shared_ptr<ServerState> state)
    : home_(home), state_(std::move(state)) {}

ClientSession* SessionHost::find(std::string_view sid) {
    const auto found = sessions_.find(sid);
    return found == sessions_.end() ? nullptr : found->second.get();
}

ClientSession& SessionHost::add(const net::Request& request, bool force_base64) {
    auto session = std::make_shared<ClientSession>(
        *this, make_sid(home_.id()), compact_handshake(request, home_.clock().wall_now()), force_base64);
    ClientSession& added = *session;
    sessions_.emplace(added.sid(), std::move(session));
    if (state_->counts_addresses()) addresses_.emplace(added.sid(), state_->address_of(request));
    stats().opened.fetch_add(1, std::memory_order_relaxed);
    stats().open.fetch_add(1, std::memory_order_relaxed);
    return added;
}

void SessionHost::listen(ClientSession& session) {
    std::unique_ptr<SessionListener> listener;
    guarded("the maker of a session's listener", [&] { listener = state_->on_session(session); });
    if (!listener) session.discard(CloseReason::forced_close);
    session.serve(std::move(listener));
}

void SessionHost::open_polling(const net::Request& request, bool force_base64, Answer answer) {
    ClientSession& session = add(request, force_base64);
    if (options().cookie) answer.set("Set-Cookie", set_cookie(*options().cookie, session.sid()));
    session.begin_polling();
    listen(session);
    // The open packet, and whatever the application sent already, answer the handshake at once.
    session.on_get(std::move(answer));
}

void SessionHost::open_websocket(const net::Request& request, bool force_base64, net::UpgradedSocket taken,
                                 WebSocketAnswer answer) {
    ClientSession& session = add(request, force_base64);
    if (options().cookie) {
        const auto line = "Set-Cookie: " + set_cookie(*options().cookie, session.sid()) + "\r\n";
        answer.head.insert(answer.head.size() - 2, line);  // before the empty line
    }
    session.begin_websocket(make_websocket(std::move(taken.socket), std::move(taken.count), answer.deflate),
                            std::move(answer.head));
    listen(session);
    session.start_reading(std::move(taken.leftover));
}

std::unique_ptr<WebSocket> SessionHost::make_websocket(net::Socket socket, net::UpgradedCount count,
                                                       bool deflate) {
    return std::make_unique<WebSocket>(home_, std::move(socket), std::move(count), deflate, options(),
                                       stats());
}

void SessionHost::mark(ClientSession& session) {
    if (session.flush_place_ != ClientSession::unmarked) return;
    if (marked_.empty()) {
        home_.post([self = shared_from_this()] { self->flush_marked(); });
    }
    session.flush_place_ = std::uint32_t(marked_.size());
    marked_.push_back(&session);
}

void SessionHost::unmark(ClientSession& session) {
    if (session.flush_place_ == ClientSession::unmarked) return;
    marked_[session.flush_place_] = nullptr;
    session.flush_place_ = ClientSession::unmarked;
}

void SessionHost::flush_marked() {
    // By index: a flush may end a session, and then unmark others. Those that have more to send at once,
    // since they were told that they can, wait until others had their turn.
    for (const std::size_t end = marked_.size(); flushed_ < end; ++flushed_) {
        ClientSession* const session = std::exchange(marked_[flushed_], nullptr);
        if (!session) continue;
        session->flush_place_ = ClientSession::unmarked;
        session->flush();
    }
    if (flushed_ == marked_.size()) {
        marked_.clear();
        flushed_ = 0;
    } else {
        // What was flushed is dropped here too: there may be somebody with more to send in every turn.
        marked_.erase(marked_.begin(), marked_.begin() + std::ptrdiff_t(flushed_));
        flushed_ = 0;
        for (std::size_t i = 0; i < marked_.size(); ++i) {
            if (marked_[i]) marked_[i]->flush_place_ = std::uint32_t(i);
        }
        home_.post([self = shared_from_this()] { self->flush_marked(); });
    }
    stats().messages_out.fetch_add(std::exchange(messages_out_, 0), std::memory_order_relaxed);
}

void SessionHost::let_go(std::unique_ptr<WebSocket> socket, Finish how) {
    WebSocket* const key = socket.get();
    leaving_.emplace(key, std::move(socket));
    key->finish(how, [this, key] {
        auto gone = leaving_.extract(key);
        dead_sockets_.push_back(std::move(gone.mapped()));
        reap_later();
    });
}

void SessionHost::announce_end(ClientSession& session, CloseReason reason) {
    stats().open.fetch_sub(1, std::memory_order_relaxed);
    stats().closed[std::size_t(reason)].fetch_add(1, std::memory_order_relaxed);
    ended_.push_back({session.shared_from_this(), reason});
    reap_later();
}

void SessionHost::forget(ClientSession& session) {
    unmark(session);
    waiting_.forget(session);
    state_->sessions.fetch_sub(1);
    if (const auto counted = addresses_.extract(session.sid())) state_->addresses.leave(counted.mapped());
    auto node = sessions_.extract(session.sid());
    dead_sessions_.push_back(std::move(node.mapped()));
    reap_later();
}

void SessionHost::reap_later() {
    if (std::exchange(reap_posted_, true)) return;
    home_.post([self = shared_from_this()] { self->reap(); });
}

void SessionHost::reap() {
    reap_posted_ = false;
    const auto ended = std::exchange(ended_, {});
    const auto sessions = std::exchange(dead_sessions_, {});
    const auto sockets = std::exchange(dead_sockets_, {});
    for (const auto& [session, reason] : ended) {
        if (!session->listener_) continue;
        guarded("a listener's on_close()", [&] { session->listener_->on_close(reason); });
        session->listener_.reset();
    }
    check_closed();
}

void SessionHost::close_all(CloseReason reason, std::size_t per_slice, Duration pause,
                            std::function<void()> done) {
    closings_.emplace_back(new Closing{{home_.timers(), [this] { close_slice(); }},
                                       reason,
                                       std::max<std::size_t>(1, per_slice),
                                       pause,
                                       std::move(done)});
    close_slice();
}

void SessionHost::close_slice() {
    if (closings_.empty()) return;
    Closing& closing = *closings_.front();
    // discard() takes the session out of the table.
    for (std::size_t i = 0; i < closing.per_slice && !sessions_.empty(); ++i) {
        sessions_.begin()->second->discard(closing.reason);
    }
    if (!sessions_.empty()) closing.next_slice.arm(closing.pause);
    reap_later();
}

void SessionHost::check_closed() {
    if (closings_.empty() || !sessions_.empty() || !leaving_.empty() || reap_posted_) return;
    for (const auto& closing : std::exchange(closings_, {})) {
        guarded("what follows the end of all sessions", [&] { closing->done(); });
    }
}

void SessionHost::clear() {
    closings_.clear();
    marked_.clear();
    flushed_ = 0;
    waiting_.clear();
    ended_.clear();
    dead_sessions_.clear();
    dead_sockets_.clear();
    sessions_.clear();
    leaving_.clear();
}

}  // namespace pulse::engineio
