#pragma once
// What this node has asked the others and not yet been answered, by request id, each with a deadline. Time
// is passed in; touched by one thread. Callbacks are called from within, and do not throw.
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "socketio/broadcast_acks.hpp"
#include "socketio/cluster/answers.hpp"

namespace pulse::socketio::cluster {

// A command to all nodes, this one included, which is carried out here when it comes back from Redis: so
// every node sees the same order. If it does not come back, it is carried out at the deadline.
struct OwnCommand {
    std::function<void()> carry_out;
};
struct FetchingSockets {
    std::size_t nodes = 0;  // whose answers are missing
    FetchedSockets gathered;
    std::function<void(FetchedSockets)> done;
};
struct AskingServers {
    std::size_t nodes = 0;
    ServerSideAnswers gathered;
    std::function<void(ServerSideAnswers)> done;
};
struct AskingClients {
    std::shared_ptr<BroadcastAcks> acks;
    std::optional<std::size_t> nodes{};  // that will say how many clients they asked; nullopt: not known yet
    std::size_t nodes_counted = 0;
    std::size_t clients = 0;
    std::size_t answers = 0;
};
using Pending = std::variant<OwnCommand, FetchingSockets, AskingServers, AskingClients>;

class PendingRequests {
public:
    // One that already waits under this id ends, incomplete.
    void add(std::string id, TimePoint deadline, Pending pending);
    // Our own command came back.
    void came_back(const std::string& id);
    // For AskingClients.
    void expect_nodes(const std::string& id, std::size_t nodes);
    // An answer; those to unknown requests are dropped, as are those of the wrong kind.
    void answer(Response response);
    // Ends what is overdue with what is there: incomplete. Returns how many waited for others.
    std::size_t expire(TimePoint now);
    void expire_all();
    TimePoint next_deadline() const;  // TimePoint::max() if there is none
    std::size_t size() const { return pending_.size(); }

private:
    struct Entry {
        TimePoint deadline;
        Pending what;
    };
    using Entries = std::map<std::string, Entry>;
    Entry take(Entries::iterator entry);
    void finish_if_complete(Entries::iterator entry);
    Entries pending_;
    std::set<std::pair<TimePoint, std::string>> deadlines_;
};

}  // namespace pulse::socketio::cluster
