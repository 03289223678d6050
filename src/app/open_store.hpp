#pragma once
// The store that the settings name: the one place that knows which databases there are.
#include <memory>

#include "app/settings.hpp"
#include "base/result.hpp"
#include "store/store.hpp"

namespace pulse::app {

// Opens nothing yet but fails with `invalid` for a place that cannot hold a database.
Result<std::unique_ptr<store::Store>> open_store(const Settings& settings);
// For a command, which does one thing and serves nobody: with one connection.
Result<std::unique_ptr<store::Store>> open_store_for_command(const Settings& settings);

}  // namespace pulse::app
