#pragma once
// The answers to requests (request.hpp). Pure; any thread.
#include <string>
#include <string_view>
#include <vector>

#include "socketio/cluster/answers.hpp"
#include "socketio/redis_adapter/shared.hpp"

namespace pulse::socketio::redis_adapter {

// Answers to what we never ask are wrong_shape.
Decoded<Response> decode_response(std::string_view bytes, std::size_t max_attachments);

std::string encode_done(std::string_view request_id);
std::string encode_socket_ids(std::string_view request_id, const std::vector<RemoteSocket>& sockets);
std::string encode_rooms(std::string_view request_id, const std::vector<std::string>& rooms);
std::string encode_fetched(std::string_view request_id, const std::vector<RemoteSocket>& sockets);
std::string encode_server_side_answer(std::string_view request_id, const Args& answer);
std::string encode_client_count(std::string_view request_id, std::size_t clients);
std::string encode_client_answer(std::string_view request_id, const Args& answer, Encoding encoding);

}  // namespace pulse::socketio::redis_adapter
