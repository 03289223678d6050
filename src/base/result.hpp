#pragma once
// How a failure that the caller should decide about travels: Result<T>, never an exception (exceptions
// are for what nobody here can mend). Value types, usable from any thread.
#include <boost/system/result.hpp>
#include <string>
#include <vector>

namespace pulse {

enum class ErrorCode {
    invalid,       // the caller's input is wrong; details name the fields
    unauthorized,  // no or bad credentials
    forbidden,     // valid credentials without the right
    not_found,
    conflict,
    unavailable,  // a dependency is out of reach or overloaded; worth repeating later
    internal,     // ours to mend; the message is for the log, never for the peer
};

struct FieldError {
    std::string field;
    std::string message;  // says what was expected
    bool operator==(const FieldError&) const = default;
};

struct Error {
    ErrorCode code = ErrorCode::internal;
    std::string message;
    std::vector<FieldError> details{};
    bool operator==(const Error&) const = default;
};

// Asking a failed Result for its value is a bug of ours; boost::system::result calls this then.
[[noreturn]] void throw_exception_from_error(const Error& error, const boost::source_location&);

template <class T, class E = Error>
using Result = boost::system::result<T, E>;

}  // namespace pulse
