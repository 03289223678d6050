#include "socketio/redis_streams/session_record.hpp"

#include "base/base64.hpp"
#include "socketio/cluster/body.hpp"
#include "socketio/redis_streams/entry_id.hpp"

namespace pulse::socketio::redis_streams {
namespace json = boost::json;

namespace {

// In `data`, which is Node's socket.data.
constexpr std::size_t most_attachments = 100;

std::optional<LeftSession::Positions> read_positions(const json::object& session) {
    const auto start = position_of(cluster::text_member(session, "start"));
    const auto sent = position_of(cluster::text_member(session, "sent"));
    const auto settled = position_of(cluster::text_member(session, "settled"));
    if (!start || !sent || !settled) return std::nullopt;
    return LeftSession::Positions{*start, *sent, *settled};
}

}  // namespace

std::string encode_session(std::string_view nsp, const LeftSession& session) {
    MsgpackWriter writer;
    writer.map(session.positions ? 9 : 6);
    writer.text("sid").text(session.sid).text("pid").text(session.pid);
    writer.text("rooms").array(session.rooms.size());
    for (const auto& room : session.rooms) writer.text(room);
    writer.text("data").value(session.data, {});
    writer.text("nsp").text(nsp).text("owner").text(session.owner);
    if (session.positions) {
        writer.text("start").text(id_of(session.positions->start));
        writer.text("sent").text(id_of(session.positions->sent));
        writer.text("settled").text(id_of(session.positions->settled));
    }
    return base64_encode(writer.take());
}

std::optional<LeftSession> decode_session(std::string_view nsp, std::string_view text) {
    const auto bytes = base64_decode(text);
    if (!bytes || bytes->starts_with('{') || bytes->starts_with('[')) return std::nullopt;
    const auto body = cluster::decode_body(*bytes, most_attachments);
    const auto* object = body.has_value() ? body->value.if_object() : nullptr;
    if (!object) return std::nullopt;
    LeftSession session;
    session.sid = cluster::text_member(*object, "sid");
    session.pid = cluster::text_member(*object, "pid");
    session.owner = cluster::text_member(*object, "owner");
    if (session.sid.empty() || !cluster::read_names(object->if_contains("rooms"), session.rooms)) {
        return std::nullopt;
    }
    if (object->contains("nsp") && cluster::text_member(*object, "nsp") != nsp) return std::nullopt;
    if (const auto* data = object->if_contains("data")) {
        session.data = cluster::plain_json(*data, body->attachments);
    }
    session.positions = read_positions(*object);
    return session;
}

}  // namespace pulse::socketio::redis_streams
