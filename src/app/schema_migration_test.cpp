#include "app/schema_migration.hpp"

#include <gtest/gtest.h>

#include <future>

namespace pulse::app {
namespace {

using namespace std::chrono_literals;

// A database that is out of reach for the first `refusals` attempts.
struct Database {
    unsigned refusals = 0;
    ErrorCode code = ErrorCode::unavailable;
    std::atomic<unsigned> attempts{0};
    std::promise<void> migrated{};

    Result<void> migrate() {
        if (attempts++ < refusals) return Error{code, "nobody there"};
        migrated.set_value();
        return {};
    }
    SchemaMigration migration() {
        return {[this] { return migrate(); }, 1ms, 2ms};
    }
};

TEST(SchemaMigration, is_done_at_once_if_the_database_is_there) {
    Database database;
    auto migration = database.migration();
    EXPECT_TRUE(migration.start());
    EXPECT_TRUE(migration.state());
    EXPECT_EQ(database.attempts, 1u);
}

TEST(SchemaMigration, waits_for_a_database_that_comes_up_later) {
    Database database{.refusals = 3};
    auto migration = database.migration();
    auto done = database.migrated.get_future();
    EXPECT_TRUE(migration.start());
    ASSERT_EQ(done.wait_for(10s), std::future_status::ready);
    migration.stop();
    EXPECT_TRUE(migration.state());
    EXPECT_EQ(database.attempts, 4u);
}

TEST(SchemaMigration, says_that_it_waits_and_stops_waiting_when_told) {
    Database database{.refusals = 1'000'000};
    auto migration = database.migration();
    EXPECT_TRUE(migration.start());
    EXPECT_EQ(migration.state().error().code, ErrorCode::unavailable);
    migration.stop();
    EXPECT_FALSE(migration.state());
}

TEST(SchemaMigration, does_not_wait_for_what_waiting_does_not_mend) {
    Database database{.refusals = 1, .code = ErrorCode::invalid};
    auto migration = database.migration();
    EXPECT_EQ(migration.start().error().code, ErrorCode::invalid);
    EXPECT_EQ(database.attempts, 1u);
}

}  // namespace
}  // namespace pulse::app
