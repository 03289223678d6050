#include "app/commands/check_config.hpp"

#include <algorithm>
#include <ostream>

#include "app/exit_code.hpp"

namespace pulse::app {

int check_config(const LoadedSettings& loaded, std::ostream& out, std::ostream& err) {
    for (const auto& [name, value] : loaded.shown) out << name << '=' << value << '\n';
    auto errors = loaded.errors;
    const auto missing = missing_for_serve(loaded.settings);
    // A key file that could not be read is named already.
    const bool key_named = std::any_of(errors.begin(), errors.end(),
                                       [](const std::string& error) { return error.starts_with("JWT_"); });
    if (missing && !key_named) errors.push_back(*missing);
    for (const auto& error : errors) err << "pulseboard: " << error << '\n';
    for (const auto& warning : warnings(loaded.settings)) err << "pulseboard: warning: " << warning << '\n';
    return errors.empty() ? exit_done : exit_wrong_usage;
}

}  // namespace pulse::app
