#pragma once
// Every target: one function that takes whatever bytes a peer may send to one parser, and aborts if a promise
// is broken. fuzzer.cpp makes a libFuzzer program of each; replay.cpp runs the corpora as ordinary tests.
#include <string_view>

namespace pulse::fuzz {

void cookie(std::string_view input);
void http_request(std::string_view input);
void msgpack(std::string_view input);
void packet(std::string_view input);
void payload(std::string_view input);
void query(std::string_view input);
void redis_message(std::string_view input);
void redis_reply(std::string_view input);
void session_seal(std::string_view input);
void ws_frame(std::string_view input);

}  // namespace pulse::fuzz
