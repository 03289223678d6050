#pragma once
// The one place where a failure of PostgreSQL becomes an Error.
#include <exception>
#include <utility>

#include "base/result.hpp"
#include "store/postgres/connection.hpp"

namespace pulse::store::postgres {

enum class Link { usable, lost };     // lost: the connection must be opened anew
enum class Again { no, worthwhile };  // worthwhile: the same transaction may succeed if it is run once more

struct Failure {
    Error error;
    Link link = Link::usable;
    Again again = Again::no;
};

// An Error for which the transaction has to be rolled back.
struct Refusal : std::exception {
    explicit Refusal(Error e) : error(std::move(e)) {}
    const char* what() const noexcept override { return error.message.c_str(); }
    Error error;
};

// For use in a catch clause.
Failure current_failure();

}  // namespace pulse::store::postgres
