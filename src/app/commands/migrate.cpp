#include "app/commands/migrate.hpp"

#include <ostream>

#include "app/exit_code.hpp"
#include "app/open_store.hpp"

namespace pulse::app {

int migrate(const Settings& settings, std::ostream& out, std::ostream& err) {
    const auto store = open_store(settings);
    if (!store) {
        err << "pulseboard: DATABASE_URL: " << store.error().message << '\n';
        return store.error().code == ErrorCode::invalid ? exit_wrong_usage : exit_failed;
    }
    const auto migrated = (*store)->migrate();
    (*store)->stop();
    if (!migrated) {
        err << "pulseboard: " << migrated.error().message << '\n';
        return exit_failed;
    }
    out << "the schema of " << settings.sqlite_path << " is up to date\n";
    return exit_done;
}

}  // namespace pulse::app
