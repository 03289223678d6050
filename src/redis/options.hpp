#pragma once
// What can be chosen about a client, and what it counts. Values.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"

namespace pulse::redis {

// The addresses of a host, as text. May block; is called on a thread of its own, which may outlive all else.
using LookUp = std::function<Result<std::vector<std::string>>(const std::string& host)>;

struct Options {
    std::string name = "pulseboard";                       // CLIENT SETNAME; no spaces
    std::string purpose{};                                 // of one of several clients, for the log
    Duration deadline = std::chrono::milliseconds(500);    // see Client; also a command's, if it names none
    Duration connect_within = std::chrono::seconds(3);     // one attempt, log-in included
    Duration first_pause = std::chrono::milliseconds(50);  // between attempts: doubled each time,
    Duration longest_pause = std::chrono::seconds(3);      // up to this, and spread by chance
    Duration heartbeat = std::chrono::seconds(5);          // an idle connection is asked for a sign of life
    std::size_t max_commands = 10'000;                     // not answered yet; beyond: refused at once
    std::size_t max_waiting_bytes = 64 * 1024 * 1024;      // of commands and what is published, likewise
    std::size_t max_reply_bytes = 64 * 1024 * 1024;        // or of a message; beyond: the connection ends
    LookUp look_up{};                                      // empty: the system's
};

struct Stats {  // since the start
    bool up = false;
    std::uint64_t commands = 0;
    std::uint64_t failures = 0;    // commands refused, lost, late or answered with an error
    std::uint64_t timeouts = 0;    // of those: late
    std::uint64_t reconnects = 0;  // connections made after the first, of both kinds
    std::uint64_t messages = 0;    // received from subscriptions
    std::uint64_t in_flight = 0;   // commands now, waiting ones included; without what is published
    std::uint64_t subscriptions = 0;
    std::uint64_t refused = 0;  // of them, by Redis's access rules
};

// `lost` comes once per loss, not once per attempt.
enum class State { lost, up };

}  // namespace pulse::redis
