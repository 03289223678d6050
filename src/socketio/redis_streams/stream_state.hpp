#pragma once
// What Redis says of the stream as a whole, and of its entries. Pure; any thread.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "redis/reply.hpp"
#include "socketio/redis_streams/entry_id.hpp"
#include "socketio/redis_streams/message.hpp"

namespace pulse::socketio::redis_streams {

struct StreamState {  // of one that is not there: all 0
    Position first = 0;
    Position last = 0;
    std::string last_id = "0-0";
    bool whole = true;  // nothing was ever removed from it, as far as Redis knows (7 does, 6 does not)

    // Whether it still has all that was added after `position`.
    bool has_all_after(Position position) const {
        return position <= last && (first <= position || (whole && position == 0));
    }
};

// The answer to XINFO STREAM; nullopt: it is something else.
std::optional<StreamState> read_state(const redis::Reply& reply);

// An entry of an answer to XREAD or XRANGE; nullopt: it has no id, or is of no shape. Fields that are missing
// are empty. Views into the reply.
std::optional<Entry> read_entry(const redis::Reply& reply);
// The entries of one stream that XREAD answered; nullptr if it is something else.
const std::vector<redis::Reply>* entries_read(const redis::Reply& reply);

}  // namespace pulse::socketio::redis_streams
