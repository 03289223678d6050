#include "socketio/source_recovery.hpp"

#include "base/log.hpp"
#include "socketio/namespace_impl.hpp"
#include "socketio/packet.hpp"
#include "socketio/socket_impl.hpp"

namespace pulse::socketio {

SourceRecovery::SourceRecovery(NamespaceImpl& nsp, SourceRecoveryOptions options)
    : nsp_(nsp), options_(std::move(options)), seal_(options_.secret) {}

std::uint64_t SourceRecovery::claim(const std::string& sid) {
    const std::lock_guard lock(mutex_);
    return claims_[sid] = ++last_claim_;
}

bool SourceRecovery::use(const std::string& sid, std::uint64_t claim) {
    const std::lock_guard lock(mutex_);
    const auto found = claims_.find(sid);
    if (found == claims_.end() || found->second != claim) return false;
    claims_.erase(found);
    return true;
}

void SourceRecovery::admit(const std::shared_ptr<SocketImpl>& socket) {
    std::string owner;
    if (!socket->guarded("recovery", [&] { owner = options_.source->owner(*socket); })) return;
    const auto* presented = socket->recovery();
    if (!presented || presented->pid.empty()) return admit_newcomer(socket, owner);
    auto session =
        seal_.open(presented->pid, nsp_.name(), owner, socket->home().clock().wall_now(), options_.max_age);
    if (!session) return not_recovered(socket);
    // Its old connection may still look alive from here, or be coming back too: of all, the newest stays.
    const std::string sid = session->sid;
    const auto claimed = claim(sid);
    nsp_.end_socket(sid, [this, nsp = nsp_.shared_from_this(), weak = std::weak_ptr(socket),
                          home = &socket->home(), claimed, session = std::move(*session)] {
        home->dispatch([this, nsp, weak, claimed, session] {
            const auto waiting = weak.lock();
            if (waiting && waiting->awaiting_admission()) {
                take_over(waiting, claimed, session);
            } else {
                use(session.sid, claimed);  // it left meanwhile
            }
        });
    });
}

void SourceRecovery::take_over(const std::shared_ptr<SocketImpl>& socket, std::uint64_t claim,
                               const SessionSeal::Session& session) {
    // In the room of its id first: who claims the id from here on finds it there, and ends it.
    socket->join(session.sid);
    if (use(session.sid, claim)) {
        resume(socket, session);
    } else {
        socket->close_connection();
    }
}

void SourceRecovery::resume(const std::shared_ptr<SocketImpl>& socket, const SessionSeal::Session& session) {
    const auto* presented = socket->recovery();
    LastSeen seen{session.start, std::nullopt};
    if (!presented->offset.empty()) seen.offset = presented->offset;
    auto done = [this, nsp = nsp_.shared_from_this(), weak = std::weak_ptr(socket), home = &socket->home(),
                 session](std::optional<std::vector<MissedEvent>> missed) {
        home->dispatch([this, nsp, weak, session, missed = std::move(missed)] {
            const auto waiting = weak.lock();
            if (!waiting || !waiting->awaiting_admission()) return;
            if (!missed) {
                waiting->leave(session.sid);
                return not_recovered(waiting);
            }
            count(nsp_.shared().stats.recovered);
            waiting->accept({session.sid, session.pid, true, encode(*missed)});
        });
    };
    socket->guarded("recovery", [&] { options_.source->resume(*socket, std::move(seen), std::move(done)); });
}

void SourceRecovery::not_recovered(const std::shared_ptr<SocketImpl>& socket) {
    count(nsp_.shared().stats.not_recovered);
    std::string owner;
    if (socket->guarded("recovery", [&] { owner = options_.source->owner(*socket); }))
        admit_newcomer(socket, owner);
}

void SourceRecovery::admit_newcomer(const std::shared_ptr<SocketImpl>& socket, const std::string& owner) {
    auto done = [this, weak = std::weak_ptr(socket), home = &socket->home(), nsp = nsp_.shared_from_this(),
                 owner](std::string offset) {
        home->dispatch([this, weak, home, nsp, owner, offset = std::move(offset)] {
            const auto waiting = weak.lock();
            if (!waiting || !waiting->awaiting_admission()) return;
            auto session = seal_.seal(nsp_.name(), owner, home->id(), is_offset(offset) ? offset : "",
                                      home->clock().wall_now());
            waiting->accept({std::move(session.sid), std::move(session.pid), false, {}});
        });
    };
    socket->guarded("recovery", [&] { options_.source->begin(*socket, std::move(done)); });
}

std::vector<Outgoing> SourceRecovery::encode(const std::vector<MissedEvent>& events) const {
    std::vector<Outgoing> packets;
    packets.reserve(events.size());
    for (const auto& missed : events) {
        auto text = encode_event(nsp_.name(), missed.event, missed.args);
        if (is_offset(missed.offset)) {
            append_offset(text, missed.offset);
        } else {
            guard_offset(text, missed.args);
        }
        packets.push_back(Outgoing::make(text, missed.args.attachments));
    }
    return packets;
}

std::unique_ptr<Recovery> make_source_recovery(NamespaceImpl& nsp, SourceRecoveryOptions options) {
    return std::make_unique<SourceRecovery>(nsp, std::move(options));
}

}  // namespace pulse::socketio
