// The upgrade from polling to websocket, from the probe to the switch: the part of ClientSession that runs
// while it has both. No packet may be lost or overtake another, so nothing but the probe's answer is written
// to the websocket before the client's "5".
#include <utility>

#include "base/guarded.hpp"
#include "engineio/session.hpp"
#include "engineio/session_host.hpp"

namespace pulse::engineio {

bool ClientSession::may_probe() const {
    // A session that began on a websocket, or is on one by now, stays there.
    return state_ == State::open && polling_ && !ws_ && host_.options().allow_upgrades;
}

void ClientSession::probe(std::unique_ptr<WebSocket> socket, std::string answer, std::string leftover) {
    ws_ = std::move(socket);
    probe_.reset(new Probe{{home().timers(), [this] { drop_probe(); }},
                           {home().timers(), [this] { release_poll(); }}});
    probe_->deadline.arm(host_.options().upgrade_timeout);
    ws_->push(Frame::raw(std::move(answer)));
    ws_->flush();
    ws_->start(*this, std::move(leftover));
}

void ClientSession::on_probe_text(std::string_view message) {
    if (message == "2probe") {
        // Once: answers nobody reads would pile up where no limit counts them.
        if (std::exchange(probe_->answered, true)) return;
        ws_->push(Frame::packet("3probe"));
        ws_->flush();
        return release_poll();
    }
    if (message == "5") return finish_upgrade();
    drop_probe();
}

// The client stops polling once its poll has returned.
void ClientSession::release_poll() {
    flush();
    if (polling_) polling_->release("6");
}

// Only the newcomer goes; the session polls on.
void ClientSession::drop_probe() {
    probe_.reset();
    if (ws_) host_.let_go(std::move(ws_), Finish::at_once);
}

void ClientSession::finish_upgrade() {
    probe_.reset();
    const auto polling = std::exchange(polling_, nullptr);
    polling->release("1");
    for (const auto& frame : polling->outbox().frames()) ws_->push(frame);
    host_.stats().upgrades.fetch_add(1, std::memory_order_relaxed);
    host_.stats().open_websocket.fetch_add(1, std::memory_order_relaxed);
    // The heartbeat goes on: a pong that got lost with the old transport is still missed.
    host_.mark(*this);
    guarded("a listener's on_upgrade()", [this] { listener_->on_upgrade(); });
}

}  // namespace pulse::engineio
