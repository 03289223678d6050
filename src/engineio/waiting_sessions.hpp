#pragma once
// Which sessions of one shard have something waiting that could not leave, and how much: looked at once a
// second while there are any, and published for other threads. So a session that keeps up costs nothing, and
// nobody walks over all of them. Touched on its shard, add_to() excepted.
#include <atomic>
#include <vector>

#include "engineio/server.hpp"
#include "net/timers.hpp"

namespace pulse::engineio {

class ClientSession;

class WaitingSessions {
public:
    explicit WaitingSessions(net::Timers& timers);

    void note(ClientSession& session);    // something is left of what it was sent
    void forget(ClientSession& session);  // it is about to go
    void clear();
    void add_to(Queues& all) const;  // any thread

private:
    static constexpr Duration interval = std::chrono::seconds(1);
    void look();
    void publish(const Queues& seen);

    std::vector<ClientSession*> sessions_;  // each knows its place
    net::Timer next_look_;
    struct {
        std::atomic<std::size_t> sessions{0};
        std::atomic<std::size_t> packets{0};
        std::atomic<std::size_t> bytes{0};
        std::atomic<std::size_t> most_packets{0};
        std::atomic<std::size_t> most_bytes{0};
    } published_;
};

}  // namespace pulse::engineio
