#pragma once
// The schema of the SQLite database (contract section 6) as a list of migrations. Pure text: migrate.hpp
// applies it. A migration that was released is never edited; a change is a new one at the end.
#include <string>
#include <vector>

namespace pulse::store::sqlite {

struct Migration {
    int version;  // 1, 2, 3 …
    const char* name;
    std::string sql;
};

const std::vector<Migration>& migrations();

// The version this program needs.
int schema_version();

}  // namespace pulse::store::sqlite
