#include "app/settings.hpp"

#include <cstdlib>

#include "app/masking.hpp"
#include "app/settings_table.hpp"

namespace pulse::app {
namespace {

std::string_view text_of(const Setting& setting, const SettingSources& sources) {
    for (const auto* source : {&sources.flags, &sources.environment, &sources.dotenv}) {
        if (const auto found = source->find(setting.name); found != source->end()) return found->second;
    }
    return setting.default_text;
}

std::string masked(const Setting& setting, std::string_view value) {
    return setting.secrecy == Secrecy::secret ? mask_secret(value) : mask_url(value);
}

// One line per setting, whatever stands in it.
std::string on_one_line(std::string value) {
    for (auto& c : value) {
        if (c == '\n' || c == '\r') c = ' ';
    }
    return value;
}

}  // namespace

LoadedSettings load_settings(const SettingSources& sources) {
    LoadedSettings loaded;
    for (const auto& setting : settings_table()) {
        const auto text = text_of(setting, sources);
        const auto problem = setting.read(text, loaded.settings);
        if (problem) loaded.errors.push_back(std::string(setting.name) + *problem);
        const auto value = problem ? std::string(text) : setting.write(loaded.settings);
        loaded.shown.push_back({std::string(setting.name), on_one_line(masked(setting, value))});
    }
    return loaded;
}

Settings default_settings() { return load_settings({}).settings; }

TextValues read_environment() {
    TextValues values;
    for (const auto& setting : settings_table()) {
        const std::string name(setting.name);
        if (const char* value = std::getenv(name.c_str()); value != nullptr) values[name] = value;
    }
    return values;
}

std::optional<std::string> missing_for_serve(const Settings& settings) {
    if (!settings.jwt_secret.empty() || !settings.jwt_public_key_pem.empty()) return std::nullopt;
    return "JWT_SECRET is missing: set it to at least 32 random bytes (openssl rand -base64 48), or set "
           "JWT_PUBLIC_KEY_FILE";
}

std::vector<std::string> warnings(const Settings& settings) {
    std::vector<std::string> found;
    const auto size = settings.jwt_secret.size();
    if (size > 0 && size < 32) {
        found.push_back(
            "JWT_SECRET has " + std::to_string(size) +
            " bytes: under 32 it can be guessed from any token (openssl rand -base64 48 makes a good one)");
    }
    return found;
}

}  // namespace pulse::app
