#include "redis/login.hpp"

namespace pulse::redis {

Login login_to(const Target& target, std::string_view name) {
    Login login;
    const auto say = [&login](LoginStep step, const Command& command) {
        login.steps.push_back(step);
        login.bytes += command.bytes();
    };
    if (!target.user.empty()) {
        say(LoginStep::auth, {"AUTH", target.user, target.password});
    } else if (!target.password.empty()) {
        say(LoginStep::auth, {"AUTH", target.password});
    }
    if (!name.empty()) say(LoginStep::name, {"CLIENT", "SETNAME", name});
    if (target.database != 0) say(LoginStep::select, {"SELECT", std::to_string(target.database)});
    // Refused without a log-in, and while Redis still loads its data.
    say(LoginStep::ping, {"PING"});
    return login;
}

std::optional<std::string> problem_with(LoginStep step, const Reply& reply, const Target& target) {
    if (!reply.is_error()) return std::nullopt;
    const std::string_view text = reply.text;
    if (text.starts_with("NOAUTH")) {
        return "it wants a password: set REDIS_URL=redis://[USER]:PASSWORD@…";
    }
    switch (step) {
        case LoginStep::name:  // a name is a courtesy: a user may lack the right to give one
            return std::nullopt;
        case LoginStep::auth:
            if (text.starts_with("WRONGPASS") || text.find("invalid password") != std::string_view::npos) {
                return "it refuses user or password: check those of REDIS_URL";
            }
            if (text.find("without any password") != std::string_view::npos) {
                return "it has no password for this user: leave the one in REDIS_URL out";
            }
            // The rest of the text may repeat what was sent.
            return "it refuses the log-in (" + std::string(text.substr(0, text.find(' '))) + ")";
        case LoginStep::select:
            return "it refuses database " + std::to_string(target.database) + ": " + reply.text;
        case LoginStep::ping:
            if (text.starts_with("LOADING")) return "it is loading its data";
            break;
    }
    return reply.text;
}

}  // namespace pulse::redis
