#pragma once
// The connection of one thread, with the statements on it: opened when it is first needed, and anew after it
// was lost.
#include <atomic>
#include <memory>
#include <string>

#include "base/clock.hpp"
#include "store/postgres/connection.hpp"

namespace pulse::store::postgres {

// While the server does not answer, one thread tries at a time; the others fail at once.
class Gate {
public:
    // Throws DatabaseError if the server refused somebody a moment ago.
    void pass() const {
        if (std::chrono::steady_clock::now().time_since_epoch().count() < closed_until_)
            throw DatabaseError("", "out of reach a moment ago", true);
    }
    void close() {
        closed_until_ =
            (std::chrono::steady_clock::now() + std::chrono::milliseconds(200)).time_since_epoch().count();
    }

private:
    std::atomic<Duration::rep> closed_until_{0};
};

template <class Statements>  // made of ConnectionSettings; has connection()
class ThreadConnection {
public:
    ThreadConnection(const ConnectionSettings& settings, Gate& gate) : settings_(settings), gate_(gate) {}

    Statements& open() {
        if (open_ && open_->connection().is_stale()) open_.reset();
        if (!open_) {
            gate_.pass();
            try {
                open_ = std::make_unique<Statements>(settings_);
            } catch (const DatabaseError&) {
                gate_.close();
                throw;
            }
        }
        return *open_;
    }
    void drop() { open_.reset(); }

private:
    const ConnectionSettings& settings_;
    Gate& gate_;
    std::unique_ptr<Statements> open_;
};

}  // namespace pulse::store::postgres
