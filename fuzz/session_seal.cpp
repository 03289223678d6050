// The pid that a client comes back with, and offsets. Nothing but what was sealed is opened, and only for the
// namespace and owner it was sealed for.
#include "socketio/session_seal.hpp"

#include <string>

#include "promise.hpp"
#include "socketio/recovery.hpp"
#include "targets.hpp"

namespace pulse::fuzz {
namespace {

using socketio::SessionSeal;

std::string_view take_part(std::string_view& rest) {
    const auto part = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    return part;
}

}  // namespace

void session_seal(std::string_view input) {
    static const SessionSeal seal("a secret of the fuzzer's own, 32 bytes");
    constexpr WallTime now{std::chrono::seconds(1'800'000'000)};
    constexpr Duration max_age = std::chrono::minutes(2);
    const auto choice = take_choice(input);
    const auto nsp = take_part(input);
    const auto owner = take_part(input);
    promise(!seal.open(input, nsp, owner, now, max_age), "nobody can forge a seal");
    promise(
        !socketio::is_offset(input) || (input.size() <= 128 && input.find_first_of("\"\\\n ,") == input.npos),
        "an offset is short and needs no escapes");

    const auto made = seal.seal(nsp, owner, choice % 64, input, now);
    const auto opened = seal.open(made.pid, nsp, owner, now + std::chrono::seconds(choice), max_age);
    const bool may_open = made.pid.size() <= 512 && choice <= 120;
    promise(opened.has_value() == may_open, "what was sealed is opened while it is young");
    if (!opened) return;
    promise(opened->sid == made.sid && opened->start == input && opened->pid == made.pid,
            "and says the same");
    promise(made.pid.find(made.sid) == made.pid.npos, "a pid does not show the socket's id");
    promise(!seal.open(made.pid, owner, nsp, now, max_age) || nsp == owner,
            "for its namespace and owner only");
    promise(!seal.open(made.pid, std::string(nsp) + '\n', owner, now, max_age), "and no other");
    std::string changed = made.pid;
    changed[choice % changed.size()] = char(changed[choice % changed.size()] ^ (1 + choice / 8));
    promise(!seal.open(changed, nsp, owner, now, max_age), "a changed byte breaks the seal");
}

}  // namespace pulse::fuzz
