#pragma once
// The sockets of a namespace that may be recovered, by the `pid` that only their client knows: the
// connected ones, and for a while those that left. A session that left can be taken once. Pure: time is
// passed in; its owner's lock guards it.
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.hpp"

namespace pulse::socketio {

class SocketImpl;

struct SavedSession {
    std::string sid;
    std::string owner;
    std::uint64_t start = 0;      // position when the session began
    std::uint64_t last_sent = 0;  // position of the last event it was sent
    std::uint64_t settled = 0;    // everything for it up to here had been sent when it left
    std::vector<std::string> rooms;
    std::shared_ptr<void> data;
};

class SavedSessions {
public:
    SavedSessions(std::size_t most, Duration max_age) : most_(most), max_age_(max_age) {}

    void connected(const std::string& pid, std::weak_ptr<SocketImpl> socket);
    // The socket of a session that has not left.
    std::shared_ptr<SocketImpl> find_connected(std::string_view pid) const;
    void left(const std::string& pid, SavedSession session, TimePoint now);
    void forget(std::string_view pid);
    std::optional<SavedSession> take(std::string_view pid, TimePoint now);  // if it has left
    // The same without taking it.
    const SavedSession* find(std::string_view pid, TimePoint now) const;
    bool empty() const { return sessions_.empty(); }
    std::size_t left_count() const { return leaving_.size(); }
    void trim(TimePoint now);
    // The data of sessions that were dropped: its destructors are the application's, for outside of the lock.
    std::vector<std::shared_ptr<void>> take_dropped() { return std::exchange(dropped_, {}); }

private:
    struct Slot {
        std::weak_ptr<SocketImpl> socket;
        std::optional<SavedSession> saved;  // once it has left
        TimePoint left_at{};
        std::uint64_t turn = 0;  // which of `leaving_` is its
    };
    struct Leaving {
        std::string pid;
        std::uint64_t turn;
    };
    struct Hash {
        using is_transparent = void;
        std::size_t operator()(std::string_view pid) const { return std::hash<std::string_view>()(pid); }
    };
    void drop_oldest();

    const std::size_t most_;
    const Duration max_age_;
    std::uint64_t turns_ = 0;
    std::unordered_map<std::string, Slot, Hash, std::equal_to<>> sessions_;
    std::vector<std::shared_ptr<void>> dropped_;
    std::deque<Leaving>
        leaving_;  // oldest first; one whose session was taken meanwhile counts until its turn
};

}  // namespace pulse::socketio
