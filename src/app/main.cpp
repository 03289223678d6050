// The program `pulseboard`: reads the command line and the settings, and hands
// them to the subcommand.
#include <exception>
#include <iostream>

#include "app/command_line.hpp"
#include "app/commands/check_config.hpp"
#include "app/commands/migrate.hpp"
#include "app/commands/recount.hpp"
#include "app/commands/token.hpp"
#include "app/commands/user_add.hpp"
#include "app/dotenv.hpp"
#include "app/exit_code.hpp"
#include "app/open_store.hpp"
#include "app/serve.hpp"
#include "base/clock.hpp"

namespace pulse::app {
namespace {

int refuse(const std::string& message) {
    std::cerr << "pulseboard: " << message << '\n';
    return exit_wrong_usage;
}

int run(const CommandLine& line) {
    if (line.command == Command::print) {
        std::cout << line.text;
        return exit_done;
    }
    auto dotenv = read_dotenv(".env");
    if (!dotenv) return refuse(dotenv.error().message);
    const auto loaded = load_settings({line.flags, read_environment(), std::move(*dotenv)});
    const auto& settings = loaded.settings;
    if (line.command == Command::check_config) return check_config(loaded, std::cout, std::cerr);
    for (const auto& error : loaded.errors) refuse(error);
    if (!loaded.errors.empty()) return exit_wrong_usage;

    switch (line.command) {
        case Command::serve:
            if (const auto missing = missing_for_serve(settings)) return refuse(*missing);
            return serve(settings);
        case Command::demo:
            return demo(settings);
        case Command::migrate:
            return migrate(settings, line.migrate.down ? Direction::down : Direction::up, std::cout,
                           std::cerr);
        case Command::recount:
            return recount(settings, line.recount.fix ? store::Recount::fix : store::Recount::report,
                           std::cout, std::cerr);
        case Command::token:
            return print_token(settings, line.token, system_clock().wall_now(), std::cout, std::cerr);
        case Command::user_add:
            return add_user(settings, line.user, open_store_for_command, std::cin, std::cout, std::cerr);
        case Command::check_config:
        case Command::print:
            break;
    }
    return exit_done;
}

}  // namespace
}  // namespace pulse::app

int main(int argc, char** argv) {
    using namespace pulse::app;
    try {
        const auto line = parse_command_line({argv + 1, argv + argc});
        if (!line) return refuse(line.error().message);
        const int code = run(*line);
        std::cout.flush();
        return std::cout ? code : exit_failed;  // what was printed may be what it was all about
    } catch (const std::exception& problem) {
        std::cerr << "pulseboard: " << problem.what() << '\n';
        return exit_failed;
    }
}
