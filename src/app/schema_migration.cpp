#include "app/schema_migration.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/log.hpp"

namespace pulse::app {

SchemaMigration::SchemaMigration(std::function<Result<void>()> migrate, Duration first_retry,
                                 Duration last_retry)
    : migrate_(std::move(migrate)), first_retry_(first_retry), last_retry_(last_retry) {}

SchemaMigration::~SchemaMigration() { stop(); }

Result<void> SchemaMigration::start() {
    auto migrated = migrate_();
    if (migrated || migrated.error().code != ErrorCode::unavailable) return migrated;
    log::warn("waiting for the database: {}", migrated.error().message);
    waiting_ = true;
    thread_ = std::thread([this] { retry(); });
    return {};
}

void SchemaMigration::retry() {
    auto pause = first_retry_;
    std::string said;
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            if (wake_.wait_for(lock, pause, [this] { return stopping_; })) return;
        }
        pause = std::min(pause * 2, last_retry_);
        const auto migrated = migrate_();
        if (migrated) break;
        // Said once above while it is out of reach; what is wrong beyond that is worth its line, once.
        if (migrated.error().code != ErrorCode::unavailable && migrated.error().message != said) {
            said = migrated.error().message;
            log::error("the schema cannot be brought up to date: {}", said);
        }
    }
    waiting_ = false;
    log::info("the database is there, its schema up to date");
}

void SchemaMigration::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

Result<void> SchemaMigration::state() const {
    if (waiting_) return Error{ErrorCode::unavailable, "waiting for the database"};
    return {};
}

}  // namespace pulse::app
