#include "app/open_store.hpp"

#include "store/sqlite/sqlite_store.hpp"

namespace pulse::app {

Result<std::unique_ptr<store::Store>> open_store(const Settings& settings) {
    store::sqlite::SqliteOptions options;
    options.path = settings.sqlite_path;
    options.readers = 1;
    return store::sqlite::open_sqlite(std::move(options));
}

}  // namespace pulse::app
