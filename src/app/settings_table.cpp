#include "app/settings_table.hpp"

#include "app/setting_readers.hpp"

namespace pulse::app {
namespace {

constexpr Named<log::Level> levels[] = {{"trace", log::Level::trace},
                                        {"debug", log::Level::debug},
                                        {"info", log::Level::info},
                                        {"warn", log::Level::warn},
                                        {"error", log::Level::error}};
constexpr Named<log::Format> formats[] = {{"text", log::Format::text}, {"json", log::Format::json}};
// The first name of a value is the one that is written.
constexpr Named<bool> truths[] = {{"true", true}, {"false", false}, {"1", true}, {"0", false}};

template <class Unit>
Problem read_duration(std::string_view text, std::int64_t high, Unit& into) {
    std::int64_t count = 0;
    auto problem = read_number<std::int64_t>(text, 0, high, count);
    if (!problem) into = Unit(count);
    return problem;
}

using Text = std::string_view;
using In = Settings&;
using Out = const Settings&;

constexpr Setting settings[] = {
    {"HOST", "127.0.0.1", "127.0.0.1", "address to listen on", Secrecy::shown,
     [](Text text, In to) { return read_host(text, to.host); }, [](Out from) { return from.host; }},
    {"PORT", "4000", "4000", "port to listen on; 0 picks a free one", Secrecy::shown,
     [](Text text, In to) { return read_number<std::uint16_t>(text, 0, 65535, to.port); },
     [](Out from) { return std::to_string(from.port); }},
    {"DATABASE_URL", "sqlite:pulseboard.db", "sqlite:pulseboard.db",
     "the database: sqlite:PATH or postgresql://…", Secrecy::shown,
     [](Text text, In to) { return read_database_url(text, to.database); },
     [](Out from) { return write_database_url(from.database); }},
    {"REDIS_URL", "", "none",
     "redis://…: the KPI cache lives there, and Socket.IO joins a cluster; none: both live in the process",
     Secrecy::shown, [](Text text, In to) { return read_redis_url(text, to.redis_url); },
     [](Out from) { return from.redis_url; }},
    {"ADMIN_PORT", "9464", "9464", "port of the metrics, on 127.0.0.1; 0 turns them off", Secrecy::shown,
     [](Text text, In to) { return read_number<std::uint16_t>(text, 0, 65535, to.admin_port); },
     [](Out from) { return std::to_string(from.admin_port); }},
    {"JWT_SECRET", "", "none, required by serve",
     "key of HS256 tokens, at least 32 bytes; not needed if JWT_PUBLIC_KEY_FILE is set", Secrecy::secret,
     [](Text text, In to) -> Problem {
         to.jwt_secret = text;
         return std::nullopt;
     },
     [](Out from) { return from.jwt_secret; }},
    {"JWT_PUBLIC_KEY_FILE", "", "none",
     "PEM file with the public key of RS256 or ES256 tokens, instead of or beside the secret", Secrecy::shown,
     [](Text text, In to) { return read_key_file(text, to.jwt_public_key_file, to.jwt_public_key_pem); },
     [](Out from) { return from.jwt_public_key_file; }},
    {"FRONTEND_URL", "", "own origin only",
     "origins, separated by commas, from which browsers may call, credentials included", Secrecy::shown,
     [](Text text, In to) { return read_origins(text, to.frontend_origins); },
     [](Out from) { return join(from.frontend_origins); }},
    {"TRUSTED_PROXIES", "127.0.0.0/8,::1", "127.0.0.0/8,::1",
     "addresses or ranges whose X-Forwarded-For and X-Forwarded-Proto are believed", Secrecy::shown,
     [](Text text, In to) { return read_proxies(text, to.trusted_proxies); },
     [](Out from) { return from.trusted_proxies.to_string(); }},
    {"RATE_LIMIT", "200", "200",
     "REST requests a second per user, burst twice that, a quarter of it per address without a token; 0: no "
     "limit",
     Secrecy::shown, [](Text text, In to) { return read_number(text, 0u, 1'000'000u, to.rate_limit); },
     [](Out from) { return std::to_string(from.rate_limit); }},
    {"KPI_CACHE_TTL", "300", "300", "seconds for which the KPIs are cached; 0: not at all", Secrecy::shown,
     [](Text text, In to) { return read_duration(text, 86'400, to.kpi_cache_ttl); },
     [](Out from) { return std::to_string(from.kpi_cache_ttl.count()); }},
    {"KPI_COALESCE_MS", "100", "100", "least milliseconds between two kpi:update to the same user",
     Secrecy::shown, [](Text text, In to) { return read_duration(text, 60'000, to.kpi_coalesce); },
     [](Out from) { return std::to_string(from.kpi_coalesce.count()); }},
    {"THREADS", "", "number of cores", "event-loop threads, 1 to 64", Secrecy::shown,
     [](Text text, In to) { return read_threads(text, to.threads); },
     [](Out from) { return std::to_string(from.threads); }},
    {"LOG_LEVEL", "info", "info", "trace, debug, info, warn or error", Secrecy::shown,
     [](Text text, In to) { return read_choice(text, levels, to.log_level); },
     [](Out from) { return write_choice(levels, from.log_level); }},
    {"LOG_FORMAT", "text", "text", "text, or json for one object per line", Secrecy::shown,
     [](Text text, In to) { return read_choice(text, formats, to.log_format); },
     [](Out from) { return write_choice(formats, from.log_format); }},
    {"AUTO_MIGRATE", "true", "true", "serve creates or upgrades the schema: true, false, 1 or 0",
     Secrecy::shown, [](Text text, In to) { return read_choice(text, truths, to.auto_migrate); },
     [](Out from) { return write_choice(truths, from.auto_migrate); }},
};

}  // namespace

std::span<const Setting> settings_table() { return settings; }

std::string flag_name(const Setting& setting) {
    std::string flag = "--";
    for (const char c : setting.name) flag += c == '_' ? '-' : char(c - 'A' + 'a');
    return flag;
}

}  // namespace pulse::app
