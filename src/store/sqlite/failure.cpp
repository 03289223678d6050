#include "store/sqlite/failure.hpp"

#include <soci/soci.h>
#include <soci/sqlite3/soci-sqlite3.h>

namespace pulse::store::sqlite {
namespace {

// The message alone: SOCI's what() adds the statement with its parameters, which belong in no log.
Failure of_sqlite(const soci::sqlite3_soci_error& failure) {
    const std::string message = "database: " + failure.get_error_message();
    switch (failure.result() & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_FULL:
        case SQLITE_NOMEM:
        case SQLITE_INTERRUPT:
            return {{ErrorCode::unavailable, message}, Link::usable};
        case SQLITE_IOERR:
        case SQLITE_CANTOPEN:
        case SQLITE_PROTOCOL:
        case SQLITE_PERM:
        case SQLITE_READONLY:
        case SQLITE_NOTADB:  // something else was put in its place
            return {{ErrorCode::unavailable, message}, Link::lost};
        case SQLITE_CORRUPT:
            return {{ErrorCode::internal, message}, Link::lost};
        case SQLITE_CONSTRAINT:  // what callers may send was checked before: the text is for the log
            return {{ErrorCode::internal, message}, Link::usable};
        default:
            return {{ErrorCode::internal, message}, Link::usable};
    }
}

}  // namespace

Failure current_failure() {
    try {
        throw;
    } catch (const soci::sqlite3_soci_error& failure) {
        return of_sqlite(failure);
    } catch (const NotReady& failure) {
        return {{ErrorCode::unavailable, failure.what()}, Link::lost};
    } catch (const soci::soci_error& failure) {
        return {{ErrorCode::internal, "database: " + failure.get_error_message()}, Link::lost};
    } catch (const std::exception& failure) {
        return {{ErrorCode::internal, failure.what()}, Link::lost};
    }
}

}  // namespace pulse::store::sqlite
