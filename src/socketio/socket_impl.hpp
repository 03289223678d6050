#pragma once
// The Socket behind the interface: one client in one namespace. Owned by its Client, touched only on its
// shard. Ends once, through end() or refuse(); what still runs then holds it by shared_ptr.
#include <memory>
#include <string>

#include "net/timers.hpp"
#include "socketio/ack_table.hpp"
#include "socketio/held_events.hpp"
#include "socketio/outgoing.hpp"
#include "socketio/packet.hpp"
#include "socketio/recovery_impl.hpp"
#include "socketio/rooms.hpp"
#include "socketio/socket.hpp"
#include "socketio/socket_events.hpp"
#include "socketio/user_seats.hpp"

namespace pulse::socketio {

class Client;
class NamespaceImpl;
class LocalNamespace;

class SocketImpl final : public Socket, public Member, public std::enable_shared_from_this<SocketImpl> {
public:
    SocketImpl(Client& client, std::shared_ptr<NamespaceImpl> nsp, boost::json::object auth);

    const std::string& id() const override { return id_; }
    Namespace& nsp() override;
    net::Shard& home() override { return home_; }
    HandshakeView handshake() const override;
    bool connected() const override { return state_ == State::connected; }
    bool recovered() const override { return recovered_; }
    std::shared_ptr<void>& data() override { return data_; }
    void drop_handshake() override { auth_.reset(); }
    HandlerId on(std::string event, EventHandler handler) override {
        return events_.on(std::move(event), std::move(handler), false);
    }
    HandlerId once(std::string event, EventHandler handler) override {
        return events_.on(std::move(event), std::move(handler), true);
    }
    HandlerId on_any(AnyHandler handler) override { return events_.on_any(std::move(handler)); }
    HandlerId prepend_any(AnyHandler handler) override { return events_.prepend_any(std::move(handler)); }
    HandlerId on_any_outgoing(AnyOutgoingHandler handler) override {
        return events_.on_any_outgoing(std::move(handler));
    }
    HandlerId on_disconnect(std::function<void(DisconnectReason)> handler) override {
        return events_.on_disconnect(std::move(handler));
    }
    HandlerId on_error(std::function<void(const EventError&)> handler) override {
        return events_.on_error(std::move(handler));
    }
    bool off(HandlerId handler) override { return events_.off(handler); }
    bool off(std::string_view event) override { return events_.off(event); }
    void use(EventMiddleware middleware) override { events_.use(std::move(middleware)); }
    using Member::in;
    using Socket::in;
    void emit_as(const EmitOptions& how, std::string_view event, const Args& args) override;
    void emit_with_ack_as(const EmitOptions& how, std::string_view event, const Args& args,
                          AckCallback done) override;
    void join(std::string_view room) override;
    void leave(std::string_view room) override;
    std::vector<std::string> rooms() const override;
    BroadcastOperator broadcast() override;
    void disconnect(bool close) override;
    void close_connection() override;
    engineio::TransportKind transport() const override;
    std::function<void(std::function<void(Socket&)>)> handle() override;
    void report(const EventError& error) override;

    // What the namespace and the client tell it.
    std::shared_ptr<Client> client() const;
    bool awaiting_admission() const { return state_ == State::connecting; }
    const std::string& nsp_name() const;
    void note_return();                      // keeps what CONNECT says of an earlier session
    void accept(Admission how);              // all middleware agreed
    void refuse(const ConnectError& error);  // one did not
    void take_seat(std::unique_ptr<UserSeat> seat) { seat_ = std::move(seat); }
    bool has_seat() const { return seat_ != nullptr; }
    void receive_event(std::string name, Args args, std::optional<AckId> id);
    SocketEvents& events() { return events_; }
    std::size_t max_held_events() const;
    void receive_ack(std::uint64_t id, Args args);
    SocketRecovery* recovery() { return recovery_.get(); }
    SocketRecovery& make_recovery();
    void leave_with_notice();  // sends DISCONNECT, then ends
    void end(DisconnectReason reason);

    // False if it was not sent: gone, or volatile and not writable now, or in the place of an older one.
    bool deliver(const Outgoing& packet, Delivery delivery);
    void send_held();  // the connection is writable again
    // False if too many are awaited already.
    bool expect_ack(std::uint64_t id, Duration timeout, AckCallback done);
    void give_up_ack(std::uint64_t id);  // what it would answer was not sent

    // Runs application code; if it throws, that is logged and costs the connection. False if it threw.
    template <class Work>
    bool guarded(std::string_view what, Work&& work) {
        try {
            work();
            return true;
        } catch (const std::exception& error) {
            failed(what, error.what());
        } catch (...) {
            failed(what, "unknown exception");
        }
        return false;
    }

private:
    // Of what was held, that is queued at once: more would only wait there, where newer cannot replace it.
    static constexpr std::size_t held_bytes_at_once = 64 * 1024;
    enum class State : std::uint8_t { connecting, connected, gone };
    struct PendingAcks {  // made with the first acknowledgement asked for
        AckTable table;
        net::Timer timer;
    };

    bool tell_and_send(const Outgoing& packet);  // false: who was told has ended it
    void send(const Outgoing& packet);
    bool is_seated();
    void send_retained(std::optional<std::string_view> room);
    bool deliver_to_slow(const Outgoing& packet, Delivery delivery);
    bool is_behind() const;       // so that what need not be queued is not
    bool is_over_bounds() const;  // of the namespace
    Ack make_ack(AckId id);
    void send_ack(AckId id, const Args& args);
    void settle_ack(std::uint64_t id, std::optional<Args> answer);
    void fail_overdue_acks();
    void rearm_ack_timer();
    void failed(std::string_view what, std::string_view why);
    LocalNamespace& local() const;
    void leave_all_rooms();

    Client* client_;                            // nullptr once it has ended
    engineio::Session* session_;                // likewise; here too, for it is what a broadcast needs
    const std::shared_ptr<NamespaceImpl> nsp_;  // holds a dynamic one
    net::Shard& home_;
    State state_ = State::connecting;
    bool recovered_ = false;
    const bool msgpack_;  // what its client speaks
    const WallTime issued_;
    std::string id_;  // changes once, if it is recovered
    std::unique_ptr<const boost::json::object> auth_;
    std::shared_ptr<void> data_;
    SocketEvents events_;
    std::unique_ptr<PendingAcks> acks_;
    std::unique_ptr<SocketRecovery> recovery_;
    std::unique_ptr<HeldEvents> held_;  // while something is held
    std::unique_ptr<UserSeat> seat_;    // among its user's sockets, if they are limited
};

}  // namespace pulse::socketio
