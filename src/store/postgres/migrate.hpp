#pragma once
// Brings a PostgreSQL database to the schema of this program, adopting the host's tables if there are any
// (contract section 6), and takes everything away again. Blocking.
#include <string>

#include "base/result.hpp"

namespace pulse::store::postgres {

// One transaction, under a lock that makes nodes take turns: all of it is there afterwards, or nothing.
// The host's tables are only read, and get triggers; the rollups are counted from what is in them while
// nobody can write. A database without any of the three tables gets them. Safe to repeat. invalid: a table
// that lacks what is needed, a right that is missing, a schema newer than the program.
Result<void> migrate(const std::string& url);

// Removes what migrate() added. users, businesses and business_metrics stay as they are, also where
// migrate() made them. Nothing there: done.
Result<void> migrate_down(const std::string& url);

}  // namespace pulse::store::postgres
