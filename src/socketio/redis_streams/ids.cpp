#include "socketio/redis_streams/ids.hpp"

#include <string_view>

#include "base/random.hpp"

namespace pulse::socketio::redis_streams {

std::string make_id() {
    static constexpr std::string_view digits = "0123456789abcdef";
    unsigned char bytes[8];
    random_bytes(bytes);
    std::string id;
    for (const auto byte : bytes) {
        id += digits[byte >> 4];
        id += digits[byte & 15];
    }
    return id;
}

}  // namespace pulse::socketio::redis_streams
