#include "app/command_line.hpp"

#include <gtest/gtest.h>

namespace pulse::app {
namespace {

using namespace std::chrono_literals;
using Arguments = std::vector<std::string>;

TEST(CommandLine, names_the_command) {
    struct Case {
        Arguments arguments;
        Command want;
    };
    const Case cases[] = {{{"serve"}, Command::serve},
                          {{"demo"}, Command::demo},
                          {{"migrate"}, Command::migrate},
                          {{"check-config"}, Command::check_config},
                          {{"token", "--user", "u"}, Command::token},
                          {{"user", "add", "--email", "e", "--role", "r"}, Command::user_add},
                          {{"--help"}, Command::print},
                          {{"--version"}, Command::print}};
    for (const auto& c : cases) {
        const auto line = parse_command_line(c.arguments);
        ASSERT_TRUE(line) << c.arguments.front() << ": " << line.error().message;
        EXPECT_EQ(line->command, c.want) << c.arguments.front();
    }
}

TEST(CommandLine, settings_are_flags_before_and_after_the_command) {
    const auto line =
        parse_command_line({"--port", "0", "serve", "--kpi-cache-ttl=5", "--frontend-url", "a,b"});
    ASSERT_TRUE(line) << line.error().message;
    EXPECT_EQ(line->flags, (TextValues{{"PORT", "0"}, {"KPI_CACHE_TTL", "5"}, {"FRONTEND_URL", "a,b"}}));
    const auto twice = parse_command_line({"serve", "--port", "1", "--port", "2"});
    ASSERT_TRUE(twice);
    EXPECT_EQ(twice->flags, (TextValues{{"PORT", "2"}}));
    const auto deep =
        parse_command_line({"user", "add", "--email", "e", "--role", "r", "--database-url", "sqlite:x.db"});
    ASSERT_TRUE(deep) << deep.error().message;
    EXPECT_EQ(deep->flags, (TextValues{{"DATABASE_URL", "sqlite:x.db"}}));
}

TEST(CommandLine, a_setting_may_be_empty) {
    const auto line = parse_command_line({"serve", "--frontend-url=", "--trusted-proxies", "", "--port=1"});
    ASSERT_TRUE(line) << line.error().message;
    EXPECT_EQ(line->flags, (TextValues{{"FRONTEND_URL", ""}, {"TRUSTED_PROXIES", ""}, {"PORT", "1"}}));
}

TEST(CommandLine, reads_what_a_token_is_for) {
    const auto line = parse_command_line(
        {"token", "--user", "u1", "--email", "anna@example.org", "--role", "service", "--ttl", "7d"});
    ASSERT_TRUE(line);
    EXPECT_EQ(line->token.user, "u1");
    EXPECT_EQ(line->token.email, "anna@example.org");
    EXPECT_EQ(line->token.role, "service");
    EXPECT_EQ(line->token.ttl, "7d");
    const auto defaults = parse_command_line({"token", "--user", "u1"});
    EXPECT_EQ(defaults->token.role, "tenant");
    EXPECT_EQ(defaults->token.ttl, "15m");
}

TEST(CommandLine, reads_who_the_new_user_is) {
    const auto asked = parse_command_line({"user", "add", "--email", "anna@example.org", "--role", "tenant"});
    ASSERT_TRUE(asked);
    EXPECT_EQ(asked->user.email, "anna@example.org");
    EXPECT_EQ(asked->user.role, "tenant");
    EXPECT_EQ(asked->user.password_from, PasswordFrom::terminal);
    const auto piped = parse_command_line({"user", "add", "--email", "e", "--role", "r", "--password-stdin"});
    EXPECT_EQ(piped->user.password_from, PasswordFrom::standard_input);
}

TEST(CommandLine, wrong_usage_is_told_in_one_line) {
    struct Case {
        Arguments arguments;
        std::string_view want;  // a part of the line
    };
    const Case cases[] = {
        {{}, "which command?"},
        {{"server"}, "unknown command server"},
        {{"serve", "now"}, "unknown command now"},
        {{"serve", "--prot", "1"}, "unknown option --prot"},
        {{"--prot", "1"}, "unknown option --prot"},
        {{"-x"}, "unknown option -x"},
        {{"serve", "demo"}, ""},
        {{"serve", "--port"}, "--port"},
        {{"token"}, "--user"},
        {{"token", "--user", "u", "--color", "red"}, "unknown option --color"},
        {{"user"}, "user add"},
        {{"user", "remove"}, "unknown command remove"},
        {{"user", "add", "--email", "e"}, "--role"},
        {{"serve", "--user", "u"}, "unknown option --user"},
    };
    for (const auto& c : cases) {
        const auto line = parse_command_line(c.arguments);
        const auto shown = testing::PrintToString(c.arguments);
        ASSERT_FALSE(line) << shown;
        EXPECT_NE(line.error().message.find(c.want), std::string::npos) << shown << line.error().message;
        EXPECT_NE(line.error().message.find("see pulseboard --help"), std::string::npos)
            << line.error().message;
        EXPECT_EQ(line.error().message.find('\n'), std::string::npos) << line.error().message;
    }
}

TEST(CommandLine, says_its_version) {
    EXPECT_EQ(parse_command_line({"--version"})->text, "pulseboard " PULSE_VERSION "\n");
}

TEST(CommandLine, help_names_commands_and_settings) {
    const auto text = parse_command_line({"--help"})->text;
    for (const std::string_view part : {"serve", "demo", "migrate", "token", "user", "check-config", "--port",
                                        "--kpi-coalesce-ms", "JWT_SECRET", "number of cores"}) {
        EXPECT_NE(text.find(part), text.npos) << part << "\n" << text;
    }
    EXPECT_NE(parse_command_line({"token", "--help"})->text.find("--ttl"), text.npos);
    const auto add = parse_command_line({"user", "add", "--help"})->text;
    EXPECT_NE(add.find("--password-stdin"), add.npos);
    EXPECT_NE(add.find("pulseboard user add"), add.npos);
}

TEST(CommandLine, a_ttl_is_a_number_with_a_unit) {
    struct Case {
        std::string_view text;
        std::optional<std::chrono::seconds> want;
    };
    const Case cases[] = {
        {"90s", 90s},
        {"15m", 15min},
        {"12h", 12h},
        {"7d", 168h},
        {"3650d", 87600h},
        {"3651d", {}},
        {"", {}},
        {"s", {}},
        {"15", {}},
        {"0m", {}},
        {"-1m", {}},
        {"1.5h", {}},
        {"1w", {}},
        {"1 m", {}},
        {"1M", {}},
        {"99999999999d", {}},
        {"9223372036854775807s", {}},
        {"99999999999999999999s", {}},
        {"1mm", {}},
    };
    for (const auto& c : cases) EXPECT_EQ(parse_ttl(c.text), c.want) << c.text;
}

}  // namespace
}  // namespace pulse::app
