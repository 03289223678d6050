#include "app/open_store.hpp"

#include "store/postgres/postgres_store.hpp"
#include "store/sqlite/sqlite_store.hpp"

namespace pulse::app {
namespace {

enum class Use { server, command };

Result<std::unique_ptr<store::Store>> open_file(const Settings& settings, Use use) {
    store::sqlite::SqliteOptions options;
    options.path = settings.database.where;
    if (use == Use::command) options.readers = 1;
    return store::sqlite::open_sqlite(std::move(options));
}

Result<std::unique_ptr<store::Store>> open_server(const Settings& settings, Use use) {
    store::postgres::PostgresOptions options;
    options.url = settings.database.where;
    if (use == Use::command) options.readers = options.writers = 1;
    return store::postgres::open_postgres(std::move(options));
}

Result<std::unique_ptr<store::Store>> open(const Settings& settings, Use use) {
    switch (settings.database.kind) {
        case Database::Kind::sqlite:
            return open_file(settings, use);
        case Database::Kind::postgres:
            return open_server(settings, use);
    }
    return Error{ErrorCode::internal, "a database of no known kind"};
}

}  // namespace

Result<std::unique_ptr<store::Store>> open_store(const Settings& settings) {
    return open(settings, Use::server);
}

Result<std::unique_ptr<store::Store>> open_store_for_command(const Settings& settings) {
    return open(settings, Use::command);
}

}  // namespace pulse::app
