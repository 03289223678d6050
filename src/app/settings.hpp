#pragma once
// The program's configuration (contract section 2): environment variables, over them command-line flags
// of the same name, under them a .env file. What each setting is, is in settings_table.hpp. Values; any
// thread.
#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/cidr.hpp"
#include "base/log.hpp"

namespace pulse::app {

struct Database {
    enum class Kind { sqlite, postgres };
    Kind kind = Kind::sqlite;
    std::string where;  // sqlite: the path of the file; postgres: the connection URL, secrets included
    bool operator==(const Database&) const = default;
};

// A setting is checked and normalised when it is read: nobody looks at its text again.
struct Settings {
    std::string host;  // an IPv4 or IPv6 address
    std::uint16_t port = 0;
    Database database;
    std::string redis_url;         // empty: cache and rooms live in the process
    std::uint16_t admin_port = 0;  // 0: off
    std::string jwt_secret;        // empty: HS256 is refused
    std::string jwt_public_key_file;
    std::string jwt_public_key_pem;             // what that file holds, found to be a usable key
    std::vector<std::string> frontend_origins;  // as a browser writes them in `Origin`
    CidrList trusted_proxies;
    unsigned rate_limit = 0;  // requests a second per user; 0: none
    std::chrono::seconds kpi_cache_ttl{};
    std::chrono::milliseconds kpi_coalesce{};
    unsigned threads = 1;
    log::Level log_level = log::Level::info;
    log::Format log_format = log::Format::text;
    bool auto_migrate = true;
    bool operator==(const Settings&) const = default;
};

using TextValues = std::map<std::string, std::string, std::less<>>;  // by the setting's name

struct SettingSources {
    TextValues flags;  // these win
    TextValues environment;
    TextValues dotenv;
};

struct ShownSetting {
    std::string name;
    std::string value;  // effective; secrets are masked
    bool operator==(const ShownSetting&) const = default;
};

struct LoadedSettings {
    Settings settings;                // usable if there are no errors
    std::vector<std::string> errors;  // one for each wrong setting: `PORT must be 0 to 65535, is "http"`
    std::vector<ShownSetting> shown;  // all of them, in the table's order
};

LoadedSettings load_settings(const SettingSources& sources);
Settings default_settings();

// The values of all settings that stand in this process's environment.
TextValues read_environment();

// What `serve` lacks: without a key no token can be checked, and it refuses to start.
std::optional<std::string> missing_for_serve(const Settings& settings);
// What is allowed but not advisable.
std::vector<std::string> warnings(const Settings& settings);

}  // namespace pulse::app
