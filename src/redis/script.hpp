#pragma once
// A Lua script with the name that Redis knows it by. Immutable; any thread.
#include <string>
#include <string_view>

#include "redis/command.hpp"

namespace pulse::redis {

class Script {
public:
    explicit Script(std::string_view text);

    const std::string& text() const { return text_; }
    const std::string& sha1() const { return sha1_; }

    Command evalsha(Arguments keys, Arguments args) const { return command("EVALSHA", sha1_, keys, args); }
    Command eval(Arguments keys, Arguments args) const { return command("EVAL", text_, keys, args); }

private:
    static Command command(std::string_view verb, std::string_view what, Arguments keys, Arguments args);

    std::string text_;
    std::string sha1_;
};

// As redis.sha1hex() in a script: 40 lower-case digits.
std::string sha1_hex(std::string_view data);

}  // namespace pulse::redis
