#include "base/result.hpp"

#include <stdexcept>

namespace pulse {

void throw_exception_from_error(const Error& error, const boost::source_location& where) {
    throw std::logic_error("value of a failed result: " + error.message + " (" + where.file_name() + ")");
}

}  // namespace pulse
