#pragma once
// Brings a database to the schema of this program.
#include "base/result.hpp"
#include "store/sqlite/connection.hpp"

namespace pulse::store::sqlite {

// Creates the file and applies what is missing, one transaction per migration. Safe to repeat, and safe
// when several processes do it at once. A database newer than the program is left alone: invalid.
Result<void> migrate(const ConnectionSettings& settings);

}  // namespace pulse::store::sqlite
