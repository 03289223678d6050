#pragma once
// What the people in the admin namespace are told: the server's sums every two seconds, and in development
// mode what its sockets do, up to so much a second. Any shard.
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "net/timers.hpp"
#include "socketio/admin/admin.hpp"
#include "socketio/monitor.hpp"
#include "socketio/namespace_impl.hpp"
#include "socketio/server.hpp"

namespace pulse::socketio {

class AdminMonitor final : public Monitor, public std::enable_shared_from_this<AdminMonitor> {
public:
    AdminMonitor(Server& io, NamespaceImpl& nsp, const AdminOptions& options);
    ~AdminMonitor() override;

    void start();
    // Somebody has come: is told what there is.
    void welcome(Socket& admin);

    void connected(SocketImpl& socket) override;
    void disconnected(SocketImpl& socket, DisconnectReason reason) override;
    void upgraded(SocketImpl& socket) override;
    void joined(SocketImpl& socket, std::string_view room) override;
    void left(SocketImpl& socket, std::string_view room) override;
    void received(SocketImpl& socket, std::string_view event, const Args& args) override;
    void sent(SocketImpl& socket, const Outgoing& packet) override;
    void annotate(SocketImpl& socket, boost::json::value& data) override;
    void stop() override;

private:
    // How much more may be told until the next tick.
    class Budget {
    public:
        void refill(std::int64_t to) { left_.store(to, std::memory_order_relaxed); }
        bool take() {
            return left_.load(std::memory_order_relaxed) > 0 &&
                   left_.fetch_sub(1, std::memory_order_relaxed) > 0;
        }

    private:
        std::atomic<std::int64_t> left_{0};
    };
    using TellSockets = std::function<void(boost::json::array)>;

    void tick();
    void watch();
    bool may_tell_change();
    void tell_event(const char* kind, SocketImpl& socket, std::string_view event, const Args& args);
    boost::json::object stats(const Numbers& now, boost::json::array happened) const;
    void gather_sockets(TellSockets tell);
    boost::json::value timestamp() const;

    NamespaceImpl& nsp_;  // of the admins
    net::Shard& home_;
    const AdminOptions options_;
    const TimePoint started_;
    std::unique_ptr<net::Timer> ticker_;  // touched on home_

    std::mutex mutex_;  // of what follows
    Server* io_;        // nullptr: it has ended
    Numbers before_;

    std::atomic<std::int64_t> others_watch_until_{0};  // ticks of the clock: somebody is on another node
    std::atomic<bool> stale_{false};                   // some change was not told
    Budget changes_;
    Budget events_;
};

}  // namespace pulse::socketio
