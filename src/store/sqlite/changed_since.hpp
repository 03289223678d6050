#pragma once
// The statement that is run after each commit; by itself, so that a test can ask SQLite for its plan.

namespace pulse::store::sqlite {

// Who changed after :seq. Not by an index: the one that has the users in order would be read from end to
// end, the whole log of ten minutes for each commit.
inline constexpr const char* changed_since =
    "SELECT user_id, max(version), max(seq) FROM tenant_changes NOT INDEXED"
    " WHERE seq > :seq GROUP BY user_id";

}  // namespace pulse::store::sqlite
