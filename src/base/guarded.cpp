#include "base/guarded.hpp"

#include "base/log.hpp"

namespace pulse {

void log_thrown(std::string_view what, std::string_view message) {
    if (message.empty()) return log::error("{} threw", what);
    log::error("{} threw: {}", what, message);
}

}  // namespace pulse
