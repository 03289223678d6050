#include "app/serve.hpp"

#include <cstdio>
#include <iostream>

#include "app/server.hpp"
#include "app/signals.hpp"
#include "base/log.hpp"

namespace pulse::app {

int serve(const Settings& settings) {
    Signals signals;
    log::setup(settings.log_level, settings.log_format);
    for (const auto& warning : warnings(settings)) log::warn("{}", warning);
    auto server = Server::make(settings);
    auto started = server ? (*server)->start() : Result<void>(server.error());
    if (!started) {
        std::cerr << "pulseboard: " << started.error().message << std::endl;
        return 1;
    }
    // An IPv6 address stands in brackets in a URL (RFC 3986 section 3.2.2).
    const bool bracketed = settings.host.find(':') != std::string::npos;
    std::cout << "listening on http://" << (bracketed ? "[" + settings.host + "]" : settings.host) << ":"
              << (*server)->port() << std::endl;
    signals.wait();
    log::info("draining");
    (*server)->stop();
    log::info("stopped");
    log::flush();
    return 0;
}

}  // namespace pulse::app
