#include "app/command_line.hpp"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <utility>

#include "app/settings_table.hpp"

namespace pulse::app {
namespace {

Error wrong_usage(std::string message) { return Error{ErrorCode::invalid, std::move(message)}; }

void add_setting_flags(CLI::App& app, TextValues& flags) {
    for (const auto& setting : settings_table()) {
        const std::string name(setting.name);
        auto meaning =
            std::string(setting.meaning) + " (default: " + std::string(setting.default_shown) + ")";
        const auto keep = [&flags, name](const std::string& value) { flags[name] = value; };
        app.add_option_function<std::string>(flag_name(setting), keep, meaning)
            ->type_name(name)
            ->take_last()
            ->group("Settings, also as environment variables or in the file .env");
    }
}

// The help of the subcommand it was asked for, or of the program itself.
std::string help_of(const CLI::App& app, const std::string& called_by = {}) {
    const auto chosen = app.get_subcommands();
    if (chosen.empty()) return app.help(called_by);
    return help_of(*chosen.front(), called_by.empty() ? app.get_name() : called_by + " " + app.get_name());
}

// What CLI11 parses: last first, and `--name=` as a name with an empty value, which it would overlook.
std::vector<std::string> prepared(const std::vector<std::string>& arguments) {
    std::vector<std::string> result;
    for (auto argument = arguments.rbegin(); argument != arguments.rend(); ++argument) {
        const bool empty_value = argument->starts_with("--") && argument->find('=') == argument->size() - 1;
        if (empty_value) result.emplace_back();
        result.push_back(empty_value ? argument->substr(0, argument->size() - 1) : *argument);
    }
    return result;
}

// CLI11 says which option lacks what; the place to look it up is the same for all.
std::string one_line(std::string message) {
    std::replace(message.begin(), message.end(), '\n', ' ');
    return message + "; see pulseboard --help";
}

std::string unexpected(const std::vector<std::string>& rest) {
    for (const auto& argument : rest) {
        if (argument.starts_with('-')) return one_line("unknown option " + argument);
    }
    return one_line(rest.empty() ? "an argument too many" : "unknown command " + rest.front());
}

}  // namespace

Result<CommandLine> parse_command_line(const std::vector<std::string>& arguments) {
    CommandLine line;
    bool password_stdin = false;
    CLI::App app("Pulseboard: a live dashboard over Socket.IO", "pulseboard");
    app.set_version_flag("--version", "pulseboard " PULSE_VERSION);
    add_setting_flags(app, line.flags);
    app.fallthrough();  // inherited: settings may stand before or after the subcommand

    const auto* serve = app.add_subcommand("serve", "serve until SIGINT or SIGTERM, then drain");
    const auto* demo =
        app.add_subcommand("demo", "serve on 127.0.0.1 with a demo tenant and simulated activity");
    auto* migrate = app.add_subcommand("migrate", "create or upgrade the database's schema; safe to repeat");
    migrate->add_flag("--down", line.migrate.down,
                      "take away again what was added to a database with other tables (PostgreSQL)");
    auto* recount =
        app.add_subcommand("recount", "compare every tenant's sums with a full count of the database");
    recount->add_flag("--fix", line.recount.fix, "correct what is wrong");
    const auto* check =
        app.add_subcommand("check-config", "print the effective configuration, secrets masked");

    auto* token = app.add_subcommand("token", "print an access token signed with JWT_SECRET");
    token->add_option("--user", line.token.user, "whose token")->type_name("UUID")->required();
    token->add_option("--email", line.token.email, "the user's address")->type_name("ADDRESS");
    token->add_option("--role", line.token.role, "tenant, landlord, broker or service")
        ->capture_default_str();
    token->add_option("--ttl", line.token.ttl, "how long it is valid: 90s, 15m, 12h, 7d")
        ->capture_default_str();

    auto* user = app.add_subcommand("user", "users who can sign in");
    auto* add = user->add_subcommand("add", "create a user and print the id");
    add->add_option("--email", line.user.email, "the address to sign in with")
        ->type_name("ADDRESS")
        ->required();
    add->add_option("--role", line.user.role, "tenant, landlord, broker or service")->required();
    add->add_flag("--password-stdin", password_stdin,
                  "read the password from one line of standard input instead of the terminal");
    for (auto* command : app.get_subcommands(nullptr))
        command->footer("For the settings see pulseboard --help.");

    try {
        app.parse(prepared(arguments));
    } catch (const CLI::CallForHelp&) {
        line.text = help_of(app);
        return line;
    } catch (const CLI::CallForVersion& version) {
        line.text = std::string(version.what()) + "\n";
        return line;
    } catch (const CLI::ExtrasError&) {
        return wrong_usage(unexpected(app.remaining(true)));
    } catch (const CLI::ParseError& problem) {
        // What is unknown explains more than what is missing because of it.
        const auto rest = app.remaining(true);
        return wrong_usage(rest.empty() ? one_line(problem.what()) : unexpected(rest));
    }

    const auto chosen = app.get_subcommands();
    if (chosen.size() != 1) {
        return wrong_usage(one_line(
            chosen.empty() ? "which command? serve, demo, migrate, recount, token, user add or check-config"
                           : "one command at a time"));
    }
    const auto* command = chosen.front();
    if (command == user && user->get_subcommands().empty())
        return wrong_usage(one_line("which command? user add"));
    const std::pair<const CLI::App*, Command> commands[] = {
        {serve, Command::serve},        {demo, Command::demo},   {migrate, Command::migrate},
        {recount, Command::recount},    {token, Command::token}, {user, Command::user_add},
        {check, Command::check_config},
    };
    for (const auto& [candidate, meant] : commands) {
        if (candidate == command) line.command = meant;
    }
    line.user.password_from = password_stdin ? PasswordFrom::standard_input : PasswordFrom::terminal;
    return line;
}

std::optional<std::chrono::seconds> parse_ttl(std::string_view text) {
    constexpr std::chrono::seconds longest = std::chrono::hours(24) * 3650;
    if (text.size() < 2) return std::nullopt;
    std::chrono::seconds unit{};
    switch (text.back()) {
        case 's':
            unit = std::chrono::seconds(1);
            break;
        case 'm':
            unit = std::chrono::minutes(1);
            break;
        case 'h':
            unit = std::chrono::hours(1);
            break;
        case 'd':
            unit = std::chrono::days(1);
            break;
        default:
            return std::nullopt;
    }
    std::int64_t count = 0;
    const auto* end = text.data() + text.size() - 1;
    const auto [stop, problem] = std::from_chars(text.data(), end, count);
    if (problem != std::errc{} || stop != end || count < 1 || count > longest / unit) return std::nullopt;
    return count * unit;
}

}  // namespace pulse::app
