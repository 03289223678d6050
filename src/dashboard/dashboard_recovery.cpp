#include "dashboard/dashboard_recovery.hpp"

#include <algorithm>

#include "dashboard/event_json.hpp"
#include "dashboard/replay.hpp"

namespace pulse::dashboard {
namespace {

std::vector<socketio::MissedEvent> to_missed(UserId user, const std::vector<Event>& events,
                                             const std::string& time) {
    std::vector<socketio::MissedEvent> missed;
    missed.reserve(events.size());
    for (const auto& event : events)
        missed.push_back({std::string(event_name(event)), socketio::Args({event_payload(event, time)}),
                          to_offset(user, event.seen)});
    return missed;
}

class TenantLog final : public socketio::RecoverySource {
public:
    TenantLog(DashboardEvents& events, std::function<UserId(socketio::Socket&)> user_of)
        : events_(events), user_of_(std::move(user_of)) {}

    std::string owner(socketio::Socket& socket) override { return user_of_(socket).to_string(); }

    void begin(socketio::Socket& socket, std::function<void(std::string)> done) override {
        const auto user = user_of_(socket);
        events_.begin(user, [user, done = std::move(done)](std::optional<Seen> seen) {
            done(seen ? to_offset(user, *seen) : std::string());
        });
    }

    void resume(socketio::Socket& socket, socketio::LastSeen last,
                std::function<void(std::optional<std::vector<socketio::MissedEvent>>)> done) override {
        const auto user = user_of_(socket);
        const auto start = parse_offset(user, last.start);
        const auto offset = last.offset ? parse_offset(user, *last.offset) : std::nullopt;
        if (!start && !offset) return done(std::nullopt);
        // An offset of an earlier session says nothing about this one.
        const bool begun_since = start && (!offset || offset->changes < start->changes);
        const Seen seen = begun_since ? *start : *offset;
        socket.join(DashboardEvents::room(user));
        events_.resume(user, seen, [this, user, done = std::move(done), home = &socket.home()](auto missed) {
            const auto time = to_iso8601(home->clock().wall_now());
            done(missed ? std::optional(to_missed(user, *missed, time)) : std::nullopt);
            // After the socket is connected, and counted by itself.
            home->dispatch([&events = events_, user] { events.release(user); });
        });
    }

private:
    DashboardEvents& events_;
    const std::function<UserId(socketio::Socket&)> user_of_;
};

}  // namespace

void serve_recovery(socketio::Namespace& nsp, DashboardEvents& events, std::string secret,
                    std::function<UserId(socketio::Socket&)> user_of) {
    nsp.use_recovery(socketio::SourceRecoveryOptions{std::make_shared<TenantLog>(events, std::move(user_of)),
                                                     std::move(secret)});
}

}  // namespace pulse::dashboard
