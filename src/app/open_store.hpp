#pragma once
// The database of a command that needs one and serves nobody.
#include <memory>

#include "app/settings.hpp"
#include "base/result.hpp"
#include "store/store.hpp"

namespace pulse::app {

Result<std::unique_ptr<store::Store>> open_store(const Settings& settings);

}  // namespace pulse::app
