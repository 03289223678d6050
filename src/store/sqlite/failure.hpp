#pragma once
// The one place where a failure of SQLite becomes an Error.
#include <exception>

#include "base/result.hpp"

namespace pulse::store::sqlite {

enum class Link { usable, lost };  // lost: the connection must be opened anew

struct Failure {
    Error error;
    Link link = Link::usable;
};

// For use in a catch clause.
Failure current_failure();

}  // namespace pulse::store::sqlite
