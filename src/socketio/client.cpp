#include "socketio/client.hpp"

#include <algorithm>
#include <boost/json/serialize.hpp>

#include "base/log.hpp"
#include "socketio/msgpack_packet.hpp"

namespace pulse::socketio {
namespace json = boost::json;

namespace {

DisconnectReason to_disconnect_reason(engineio::CloseReason reason) {
    switch (reason) {
        case engineio::CloseReason::transport_close:
            return DisconnectReason::transport_close;
        case engineio::CloseReason::transport_error:
            return DisconnectReason::transport_error;
        case engineio::CloseReason::ping_timeout:
            return DisconnectReason::ping_timeout;
        case engineio::CloseReason::parse_error:
            return DisconnectReason::parse_error;
        case engineio::CloseReason::forced_close:
            return DisconnectReason::forced_close;
        case engineio::CloseReason::server_shutting_down:
            return DisconnectReason::server_shutting_down;
        case engineio::CloseReason::too_slow:
            return DisconnectReason::too_slow;
    }
    return DisconnectReason::transport_error;
}

Parser parser_of(const engineio::Session& session, const Options& options) {
    if (options.parser_query.empty()) return options.parser;
    const auto chosen = net::query_value(session.handshake().request.query(), options.parser_query);
    if (chosen == "msgpack") return Parser::msgpack;
    return chosen == "json" ? Parser::json : options.parser;
}

std::string text_of(const json::string& text) { return {text.data(), text.size()}; }

}  // namespace

Client::Client(Shared& shared, NamespaceRegistry& namespaces, engineio::Session& session)
    : shared_(shared),
      namespaces_(namespaces),
      session_(&session),
      parser_(parser_of(session, shared.options)) {}

void Client::start() {
    join_timer_ = std::make_unique<net::Timer>(session_->home().timers(), [this] {
        // The timer must not be destroyed while it calls us.
        session_->home().post([self = shared_from_this()] {});
        close(DisconnectReason::forced_server_close);
    });
    join_timer_->arm(shared_.options.connect_timeout);
}

void Client::on_text(std::string_view text) {
    if (closed_ || is_over_rate()) return;
    if (assembler_ || parser_ == Parser::msgpack) return invalid_packet(PacketError::unexpected_text);
    const auto head = parse_head(text, shared_.options.max_attachments);
    if (head.has_error()) return invalid_packet(head.error());
    auto payload = parse_payload(*head);
    if (payload.has_error()) return invalid_packet(payload.error());
    if (head->attachments > 0) {
        assembler_ =
            std::make_unique<Assembler>(*head, std::move(*payload), shared_.options.max_attachment_bytes);
        return;
    }
    receive(*head, std::move(*payload), {});
}

void Client::on_binary(std::string_view bytes) {
    if (closed_ || is_over_rate()) return;
    if (parser_ == Parser::msgpack) {
        auto packet = parse_msgpack_packet(bytes, shared_.options.max_attachments,
                                           shared_.options.max_attachment_bytes);
        return packet ? receive(std::move(*packet)) : invalid_packet(packet.error());
    }
    if (!assembler_) return invalid_packet(PacketError::unexpected_binary);
    const auto complete = assembler_->add(bytes);
    if (complete.has_error()) return invalid_packet(complete.error());
    if (!*complete) return;
    receive(std::exchange(assembler_, nullptr)->take());
}

void Client::receive(BinaryPacket packet) {
    receive({packet.type, packet.attachments.size(), packet.nsp, packet.id, {}}, std::move(packet.payload),
            std::move(packet.attachments));
}

void Client::on_upgrade() {
    Monitor* watcher = shared_.watcher();
    if (!watcher) return;
    const auto sockets = sockets_;
    for (const auto& socket : sockets) {
        if (socket->connected()) watcher->upgraded(*socket);
    }
}

void Client::on_writable() {
    const auto sockets = sockets_;  // what is sent may close the connection
    for (const auto& socket : sockets) socket->send_held();
}

void Client::on_close(engineio::CloseReason reason) {
    if (!closed_) {
        closed_ = true;
        end_sockets(to_disconnect_reason(reason));
    }
    session_ = nullptr;
}

void Client::close(DisconnectReason reason) {
    if (closed_) return;
    const auto self = shared_from_this();
    closed_ = true;
    end_sockets(reason);
    if (session_) session_->close();
}

void Client::disconnect_all() {
    const auto self = shared_from_this();
    const auto sockets = sockets_;
    for (const auto& socket : sockets) socket->leave_with_notice();
    close(DisconnectReason::server_namespace_disconnect);
}

void Client::end_sockets(DisconnectReason reason) {
    if (join_timer_) join_timer_->cancel();
    assembler_.reset();
    const auto sockets = std::exchange(sockets_, {});
    for (const auto& socket : sockets) socket->end(reason);
}

void Client::send(PacketType type, std::string_view packet) {
    if (closed_ || !session_) return;
    count_out(shared_.stats, type);
    session_->send(parser_ == Parser::msgpack ? to_msgpack(packet) : engineio::Frame::text_message(packet));
}

void Client::joined(std::string_view nsp) {
    join_timer_.reset();
    std::erase(left_, nsp);
}

void Client::forget(SocketImpl& socket) {
    std::erase_if(sockets_, [&](const auto& held) { return held.get() == &socket; });
}

void Client::left(std::string_view nsp) {
    if (has_left(nsp)) return;
    // With namespaces made on demand, their number is the client's to choose.
    if (left_.size() >= shared_.options.max_namespaces_per_client) left_.erase(left_.begin());
    left_.emplace_back(nsp);
}

SocketImpl* Client::find(std::string_view nsp) const {
    for (const auto& socket : sockets_) {
        if (socket->nsp_name() == nsp) return socket.get();
    }
    return nullptr;
}

bool Client::has_left(std::string_view nsp) const {
    return std::find(left_.begin(), left_.end(), nsp) != left_.end();
}

void Client::receive(const PacketHead& head, json::value payload, std::vector<std::string> attachments) {
    count(shared_.stats.packets_in[std::size_t(head.type)]);
    if (head.type == PacketType::connect) return connect(head.nsp, std::move(payload.as_object()));
    if (head.type == PacketType::connect_error) return invalid_state("CONNECT_ERROR from a client");
    SocketImpl* socket = find(head.nsp);
    if (!socket || !socket->connected()) {
        // A packet may cross our DISCONNECT on its way; the other namespaces must not suffer for it.
        if (has_left(head.nsp)) return;
        return invalid_state("packet for a namespace that was not joined");
    }
    if (head.type == PacketType::disconnect)
        return socket->end(DisconnectReason::client_namespace_disconnect);

    Args args(std::move(payload.as_array()));
    args.attachments = std::move(attachments);
    if (head.type == PacketType::ack || head.type == PacketType::binary_ack) {
        if (head.id) socket->receive_ack(head.id->value, std::move(args));
        return;
    }
    // Names may be numbers; handlers know them by their text.
    const json::value name = std::move(args.json.front());
    args.json.erase(args.json.begin());
    socket->receive_event(name.is_string() ? text_of(name.get_string()) : json::serialize(name),
                          std::move(args), head.id);
}

void Client::connect(std::string_view name, json::object auth) {
    // Also while the middleware of a first CONNECT still runs: there is one socket per namespace.
    if (find(name)) return invalid_state("CONNECT to a namespace already joined");
    if (sockets_.size() >= shared_.options.max_namespaces_per_client)
        return refuse(name, "Too many namespaces");
    const auto found = namespaces_.enter(name, auth);
    if (found.refusal == NamespaceRegistry::Refusal::unknown) return refuse(name, "Invalid namespace");
    if (found.refusal == NamespaceRegistry::Refusal::too_many) return refuse(name, "Too many namespaces");
    const auto socket = std::make_shared<SocketImpl>(*this, found.nsp, std::move(auth));
    sockets_.push_back(socket);
    found.nsp->admit(socket, 0);
}

void Client::refuse(std::string_view nsp, std::string_view why) {
    count(shared_.stats.refused);
    send(PacketType::connect_error, encode_connect_error(nsp, {std::string(why)}));
}

bool Client::is_over_rate() {
    const Options& options = shared_.options;
    if (rate_.take(session_->home().timers().now(), options.max_packets_per_second,
                   options.max_packet_burst)) {
        return false;
    }
    count(shared_.stats.over_rate);
    log::debug("socket.io: a client sends more than max_packets_per_second");
    close(DisconnectReason::forced_server_close);
    return true;
}

void Client::invalid_packet(PacketError error) {
    count(shared_.stats.invalid_packets);
    log::debug("socket.io: invalid packet: {}", to_string(error));
    close(DisconnectReason::forced_close);
}

void Client::invalid_state(std::string_view what) {
    count(shared_.stats.invalid_packets);
    log::debug("socket.io: {}", what);
    close(DisconnectReason::forced_server_close);
}

}  // namespace pulse::socketio
