#include "base/log.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <boost/json/serialize.hpp>
#include <memory>

namespace pulse::log {
namespace {

std::atomic<int> threshold{int(Level::info)};
std::atomic<bool> json{false};

spdlog::level::level_enum to_spdlog(Level level) {
    switch (level) {
        case Level::trace:
            return spdlog::level::trace;
        case Level::debug:
            return spdlog::level::debug;
        case Level::info:
            return spdlog::level::info;
        case Level::warn:
            return spdlog::level::warn;
        case Level::error:
            return spdlog::level::err;
    }
    return spdlog::level::info;
}

spdlog::logger& logger() {
    static const std::shared_ptr<spdlog::logger> instance = [] {
        spdlog::init_thread_pool(8192, 1);
        auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
        // Overrun drops the oldest line: a log that cannot keep up must not stop the event loops.
        auto made =
            std::make_shared<spdlog::async_logger>("pulseboard", std::move(sink), spdlog::thread_pool(),
                                                   spdlog::async_overflow_policy::overrun_oldest);
        made->set_level(spdlog::level::trace);
        made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
        made->flush_on(spdlog::level::warn);
        spdlog::flush_every(std::chrono::seconds(1));
        spdlog::register_logger(made);
        return made;
    }();
    return *instance;
}

}  // namespace

void setup(Level level, Format format) {
    threshold = int(level);
    json = format == Format::json;
    if (json) {
        logger().set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":%v})",
                             spdlog::pattern_time_type::utc);
    } else {
        logger();
    }
}

void flush() { logger().flush(); }

bool enabled(Level level) { return int(level) >= threshold; }

void write(Level level, std::string_view message) {
    if (json) {
        logger().log(to_spdlog(level), boost::json::serialize(boost::json::string_view(message)));
    } else {
        logger().log(to_spdlog(level), message);
    }
}

}  // namespace pulse::log
