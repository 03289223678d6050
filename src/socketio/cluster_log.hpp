#pragma once
// What an adapter supplies so that a client may come back to another node (recovery.hpp,
// ClusterRecoveryOptions): the recoverable events of the namespace in the one order that all its nodes have,
// and the sessions of those who left. Positions grow with that order; 0 is before all of them.
#include <boost/json/value.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "socketio/namespace.hpp"

namespace pulse::socketio {

struct LoggedEvent {
    std::uint64_t position = 0;
    Target target;
    std::string event;
    Args args;
};

// A client that left, and may come back.
struct LeftSession {
    std::string sid;
    std::string pid;
    std::string owner;
    std::vector<std::string> rooms;
    boost::json::value data;
    // Where it began, the last event it was sent, and up to where everything for it had been sent. Nodes of
    // another kind do not know them: then only the client's offset says what it has.
    struct Positions {
        std::uint64_t start = 0;
        std::uint64_t sent = 0;
        std::uint64_t settled = 0;
    };
    std::optional<Positions> positions;
};

// Any thread. Callbacks come once, on any thread unless it says otherwise.
class ClusterLog {
public:
    virtual ~ClusterLog() = default;
    // Of an offset as clients have it; 0: it is none of this log's.
    virtual std::uint64_t position_of(std::string_view offset) const = 0;
    virtual std::string offset_of(std::uint64_t position) const = 0;
    // Of the newest event that was handed to the shards, or is just being.
    virtual std::uint64_t head() const = 0;
    // Every event up to here is in its sockets' hands.
    virtual std::uint64_t settled() const = 0;

    virtual void save(LeftSession session, Duration keep) = 0;
    // The session stays where it is.
    virtual void find(const std::string& pid, std::function<void(std::optional<LeftSession>)> done) = 0;
    struct Missed {
        std::vector<std::shared_ptr<const LoggedEvent>> events;
        std::uint64_t up_to = 0;  // of what is handed to the shards afterwards, only what is later is news
    };
    // Takes the session, which nobody can do twice, and what came after a position for whoever is in these
    // rooms. `done` is called between two events that are handed to the shards. nullopt: somebody else took
    // it, or the log no longer has all of that; then the session is left.
    virtual void take(const std::string& pid, std::uint64_t after, std::vector<std::string> rooms,
                      std::function<void(std::optional<Missed>)> done) = 0;
};

}  // namespace pulse::socketio
