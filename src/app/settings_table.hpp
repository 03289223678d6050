#pragma once
// Every setting once: from this table come parsing, `check-config`, the flags, `--help`, and the check of
// docs/configuration.md. Immutable; any thread.
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "app/settings.hpp"

namespace pulse::app {

enum class Secrecy {
    shown,  // but for the password of a URL
    secret,
};

// What is wrong with a value, to be read after the setting's name: ` must be 0 to 65535, is "http"`.
using Problem = std::optional<std::string>;

struct Setting {
    std::string_view name;
    std::string_view default_text;   // as read() takes it
    std::string_view default_shown;  // as a person reads it
    std::string_view meaning;
    Secrecy secrecy;
    Problem (*read)(std::string_view text, Settings& into);
    std::string (*write)(const Settings& from);  // the effective value, as read() takes it
};

std::span<const Setting> settings_table();

// KPI_CACHE_TTL is --kpi-cache-ttl.
std::string flag_name(const Setting& setting);

}  // namespace pulse::app
