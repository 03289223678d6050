#include "socketio/source_recovery.hpp"

#include "base/log.hpp"
#include "socketio/namespace_impl.hpp"
#include "socketio/packet.hpp"
#include "socketio/socket_impl.hpp"

namespace pulse::socketio {

class SourceRecovery::Claim {
public:
    Claim(SourceRecovery& owner, std::shared_ptr<NamespaceImpl> alive, std::string sid)
        : owner_(owner), alive_(std::move(alive)), sid_(std::move(sid)) {}
    ~Claim() {
        const std::lock_guard lock(owner_.mutex_);
        owner_.resuming_.erase(sid_);
    }

private:
    SourceRecovery& owner_;
    const std::shared_ptr<NamespaceImpl> alive_;
    const std::string sid_;
};

SourceRecovery::SourceRecovery(NamespaceImpl& nsp, SourceRecoveryOptions options)
    : nsp_(nsp), options_(std::move(options)), seal_(options_.secret) {}

std::shared_ptr<SourceRecovery::Claim> SourceRecovery::claim(const std::string& sid) {
    {
        const std::lock_guard lock(mutex_);
        if (!resuming_.insert(sid).second) return nullptr;
    }
    return std::make_shared<Claim>(*this, nsp_.shared_from_this(), sid);
}

void SourceRecovery::admit(const std::shared_ptr<SocketImpl>& socket) {
    std::string owner;
    if (!socket->guarded("recovery", [&] { owner = options_.source->owner(*socket); })) return;
    const auto* presented = socket->recovery();
    if (!presented || presented->pid.empty()) return admit_newcomer(socket, owner);
    auto session =
        seal_.open(presented->pid, nsp_.name(), owner, socket->home().clock().wall_now(), options_.max_age);
    auto claimed = session ? claim(session->sid) : nullptr;
    if (!claimed) {
        count(nsp_.shared().stats.not_recovered);
        return admit_newcomer(socket, owner);
    }
    // Its old connection may still look alive from here: ended first, so that there is one of it.
    const std::string sid = session->sid;
    nsp_.end_socket(sid, [this, weak = std::weak_ptr(socket), home = &socket->home(),
                          claimed = std::move(claimed), session = std::move(*session)] {
        home->dispatch([this, weak, claimed, session] {
            const auto waiting = weak.lock();
            if (waiting && waiting->awaiting_admission()) resume(waiting, claimed, session);
        });
    });
}

void SourceRecovery::resume(const std::shared_ptr<SocketImpl>& socket, std::shared_ptr<Claim> claim,
                            SessionSeal::Session session) {
    const auto* presented = socket->recovery();
    LastSeen seen{session.start, std::nullopt};
    if (!presented->offset.empty()) seen.offset = presented->offset;
    auto done = [this, weak = std::weak_ptr(socket), home = &socket->home(), claim = std::move(claim),
                 session = std::move(session)](std::optional<std::vector<MissedEvent>> missed) {
        home->dispatch([this, weak, claim, session, missed = std::move(missed)] {
            const auto waiting = weak.lock();
            if (!waiting || !waiting->awaiting_admission()) return;
            if (!missed) {
                count(nsp_.shared().stats.not_recovered);
                std::string owner;
                if (waiting->guarded("recovery", [&] { owner = options_.source->owner(*waiting); }))
                    admit_newcomer(waiting, owner);
                return;
            }
            count(nsp_.shared().stats.recovered);
            waiting->accept({session.sid, session.pid, true, encode(*missed)});
        });
    };
    socket->guarded("recovery", [&] { options_.source->resume(*socket, std::move(seen), std::move(done)); });
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
