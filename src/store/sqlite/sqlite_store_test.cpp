#include "store/sqlite/sqlite_store.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "store/session_suite.hpp"
#include "store/sqlite/migrate.hpp"
#include "store/sqlite/test_database.hpp"
#include "store/sqlite/test_recount.hpp"

namespace pulse::store {

class SqliteTestDatabase final : public TestDatabase {
public:
    Result<std::unique_ptr<Store>> open(const Clock& clock) override {
        sqlite::SqliteOptions options;
        options.path = file_.path();
        options.clock = &clock;
        return sqlite::open_sqlite(options);
    }
    void sql(const std::string& statements) override { sqlite::PlainSql(file_.path()).exec(statements); }
    std::string value(const std::string& select) override {
        return sqlite::PlainSql(file_.path()).value(select);
    }

private:
    sqlite::TemporaryFile file_;
};

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreSuite,
                         testing::Values(MakeDatabase([] { return std::make_unique<SqliteTestDatabase>(); })),
                         [](const auto&) { return "store"; });
INSTANTIATE_TEST_SUITE_P(Sqlite, SessionSuite,
                         testing::Values(MakeDatabase([] { return std::make_unique<SqliteTestDatabase>(); })),
                         [](const auto&) { return "store"; });

namespace sqlite {
namespace {

// A store with options of the test's own, and the file beside it.
class SqliteStore : public testing::Test {
protected:
    void open(SqliteOptions options = {}) {
        options.path = file.path();
        options.clock = &clock;
        auto opened = open_sqlite(options);
        ASSERT_TRUE(opened) << opened.error().message;
        store = std::move(*opened);
        ASSERT_TRUE(store->migrate());
    }
    Result<Written<Business>> create() { return run(store->create_business(ann, {"n", "c", std::nullopt})); }
    // A condition with a bound, for what the store does in its own time.
    template <class Condition>
    bool soon(Condition condition) {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (!condition()) {
            if (std::chrono::steady_clock::now() > deadline) return false;
            std::this_thread::yield();
        }
        return true;
    }

    TemporaryFile file;
    ManualClock clock;
    std::unique_ptr<Store> store;
    const Owner ann{UserId::random(), "", Role::tenant};
};

TEST_F(SqliteStore, refuses_a_path_that_cannot_hold_a_database) {
    for (const auto* path : {"", "/nowhere/at/all.db", "/tmp", "a\"b.db"}) {
        SqliteOptions options;
        options.path = path;
        EXPECT_FALSE(open_sqlite(options)) << path;
    }
}

TEST_F(SqliteStore, takes_a_path_with_spaces_and_equals_signs) {
    SqliteOptions options;
    options.path = file.path() + " a=b  c.db";
    options.clock = &clock;
    auto odd = open_sqlite(options);
    ASSERT_TRUE(odd);
    EXPECT_TRUE((*odd)->migrate());
    EXPECT_TRUE(run((*odd)->ping()));
    EXPECT_TRUE(std::filesystem::exists(options.path));
    odd->reset();
    std::filesystem::remove(options.path);
}

TEST_F(SqliteStore, a_lock_held_too_long_is_unavailable_and_over_when_it_is_released) {
    SqliteOptions options;
    options.busy_timeout = std::chrono::milliseconds(20);
    open(options);
    ASSERT_TRUE(create());
    PlainSql other(file.path());
    other.exec("BEGIN IMMEDIATE");
    const auto refused = create();
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::unavailable);
    EXPECT_EQ(run(store->tenant_kpis(ann.id))->version, 1u) << "reading goes on";
    EXPECT_EQ(store->stats().errors, 1u);
    other.exec("COMMIT");
    EXPECT_EQ(create()->version, 2u);
}

TEST_F(SqliteStore, writes_beyond_the_queue_are_refused_at_once_and_the_rest_is_done) {
    SqliteOptions options;
    options.max_writes = 2;
    open(options);
    ASSERT_TRUE(create());
    PlainSql other(file.path());
    other.exec("BEGIN IMMEDIATE");
    std::vector<Result<Written<Business>>> results;
    boost::asio::io_context loop;
    for (int i = 0; i < 20; ++i)
        boost::asio::co_spawn(loop, collect(store->create_business(ann, {"n", "c", std::nullopt}), results),
                              [](std::exception_ptr) {});
    // At most two are being written and two wait.
    EXPECT_TRUE(soon([&] { return loop.poll(), results.size() >= 16; }));
    for (const auto& result : results) EXPECT_EQ(result.error().code, ErrorCode::unavailable);
    const auto refused = results.size();
    other.exec("COMMIT");
    loop.run();
    ASSERT_EQ(results.size(), 20u);
    EXPECT_EQ(run(store->tenant_kpis(ann.id))->version, 1 + 20 - refused);
}

// Each batch that waited used to wait for the lock by itself.
TEST_F(SqliteStore, stopping_waits_for_a_lock_once_and_not_for_each_batch) {
    SqliteOptions options;
    options.busy_timeout = std::chrono::milliseconds(400);
    open(options);
    ASSERT_TRUE(create());
    PlainSql other(file.path());
    other.exec("BEGIN IMMEDIATE");
    std::vector<Result<Written<Business>>> results;
    boost::asio::io_context loop;
    constexpr std::size_t twenty_batches = 20 * 256;
    for (std::size_t i = 0; i < twenty_batches; ++i)
        boost::asio::co_spawn(loop, collect(store->create_business(ann, {"n", "c", std::nullopt}), results),
                              [](std::exception_ptr) {});
    EXPECT_TRUE(soon([&] { return loop.poll(), store->stats().queued + 256 >= twenty_batches; }));
    const auto begun = std::chrono::steady_clock::now();
    store->stop();
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(4));
    loop.run();
    ASSERT_EQ(results.size(), twenty_batches) << "everybody is answered";
    for (const auto& result : results) ASSERT_EQ(result.error().code, ErrorCode::unavailable);
    other.exec("COMMIT");
    EXPECT_EQ(other.value("SELECT count(*) FROM businesses"), "1");
}

TEST_F(SqliteStore, a_file_that_is_gone_is_unavailable_until_it_is_back) {
    open();
    ASSERT_TRUE(create());
    const auto hidden = file.path() + ".hidden";
    std::filesystem::rename(file.path(), hidden);
    EXPECT_EQ(create().error().code, ErrorCode::unavailable);
    EXPECT_EQ(run(store->ping()).error().code, ErrorCode::unavailable);
    EXPECT_FALSE(std::filesystem::exists(file.path())) << "an empty database must not take its place";
    std::filesystem::rename(hidden, file.path());
    EXPECT_TRUE(run(store->ping()));
    EXPECT_EQ(create()->version, 2u);
}

// The feed used to watch the file that was there at first, for ever.
TEST_F(SqliteStore, a_database_put_in_the_place_of_the_file_is_followed_and_told_of) {
    open();
    Listener listener;
    store->follow(listener.callback());
    ASSERT_TRUE(create());
    ASSERT_TRUE(listener.wait_for(ann.id, 1));
    const TemporaryFile other;
    ASSERT_TRUE(migrate({other.path()}));
    const auto bob = UserId::random();
    const auto add = [&](const std::string& path) {
        PlainSql(path).exec("INSERT INTO businesses (user_id, name, category) VALUES ('" + bob.to_string() +
                            "', 'n', 'c')");
    };
    add(other.path());
    std::filesystem::rename(other.path(), file.path());
    EXPECT_TRUE(listener.wait_for(bob, 1)) << "what is there already";
    add(file.path());
    EXPECT_TRUE(listener.wait_for(bob, 2)) << "what comes later";
    EXPECT_EQ(create()->version, 1u) << "ann is new here";
    EXPECT_EQ(run(store->tenant_kpis(bob))->version, 2u);
    PlainSql sql(file.path());
    EXPECT_EQ(sql.value("PRAGMA integrity_check"), "ok") << "the former file's log must not be applied to it";
    EXPECT_EQ(disagreement(sql), "");
    store->stop();
}

TEST_F(SqliteStore, what_is_no_database_of_ours_is_unavailable_until_one_is_in_its_place) {
    open();
    Listener listener;
    store->follow(listener.callback());
    ASSERT_TRUE(create());
    const auto hidden = file.path() + ".hidden";
    std::filesystem::rename(file.path(), hidden);
    for (const std::string content :
         {"", "this is no database at all, and long enough to be taken for one"}) {
        std::ofstream(file.path()) << content;
        EXPECT_EQ(create().error().code, ErrorCode::unavailable) << content;
        EXPECT_EQ(run(store->tenant_kpis(ann.id)).error().code, ErrorCode::unavailable) << content;
        EXPECT_EQ(run(store->ping()).error().code, ErrorCode::unavailable) << content;
    }
    std::filesystem::rename(hidden, file.path());
    const auto written = create();
    ASSERT_TRUE(written) << written.error().message;
    EXPECT_EQ(written->version, 2u);
    EXPECT_TRUE(listener.wait_for(ann.id, 2));
    store->stop();
}

TEST_F(SqliteStore, a_backup_restored_in_place_is_followed) {
    open();
    Listener listener;
    store->follow(listener.callback());
    PlainSql sql(file.path());
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(create());
    ASSERT_TRUE(listener.wait_for(ann.id, 3));
    // What .restore of a database leaves in which nothing but one change of bob's ever happened.
    const auto bob = UserId::random();
    sql.exec(
        "BEGIN; DELETE FROM tenant_changes; UPDATE sqlite_sequence SET seq = 0;"
        "INSERT INTO businesses (user_id, name, category) VALUES ('" +
        bob.to_string() + "', 'n', 'c'); COMMIT");
    EXPECT_TRUE(listener.wait_for(bob, 1));
    store->stop();
}

TEST_F(SqliteStore, the_log_is_trimmed_after_ten_minutes_and_ids_of_events_after_thirty_days) {
    SqliteOptions options;
    options.trim_interval = std::chrono::milliseconds(1);
    open(options);
    const auto business = create()->value.id;
    const ActivityEvent event{EventId::random(), business, ActivityType::view, 1,
                              std::chrono::floor<std::chrono::days>(clock.wall_now())};
    ASSERT_TRUE(run(store->record_activity({event})));
    PlainSql sql(file.path());
    clock.advance(std::chrono::minutes(9));
    ASSERT_TRUE(run(store->ping()));
    EXPECT_TRUE(run(store->tenant_state(ann.id, 0, 0))->complete);
    clock.advance(std::chrono::minutes(2));
    EXPECT_TRUE(soon([&] { return sql.value("SELECT count(*) FROM tenant_changes") == "0"; }));
    EXPECT_FALSE(run(store->tenant_state(ann.id, 1, 0))->complete);
    EXPECT_TRUE(run(store->tenant_state(ann.id, 2, 0))->complete) << "who has seen all missed nothing";
    EXPECT_EQ(run(store->tenant_kpis(ann.id))->version, 2u);
    clock.advance(std::chrono::days(30));
    EXPECT_EQ(run(store->record_activity({event}))->at(0), ActivityOutcome::duplicate);
    clock.advance(std::chrono::days(2));
    EXPECT_TRUE(soon([&] { return sql.value("SELECT count(*) FROM activity_events") == "0"; }));
    Listener listener;
    store->follow(listener.callback());
    EXPECT_EQ(create()->version, 3u) << "versions go on, also when the log is empty";
    EXPECT_TRUE(listener.wait_for(ann.id, 3));
    store->stop();
}

TEST_F(SqliteStore, a_trimmed_log_does_not_silence_the_feed) {
    open();
    Listener listener;
    store->follow(listener.callback());
    for (Version version = 1; version < 4; ++version) {
        ASSERT_TRUE(create());
        PlainSql(file.path()).exec("DELETE FROM tenant_changes");
        PlainSql(file.path()).exec("UPDATE businesses SET name = 'v" + std::to_string(version) + "'");
        EXPECT_TRUE(listener.wait_for(ann.id, run(store->tenant_kpis(ann.id))->version));
    }
    store->stop();
}

TEST_F(SqliteStore, what_the_sqlite3_program_writes_reaches_the_feed) {
    if (std::system("command -v sqlite3 > /dev/null") != 0) GTEST_SKIP() << "sqlite3 is not installed";
    open();
    Listener listener;
    store->follow(listener.callback());
    const auto begun = std::chrono::steady_clock::now();
    const auto command = "sqlite3 '" + file.path() +
                         "' \"INSERT INTO businesses (user_id, name, category) VALUES ('" +
                         ann.id.to_string() + "', 'shell', 'c')\"";
    ASSERT_EQ(std::system(command.c_str()), 0);
    EXPECT_TRUE(listener.wait_for(ann.id, 1));
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5));
    store->stop();
}

TEST_F(SqliteStore, bytes_that_are_no_text_reach_nobody) {
    open();
    PlainSql(file.path())
        .exec("INSERT INTO businesses (user_id, name, category) VALUES ('" + ann.id.to_string() +
              "', CAST(x'41ff42' AS TEXT), 'c')");
    const auto state = *run(store->tenant_state(ann.id, 0, 20));
    ASSERT_EQ(state.businesses.size(), 1u);
    EXPECT_EQ(state.businesses[0].name,
              "A\xEF\xBF\xBD"
              "B");
    ASSERT_EQ(state.changes.size(), 1u);
    EXPECT_EQ(state.changes[0].business, state.businesses[0]);
}

// Through the store and past it, in any order: the rollups are right and the feed has told of every change.
RC_GTEST_PROP(SqliteStoreHistory, leaves_rollups_right_and_tells_of_every_touched_user, ()) {
    const TemporaryFile file;
    ManualClock clock;
    SqliteOptions options;
    options.path = file.path();
    options.clock = &clock;
    auto opened = open_sqlite(options);
    RC_ASSERT(bool(opened));
    const auto store = std::move(*opened);
    RC_ASSERT(bool(store->migrate()));
    Listener listener;
    store->follow(listener.callback());
    PlainSql sql(file.path());
    const std::vector<Owner> owners{{UserId::random(), "", Role::tenant},
                                    {UserId::random(), "", Role::tenant}};
    std::vector<BusinessId> ids{BusinessId::random()};
    const auto n = [](std::size_t size) {
        return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::size_t>(0, size));
    };
    const auto today = std::chrono::floor<std::chrono::days>(clock.wall_now());
    const auto steps = n(30);
    for (std::size_t i = 0; i < steps; ++i) {
        const auto& owner = owners[n(2)];
        const auto id = ids[n(ids.size())];
        BusinessPatch patch;
        std::vector<ActivityEvent> events;
        clock.advance(std::chrono::milliseconds(n(3)));
        switch (n(6)) {
            case 0:
                ids.push_back(
                    run(store->create_business(owner, {"n", "c", std::nullopt, BusinessStatus(n(3))}))
                        ->value.id);
                break;
            case 1:
                patch.status = BusinessStatus(n(3));
                (void)run(store->update_business(owner, id, patch));
                break;
            case 2:
                (void)run(store->delete_business(owner, id));
                break;
            case 3:
            case 4:
                for (std::size_t k = n(6); k > 0; --k)
                    events.push_back({EventId::random(), ids[n(ids.size())], ActivityType(n(6)),
                                      std::int64_t(1 + n(5)), today - std::chrono::days(n(2))});
                (void)run(store->record_activity(events));
                break;
            default:
                sql.exec("UPDATE businesses SET user_id = '" + owner.id.to_string() + "' WHERE id = '" +
                         id.to_string() + "'");
        }
    }
    const auto difference = disagreement(sql);
    if (!difference.empty()) RC_FAIL(difference);
    for (const auto& owner : owners)
        RC_ASSERT(listener.wait_for(owner.id, run(store->tenant_kpis(owner.id))->version));
    store->stop();
}

}  // namespace
}  // namespace sqlite
}  // namespace pulse::store
