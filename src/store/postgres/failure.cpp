#include "store/postgres/failure.hpp"

#include <stdexcept>
#include <string_view>

namespace pulse::store::postgres {
namespace {

Failure of_postgres(const DatabaseError& failure) {
    const std::string_view state = failure.sqlstate;
    const auto kind = state.substr(0, 2);
    std::string message = std::string("database: ") + failure.what();
    const Error unavailable{ErrorCode::unavailable, message};
    const Error internal{ErrorCode::internal, message};
    // Ours: no answer, no connection. 08: connection exceptions; 57P: the server stops, has crashed or
    // starts; 25006: it became a standby.
    if (failure.lost || state.empty() || kind == "08" || state.starts_with("57P") || state == "25006")
        return {unavailable, Link::lost, Again::worthwhile};
    // 26000: a pooler in between gave us another server connection; 0A000: a table was changed under a
    // prepared statement. Both are over with new statements.
    if (state == "26000" || state == "0A000") return {unavailable, Link::lost, Again::worthwhile};
    // 40: serialization failure, deadlock. 23503 and 23505 come of a race: what callers may send was checked
    // before, and another transaction added or removed the row since.
    if (kind == "40") return {unavailable, Link::usable, Again::worthwhile};
    if (state == "23503" || state == "23505") return {internal, Link::usable, Again::worthwhile};
    // 53: out of memory, disk or connections; 57014, 55P03: waited too long, for the end or for a lock.
    if (kind == "53" || state == "57014" || kind == "55") return {unavailable, Link::usable};
    if (state == "22001")  // of an adopted column
        return {{ErrorCode::invalid, "a text is longer than the database takes"}, Link::usable};
    if (state == "22021" || state == "22P05")
        return {{ErrorCode::invalid, "a text is not one that the database can hold"}, Link::usable};
    return {internal, Link::usable};
}

}  // namespace

Failure current_failure() {
    try {
        throw;
    } catch (const DatabaseError& failure) {
        return of_postgres(failure);
    } catch (const Refusal& refusal) {
        return {refusal.error, Link::usable};
    } catch (const std::invalid_argument& failure) {
        return {{ErrorCode::invalid, failure.what()}, Link::usable};
    } catch (const std::exception& failure) {
        return {{ErrorCode::internal, failure.what()}, Link::lost};
    }
}

}  // namespace pulse::store::postgres
