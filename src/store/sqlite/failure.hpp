#pragma once
// The one place where a failure of SQLite becomes an Error.
#include <exception>
#include <stdexcept>

#include "base/result.hpp"

namespace pulse::store::sqlite {

enum class Link { usable, lost };  // lost: the connection must be opened anew

struct Failure {
    Error error;
    Link link = Link::usable;
};

// The database can be opened, but it is not one that this program can work on.
class NotReady : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// For use in a catch clause.
Failure current_failure();

}  // namespace pulse::store::sqlite
