#pragma once
// What nodes answer each other, whatever the format that carries it. Values.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "socketio/adapter.hpp"
#include "socketio/cluster/body.hpp"

namespace pulse::socketio::cluster {

struct SocketsAnswer {
    std::vector<RemoteSocket> sockets;
};
struct ServerSideAnswer {
    boost::json::value value;
};
struct ClientCount {
    std::size_t clients = 0;
};
struct ClientAnswer {
    Args args;  // one argument, or none
};
struct Response {
    std::string request_id;
    std::variant<SocketsAnswer, ServerSideAnswer, ClientCount, ClientAnswer> what;
};

// The sockets of another node; what is missing stays empty, and nothing without an id is one.
SocketsAnswer take_sockets(boost::json::array& items);
boost::json::array sockets_array(const std::vector<RemoteSocket>& sockets);
// The member `clientCount`; nullopt if it is no number of clients.
std::optional<ClientCount> read_client_count(const boost::json::object& object);
// What is answered is one value: an acknowledgement's first.
boost::json::value first_of(const Args& answer);

}  // namespace pulse::socketio::cluster
