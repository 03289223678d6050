#pragma once
// The command line (contract section 1), read into a value; nothing is done here. Pure.
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/settings.hpp"
#include "base/result.hpp"

namespace pulse::app {

enum class Command { serve, demo, migrate, recount, token, user_add, check_config, print };

struct TokenOptions {
    std::string user;
    std::string email;
    std::string role = "tenant";
    std::string ttl = "15m";
};

struct MigrateOptions {
    bool down = false;
};

struct RecountOptions {
    bool fix = false;
};

enum class PasswordFrom { terminal, standard_input };

struct UserOptions {
    std::string email;
    std::string role;
    PasswordFrom password_from = PasswordFrom::terminal;
};

struct CommandLine {
    Command command = Command::print;
    std::string text;  // of print: what --help and --version say
    TextValues flags;  // settings, by name
    MigrateOptions migrate;
    RecountOptions recount;
    TokenOptions token;
    UserOptions user;
};

// `arguments` without the program's name. The error is one line that says what to mend.
Result<CommandLine> parse_command_line(const std::vector<std::string>& arguments);

// 90s, 15m, 12h, 7d: a whole number of at least one, up to ten years.
std::optional<std::chrono::seconds> parse_ttl(std::string_view text);

}  // namespace pulse::app
