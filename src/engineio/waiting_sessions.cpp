#include "engineio/waiting_sessions.hpp"

#include <algorithm>

#include "engineio/session.hpp"

namespace pulse::engineio {

WaitingSessions::WaitingSessions(net::Timers& timers) : next_look_(timers, [this] { look(); }) {}

void WaitingSessions::note(ClientSession& session) {
    if (session.waiting_place_ != ClientSession::unmarked) return;
    if (sessions_.empty()) next_look_.arm(interval);
    session.waiting_place_ = std::uint32_t(sessions_.size());
    sessions_.push_back(&session);
}

void WaitingSessions::forget(ClientSession& session) {
    if (session.waiting_place_ == ClientSession::unmarked) return;
    ClientSession* const last = sessions_.back();
    sessions_[session.waiting_place_] = last;
    last->waiting_place_ = session.waiting_place_;
    session.waiting_place_ = ClientSession::unmarked;
    sessions_.pop_back();
    if (!sessions_.empty()) return;
    next_look_.cancel();
    publish({});
}

void WaitingSessions::clear() {
    next_look_.cancel();
    sessions_.clear();
}

void WaitingSessions::look() {
    Queues seen;
    for (std::size_t i = 0; i < sessions_.size();) {
        const Outbox& outbox = sessions_[i]->outbox();
        if (outbox.empty()) {
            forget(*sessions_[i]);  // the last one is in its place now
            continue;
        }
        seen.packets += outbox.size();
        seen.bytes += outbox.bytes();
        seen.most_packets = std::max(seen.most_packets, outbox.size());
        seen.most_bytes = std::max(seen.most_bytes, outbox.bytes());
        ++i;
    }
    seen.sessions = sessions_.size();
    publish(seen);
    if (!sessions_.empty()) next_look_.arm(interval);
}

void WaitingSessions::publish(const Queues& seen) {
    published_.sessions = seen.sessions;
    published_.packets = seen.packets;
    published_.bytes = seen.bytes;
    published_.most_packets = seen.most_packets;
    published_.most_bytes = seen.most_bytes;
}

void WaitingSessions::add_to(Queues& all) const {
    all.sessions += published_.sessions;
    all.packets += published_.packets;
    all.bytes += published_.bytes;
    all.most_packets = std::max(all.most_packets, published_.most_packets.load());
    all.most_bytes = std::max(all.most_bytes, published_.most_bytes.load());
}

}  // namespace pulse::engineio
