#include "app/settings.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "app/settings_table.hpp"

namespace pulse::app {
namespace {

using namespace std::chrono_literals;

LoadedSettings with(TextValues environment) { return load_settings({{}, std::move(environment), {}}); }

std::string shown(const LoadedSettings& loaded, std::string_view name) {
    for (const auto& setting : loaded.shown) {
        if (setting.name == name) return setting.value;
    }
    return "no such setting";
}

TEST(Settings, the_defaults_are_those_of_the_contract) {
    const auto loaded = with({});
    EXPECT_TRUE(loaded.errors.empty());
    const auto& s = loaded.settings;
    EXPECT_EQ(s.host, "127.0.0.1");
    EXPECT_EQ(s.port, 4000);
    EXPECT_EQ(s.database, (Database{Database::Kind::sqlite, "pulseboard.db"}));
    EXPECT_EQ(s.redis_url, "");
    EXPECT_EQ(s.admin_port, 9464);
    EXPECT_TRUE(s.jwt_secret.empty());
    EXPECT_TRUE(s.frontend_origins.empty());
    EXPECT_EQ(s.trusted_proxies, CidrList::parse("127.0.0.0/8,::1"));
    EXPECT_EQ(s.rate_limit, 200u);
    EXPECT_EQ(s.kpi_cache_ttl, 300s);
    EXPECT_EQ(s.kpi_coalesce, 100ms);
    EXPECT_GE(s.threads, 1u);
    EXPECT_EQ(s.log_level, log::Level::info);
    EXPECT_EQ(s.log_format, log::Format::text);
    EXPECT_TRUE(s.auto_migrate);
}

TEST(Settings, flags_win_over_the_environment_and_that_over_the_file) {
    const auto loaded = load_settings({{{"PORT", "3"}},
                                       {{"PORT", "2"}, {"RATE_LIMIT", "20"}},
                                       {{"PORT", "1"}, {"RATE_LIMIT", "10"}, {"KPI_CACHE_TTL", "30"}}});
    EXPECT_TRUE(loaded.errors.empty());
    EXPECT_EQ(loaded.settings.port, 3);
    EXPECT_EQ(loaded.settings.rate_limit, 20u);
    EXPECT_EQ(loaded.settings.kpi_cache_ttl, 30s);
}

TEST(Settings, what_is_wrong_is_named_with_what_it_must_be) {
    struct Case {
        std::string name, value, want;
    };
    const std::string database_must_be =
        "DATABASE_URL must be sqlite:PATH or postgresql://USER:PASSWORD@HOST:PORT/NAME, is ";
    const Case cases[] = {
        {"PORT", "http", R"(PORT must be 0 to 65535, is "http")"},
        {"PORT", "65536", R"(PORT must be 0 to 65535, is "65536")"},
        {"PORT", "-1", R"(PORT must be 0 to 65535, is "-1")"},
        {"PORT", "", R"(PORT must be 0 to 65535, is "")"},
        {"PORT", " 80", R"(PORT must be 0 to 65535, is " 80")"},
        {"PORT", "4000.0", R"(PORT must be 0 to 65535, is "4000.0")"},
        {"ADMIN_PORT", "0x10", R"(ADMIN_PORT must be 0 to 65535, is "0x10")"},
        {"HOST", "example.org",
         R"(HOST must be an IP address such as 127.0.0.1 or 0.0.0.0, is "example.org")"},
        {"HOST", "10.0.0.0/8", R"(HOST must be an IP address such as 127.0.0.1 or 0.0.0.0, is "10.0.0.0/8")"},
        {"DATABASE_URL", "mysql://anna:hunter2@db/x", database_must_be + R"("mysql://anna:********@db/x")"},
        {"DATABASE_URL", "sqlite:", database_must_be + R"("sqlite:")"},
        {"DATABASE_URL", "sqlite::memory:", database_must_be + R"("sqlite::memory:")"},
        {"DATABASE_URL", "postgresql:db", database_must_be + R"("postgresql:db")"},
        {"JWT_PUBLIC_KEY_FILE", "/no/such/file",
         R"(JWT_PUBLIC_KEY_FILE: cannot read the file "/no/such/file")"},
        {"TRUSTED_PROXIES", "10.0.0.0/33",
         R"(TRUSTED_PROXIES must be addresses or ranges such as 10.0.0.0/8,::1, is "10.0.0.0/33")"},
        {"RATE_LIMIT", "1000001", R"(RATE_LIMIT must be 0 to 1000000, is "1000001")"},
        {"KPI_CACHE_TTL", "5m", R"(KPI_CACHE_TTL must be 0 to 86400, is "5m")"},
        {"KPI_COALESCE_MS", "60001", R"(KPI_COALESCE_MS must be 0 to 60000, is "60001")"},
        {"THREADS", "0", R"(THREADS must be 1 to 64, is "0")"},
        {"THREADS", "65", R"(THREADS must be 1 to 64, is "65")"},
        {"LOG_LEVEL", "INFO", R"(LOG_LEVEL must be one of trace, debug, info, warn, error, is "INFO")"},
        {"LOG_FORMAT", "xml", R"(LOG_FORMAT must be one of text, json, is "xml")"},
        {"AUTO_MIGRATE", "yes", R"(AUTO_MIGRATE must be one of true, false, 1, 0, is "yes")"},
    };
    for (const auto& c : cases) {
        EXPECT_EQ(with({{c.name, c.value}}).errors, std::vector<std::string>{c.want})
            << c.name << '=' << c.value;
    }
}

TEST(Settings, servers_are_named_by_url_and_a_wrong_one_gives_nothing_away) {
    const auto good = with({{"DATABASE_URL", "postgresql://anna:hunter2@db1,db2/x?sslmode=require"},
                            {"REDIS_URL", "redis://:hunter2@cache:6380/2"}});
    EXPECT_TRUE(good.errors.empty());
    EXPECT_EQ(good.settings.database.kind, Database::Kind::postgres);
    EXPECT_EQ(good.settings.redis_url, "redis://:hunter2@cache:6380/2");
    const auto wrong = with({{"DATABASE_URL", "postgresql://anna:hunter2@db/x?sslmod=require"},
                             {"REDIS_URL", "rediss://:hunter2@cache"}});
    ASSERT_EQ(wrong.errors.size(), 2u);
    for (const auto& error : wrong.errors) {
        EXPECT_NE(error.find("_URL: "), error.npos) << error;
        EXPECT_EQ(error.find("hunter2"), error.npos) << error;
    }
}

TEST(Settings, all_that_is_wrong_is_named_at_once) {
    const auto loaded = with({{"PORT", "http"}, {"THREADS", "many"}, {"RATE_LIMIT", "5"}});
    EXPECT_EQ(loaded.errors.size(), 2u);
    EXPECT_EQ(loaded.settings.rate_limit, 5u);
}

TEST(Settings, good_values_are_taken) {
    const auto loaded = with({{"HOST", "::1"},
                              {"PORT", "0"},
                              {"DATABASE_URL", "sqlite:/var/lib/pulse board.db"},
                              {"TRUSTED_PROXIES", ""},
                              {"THREADS", "64"},
                              {"LOG_LEVEL", "trace"},
                              {"LOG_FORMAT", "json"},
                              {"AUTO_MIGRATE", "0"}});
    EXPECT_TRUE(loaded.errors.empty());
    const auto& s = loaded.settings;
    EXPECT_EQ(s.host, "::1");
    EXPECT_EQ(s.port, 0);
    EXPECT_EQ(s.database.where, "/var/lib/pulse board.db");
    EXPECT_TRUE(s.trusted_proxies.empty());
    EXPECT_EQ(s.threads, 64u);
    EXPECT_EQ(s.log_level, log::Level::trace);
    EXPECT_EQ(s.log_format, log::Format::json);
    EXPECT_FALSE(s.auto_migrate);
    EXPECT_EQ(with({{"HOST", "localhost"}}).settings.host, "127.0.0.1");
}

TEST(Settings, origins_are_read_as_browsers_write_them) {
    const auto loaded = with({{"FRONTEND_URL",
                               "HTTPS://App.Example.org:443, http://localhost:3000,http://[::1]:80 , "
                               "http://10.0.0.1:443"}});
    EXPECT_TRUE(loaded.errors.empty());
    const std::vector<std::string> want{"https://app.example.org", "http://localhost:3000", "http://[::1]",
                                        "http://10.0.0.1:443"};
    EXPECT_EQ(loaded.settings.frontend_origins, want);
}

TEST(Settings, what_is_no_origin_is_refused) {
    for (const std::string value : {"*",
                                    "https://*",
                                    "https://*.example.org",
                                    "app.example.org",
                                    "localhost:3000",
                                    "//app.example.org",
                                    "https://app.example.org/",
                                    "https://app.example.org/path",
                                    "https://app.example.org?x",
                                    "https://app.example.org#x",
                                    "https://anna@app.example.org",
                                    "https://",
                                    "ftp://app.example.org",
                                    "https://app.example.org:0",
                                    "https://app.example.org:65536",
                                    "https://app.example.org:",
                                    "https://a.example,",
                                    "https://a.example,,https://b.example",
                                    "https://a b.example",
                                    "https://a.example https://b.example",
                                    "null",
                                    "https://%61.example"}) {
        const auto errors = with({{"FRONTEND_URL", value}}).errors;
        ASSERT_EQ(errors.size(), 1u) << value;
        EXPECT_TRUE(errors.front().starts_with("FRONTEND_URL must be origins such as ")) << errors.front();
    }
}

TEST(Settings, a_key_file_must_hold_a_usable_public_key) {
    const auto file = std::filesystem::temp_directory_path() / ("pulse_key_" + std::to_string(::getpid()));
    std::ofstream(file) << "-----BEGIN PUBLIC KEY-----\n"
                           "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEB82DBQTY4hB9kCZtRr/9uFdqZw2c\n"
                           "wJPt+DOHASklyMcU3YUQ0acTP0i24c5cNmSvKwtjymxXQ6HhHyHsp7CiBw==\n"
                           "-----END PUBLIC KEY-----\n";
    const auto good = with({{"JWT_PUBLIC_KEY_FILE", file.string()}});
    EXPECT_TRUE(good.errors.empty()) << good.errors.front();
    EXPECT_TRUE(good.settings.jwt_public_key_pem.starts_with("-----BEGIN PUBLIC KEY-----"));
    EXPECT_EQ(missing_for_serve(good.settings), std::nullopt);

    std::ofstream(file) << "no key";
    EXPECT_EQ(with({{"JWT_PUBLIC_KEY_FILE", file.string()}}).errors.size(), 1u);
    std::ofstream(file) << "";
    EXPECT_EQ(with({{"JWT_PUBLIC_KEY_FILE", file.string()}}).errors.size(), 1u);
    std::filesystem::remove(file);
    EXPECT_EQ(with({{"JWT_PUBLIC_KEY_FILE", "/"}}).errors.size(), 1u);
}

TEST(Settings, serve_wants_a_key_and_warns_of_a_short_one) {
    EXPECT_NE(missing_for_serve(with({}).settings), std::nullopt);
    const auto weak = with({{"JWT_SECRET", std::string(31, 's')}});
    EXPECT_EQ(missing_for_serve(weak.settings), std::nullopt);
    EXPECT_EQ(warnings(weak.settings).size(), 1u);
    EXPECT_TRUE(warnings(with({{"JWT_SECRET", std::string(32, 's')}}).settings).empty());
    EXPECT_TRUE(warnings(with({}).settings).empty());
}

TEST(Settings, secrets_are_never_shown_not_even_wrong_ones) {
    const auto loaded = with({{"JWT_SECRET", "hunter2"},
                              {"DATABASE_URL", "postgresql://anna:hunter2@db/x?password=hunter2"},
                              {"REDIS_URL", "redis://:hunter2@localhost"},
                              {"FRONTEND_URL", "https://anna:hunter2@app.example.org"}});
    EXPECT_EQ(shown(loaded, "JWT_SECRET"), "********");
    EXPECT_EQ(shown(loaded, "DATABASE_URL"), "postgresql://anna:********@db/x?password=********");
    for (const auto& [name, value] : loaded.shown) EXPECT_EQ(value.find("hunter2"), value.npos) << name;
    for (const auto& error : loaded.errors) EXPECT_EQ(error.find("hunter2"), error.npos) << error;
}

TEST(Settings, what_is_shown_is_effective_and_can_be_read_again) {
    const auto loaded = load_settings({{{"FRONTEND_URL", "HTTP://LOCALHOST:80,https://b.example"}},
                                       {{"TRUSTED_PROXIES", "10.1.2.3/8"}, {"AUTO_MIGRATE", "1"}},
                                       {{"HOST", "localhost"}}});
    EXPECT_EQ(shown(loaded, "FRONTEND_URL"), "http://localhost,https://b.example");
    EXPECT_EQ(shown(loaded, "TRUSTED_PROXIES"), "10.0.0.0/8");
    EXPECT_EQ(shown(loaded, "AUTO_MIGRATE"), "true");
    EXPECT_EQ(shown(loaded, "THREADS"), std::to_string(loaded.settings.threads));
    TextValues again;
    for (const auto& [name, value] : loaded.shown) again[name] = value;
    EXPECT_EQ(with(again).settings, loaded.settings);
    EXPECT_EQ(with(again).shown, loaded.shown);
}

// docs/configuration.md holds this table, row by row.
std::string documented_table() {
    std::string table = "| variable | flag | default | meaning |\n| --- | --- | --- | --- |\n";
    const auto cell = [&](std::string text) { table += text + " | "; };
    for (const auto& setting : settings_table()) {
        const bool is_value = !setting.default_text.empty();
        table += "| ";
        cell("`" + std::string(setting.name) + "`");
        cell("`" + flag_name(setting) + "`");
        cell(is_value ? "`" + std::string(setting.default_shown) + "`" : std::string(setting.default_shown));
        table += std::string(setting.meaning) + " |\n";
    }
    return table;
}

TEST(Settings, the_documentation_lists_them_as_they_are) {
    const auto root = std::filesystem::path(__FILE__).parent_path().parent_path().parent_path();
    std::ifstream in(root / "docs" / "configuration.md");
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    EXPECT_NE(text.find("\n" + documented_table() + "\n"), text.npos) << documented_table();
}

}  // namespace
}  // namespace pulse::app
