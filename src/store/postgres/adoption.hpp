#pragma once
// Looks at what tables a database has, before anything is added to it.
#include "base/result.hpp"
#include "store/postgres/connection.hpp"
#include "store/postgres/schema.hpp"

namespace pulse::store::postgres {

// Where users, businesses and business_metrics stand; all three are made if there is none. invalid, naming
// table, column and expected type: one of them is missing or cannot be used as it is.
Result<HostTables> found_or_made_tables(Connection& connection);

// Where businesses stands; nullopt: nowhere.
std::optional<HostTables> host_of(Connection& connection);

}  // namespace pulse::store::postgres
