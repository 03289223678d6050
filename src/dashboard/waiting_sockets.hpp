#pragma once
// The sockets of one tenant that wait to be sent its state. Bounded by the sockets there are: each waits
// once, however often it asks, and is forgotten when it leaves; what a socket can pile up are the
// acknowledgements it wants answered, and those have a bound. Pure; lives with the tenant's follower.
#include <string>
#include <unordered_map>
#include <vector>

#include "socketio/socket.hpp"

namespace pulse::dashboard {

class WaitingSockets {
public:
    struct Wishes {
        bool update = false;     // `kpi:update`: it has just joined
        bool reconnect = false;  // `reconnected`: it asked for the state
        std::vector<socketio::Ack> acks;
    };
    using Sockets = std::unordered_map<std::string, Wishes>;
    // A client that asks again asks after it got no answer; more than these are not asked by a person.
    static constexpr std::size_t max_acks = 16;

    void joined(const std::string& socket_id) { next_[socket_id].update = true; }
    // False if the acknowledgement is one too many: it is not kept, and never called.
    bool asked(const std::string& socket_id, socketio::Ack ack);
    void left(const std::string& socket_id);

    // Whether a read is needed for somebody, and whether for the list of businesses too.
    bool any() const { return !next_.empty(); }
    bool any_asked() const;

    // A read begins: it serves those who wait now. Who asks while it runs waits for the next, since what it
    // finds may be older than what that socket knows of.
    void begin_read() { in_read_.swap(next_); }
    bool any_in_read() const { return !in_read_.empty(); }
    Sockets take_served() { return std::exchange(in_read_, {}); }
    // The read ended without serving them; returns the number of acknowledgements that were too many.
    std::size_t put_back();

private:
    Sockets next_;
    Sockets in_read_;
};

}  // namespace pulse::dashboard
