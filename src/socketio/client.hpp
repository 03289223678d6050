#pragma once
// One connection: reads its packets, hands each to the socket of its namespace, and decides what becomes of
// what the protocol forbids (Socket.IO protocol 5). Owned by the Engine.IO session through a
// ClientListener, touched only on its shard; ends once, by close() or the session's on_close().
#include <memory>
#include <string>
#include <vector>

#include "engineio/server.hpp"
#include "net/timers.hpp"
#include "socketio/assembler.hpp"
#include "socketio/namespace_registry.hpp"
#include "socketio/packet.hpp"
#include "socketio/packet_rate.hpp"
#include "socketio/shared.hpp"
#include "socketio/socket_impl.hpp"

namespace pulse::socketio {

class Client final : public std::enable_shared_from_this<Client> {
public:
    Client(Shared& shared, NamespaceRegistry& namespaces, engineio::Session& session);
    void start();  // the time to join a namespace runs from here

    void on_text(std::string_view text);
    void on_binary(std::string_view bytes);
    void on_upgrade();
    void on_writable();
    void on_close(engineio::CloseReason reason);

    // Ends every socket with the reason, then closes the session once what is queued has left.
    void close(DisconnectReason reason);
    void disconnect_all();  // DISCONNECT on every namespace, then close

    // Called by its sockets.
    engineio::Session& session() { return *session_; }
    Parser parser() const { return parser_; }
    void send(PacketType type, std::string_view packet);
    void joined(std::string_view nsp);
    void forget(SocketImpl& socket);
    void left(std::string_view nsp);  // after having joined it

private:
    void connect(std::string_view nsp, boost::json::object auth);
    void refuse(std::string_view nsp, std::string_view why);
    void receive(const PacketHead& head, boost::json::value payload, std::vector<std::string> attachments);
    void receive(BinaryPacket packet);
    bool is_over_rate();
    void invalid_packet(PacketError error);
    void invalid_state(std::string_view what);
    void end_sockets(DisconnectReason reason);
    SocketImpl* find(std::string_view nsp) const;
    bool has_left(std::string_view nsp) const;

    Shared& shared_;
    NamespaceRegistry& namespaces_;
    engineio::Session* session_;  // nullptr once it has closed
    const Parser parser_;
    bool closed_ = false;
    PacketRate rate_;
    std::vector<std::shared_ptr<SocketImpl>> sockets_;
    std::vector<std::string> left_;  // lately; what is in flight for these is dropped, not an error
    std::unique_ptr<Assembler> assembler_;
    std::unique_ptr<net::Timer> join_timer_;
};

// What the session owns. The client may outlive it for the rest of the call that closed the session.
class ClientListener final : public engineio::SessionListener {
public:
    explicit ClientListener(std::shared_ptr<Client> client) : client_(std::move(client)) {}
    void on_text(std::string_view message) override { std::shared_ptr(client_)->on_text(message); }
    void on_binary(std::string_view bytes) override { std::shared_ptr(client_)->on_binary(bytes); }
    void on_upgrade() override { std::shared_ptr(client_)->on_upgrade(); }
    void on_writable() override { std::shared_ptr(client_)->on_writable(); }
    void on_close(engineio::CloseReason reason) override { std::shared_ptr(client_)->on_close(reason); }

private:
    const std::shared_ptr<Client> client_;
};

}  // namespace pulse::socketio
