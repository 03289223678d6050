#pragma once
// The compression of polling answers (the reference server's httpCompression). Answers are not to be stored
// by anybody (Cache-Control), so they need no Vary. Pure; any thread.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "engineio/server.hpp"
#include "net/http_message.hpp"

namespace pulse::engineio {

// Compressing holds up the shard's other clients, a few milliseconds for this many bytes; more goes as it is.
inline constexpr std::size_t most_compressed = 256 * 1024;

// From which size on the payloads that answer this request are compressed.
std::size_t compression_for(const net::Request& request, const Options& options);

// nullopt if it does not get smaller.
std::optional<std::string> gzip(std::string_view bytes);

}  // namespace pulse::engineio
