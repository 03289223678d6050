#pragma once
// What Pulseboard keeps in a PostgreSQL database, as a list of migrations: everything of its own stands in a
// schema `pulseboard`, out of the way of the host's tables and of the tools that manage them; on the host's
// tables there are triggers only. Pure text: migrate.hpp applies it. A migration that was released is never
// edited; a change is a new one at the end.
#include <string>
#include <vector>

namespace pulse::store::postgres {

// Where the three tables that are read are, and what must be known of them; names as SQL writes them.
struct HostTables {
    std::string schema;             // "public"
    bool created_has_zone = false;  // businesses.created_at is a timestamp with time zone
    bool updated_has_zone = false;
};

struct Migration {
    int version;  // 1, 2, 3 …
    const char* name;
    std::string sql;
};

std::vector<Migration> migrations(const HostTables& host);
// The version this program needs.
int schema_version();

// users, businesses and business_metrics, for a database that has none of them.
std::string host_tables_sql(const std::string& schema);
// Locks the host's tables against writes until the transaction ends.
std::string lock_sql(const HostTables& host);
std::string removal_lock_sql(const HostTables& host);  // and against reading, which dropping triggers takes
// Takes away what the migrations added, and nothing that somebody else has built upon it: that is refused.
std::string removal_sql(const HostTables& host);

}  // namespace pulse::store::postgres
