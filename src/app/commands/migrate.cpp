#include "app/commands/migrate.hpp"

#include <ostream>

#include "app/exit_code.hpp"
#include "app/masking.hpp"
#include "app/open_store.hpp"
#include "app/setting_readers.hpp"

namespace pulse::app {

int migrate(const Settings& settings, Direction direction, std::ostream& out, std::ostream& err) {
    const auto store = open_store_for_command(settings);
    if (!store) {
        err << "pulseboard: DATABASE_URL: " << store.error().message << '\n';
        return store.error().code == ErrorCode::invalid ? exit_wrong_usage : exit_failed;
    }
    const auto migrated = direction == Direction::up ? (*store)->migrate() : (*store)->migrate_down();
    (*store)->stop();
    if (!migrated) {
        err << "pulseboard: " << migrated.error().message << '\n';
        return exit_failed;
    }
    if (direction == Direction::down) {
        out << "what Pulseboard had added is gone; users, businesses and business_metrics are as they were\n";
        return exit_done;
    }
    out << "the schema of " << mask_url(write_database_url(settings.database)) << " is up to date\n";
    return exit_done;
}

}  // namespace pulse::app
