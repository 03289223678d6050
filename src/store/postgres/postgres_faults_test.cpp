// What a PostgreSQL that fails, hangs, or is somebody else's, costs; the shared suite is in
// postgres_store_test.cpp.
#include <gtest/gtest.h>
#include <signal.h>

#include <thread>

#include "store/postgres/postgres_store.hpp"
#include "store/postgres/test_server.hpp"
#include "store/store_suite.hpp"

namespace pulse::store::postgres {
namespace {

constexpr char ours[] =
    " FROM pg_stat_activity WHERE datname = current_database() AND"
    " application_name = 'pulseboard'";

class PostgresFaults : public testing::Test {
protected:
    void TearDown() override {
        if (store) store->stop();
    }
    std::unique_ptr<Store> another(PostgresOptions options = {}) {
        // The test server commits without waiting; what is acknowledged here must be there.
        options.url = database.url() + " options='-c synchronous_commit=on'";
        options.clock = &clock;
        auto opened = open_postgres(options);
        EXPECT_TRUE(opened) << opened.error().message;
        return std::move(*opened);
    }
    void open(PostgresOptions options = {}) { store = another(options); }
    void follow() { store->follow(listener.callback()); }
    Result<Written<Business>> create(const std::string& name = "n") {
        return run(store->create_business(ann, {name, "c", std::nullopt}));
    }
    ActivityEvent view(BusinessId business, std::int64_t count = 1) {
        return {EventId::random(), business, ActivityType::view, count,
                std::chrono::floor<std::chrono::days>(clock.wall_now())};
    }
    // A condition with a bound, for what the store does in its own time.
    template <class Condition>
    bool soon(Condition condition) {
        const auto deadline = std::chrono::steady_clock::now() + 10s;
        while (!condition()) {
            if (std::chrono::steady_clock::now() > deadline) return false;
            std::this_thread::sleep_for(5ms);
        }
        return true;
    }

    ScratchDatabase database;
    PlainSql sql{database.url()};
    ManualClock clock;
    Listener listener;
    std::unique_ptr<Store> store;
    const Owner ann{UserId::random(), "", Role::tenant};
};

TEST_F(PostgresFaults, a_url_that_is_none_is_refused_without_repeating_it) {
    const auto refused = open_postgres({.url = "postgresql://u:secret@h/db?nonsense=1"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().message.find("secret"), std::string::npos);
}

TEST_F(PostgresFaults, connections_that_the_server_ended_are_replaced_without_an_error) {
    open();
    follow();
    ASSERT_TRUE(create());
    for (int i = 0; i < 3; ++i) {
        sql.exec(std::string("SELECT pg_terminate_backend(pid, 5000)") + ours);
        EXPECT_TRUE(run(store->tenant_kpis(ann.id)));
        EXPECT_TRUE(create());
        EXPECT_TRUE(soon([&] { return store->hears_changes() && run(store->wake_up()).has_value(); }));
    }
    EXPECT_EQ(run(store->tenant_kpis(ann.id))->version, 4u);
    EXPECT_EQ(store->stats().errors, 0u);
    EXPECT_EQ(store->stats().feed_losses, 3u);
}

TEST_F(PostgresFaults, what_changed_while_nothing_was_heard_is_told_before_it_is_heard_again) {
    open();
    follow();
    ASSERT_TRUE(create());
    PlainSql admin(TestServer::instance().url("postgres"));
    const auto allow = [&](const char* yes) {
        admin.exec("UPDATE pg_database SET datallowconn = " + std::string(yes) + " WHERE datname = '" +
                   database.name() + "'");
    };
    allow("false");
    sql.exec(std::string("SELECT pg_terminate_backend(pid, 5000)") + ours);
    ASSERT_TRUE(soon([&] { return !store->hears_changes(); }));
    sql.exec("INSERT INTO businesses (user_id, name, category) SELECT id, 'unheard', 'c' FROM users");
    EXPECT_EQ(run(store->wake_up()).error().code, ErrorCode::unavailable);
    EXPECT_EQ(listener.now(ann.id), 1u);
    allow("true");
    ASSERT_TRUE(soon([&] { return store->hears_changes(); }));
    EXPECT_EQ(listener.now(ann.id), 2u);
    sql.exec("UPDATE businesses SET category = 'd' WHERE name = 'unheard'");
    EXPECT_TRUE(listener.wait_for(ann.id, 3));
}

TEST_F(PostgresFaults, payloads_of_others_are_passed_over) {
    open();
    follow();
    ASSERT_TRUE(create());
    for (const auto* payload : {"", ":", "x:1", "1", "00000000-0000-4000-8000-000000000000:x",
                                "00000000-0000-4000-8000-000000000000:1 "})
        sql.exec(std::string("SELECT pg_notify('pulseboard_changes', '") + payload + "')");
    EXPECT_TRUE(run(store->wake_up()));
    EXPECT_TRUE(store->hears_changes());
}

TEST_F(PostgresFaults, a_server_killed_while_writing_loses_nothing_acknowledged_and_counts_nothing_twice) {
    open();
    follow();
    const auto business = create()->value.id;
    std::atomic<int> acknowledged{0};
    std::atomic<int> refused{0};
    std::atomic<bool> enough{false};
    std::vector<std::jthread> writers;
    const std::shared_ptr<void> stop(nullptr, [&](void*) { enough = true; });
    for (int i = 0; i < 4; ++i) {
        writers.emplace_back([&] {
            while (!enough) {
                const std::vector<ActivityEvent> batch{view(business), view(business), view(business)};
                // The sender repeats what was not acknowledged.
                while (!enough) {
                    const auto outcomes = run(store->record_activity(batch));
                    if (outcomes) {
                        acknowledged += 3;
                        break;
                    }
                    EXPECT_EQ(outcomes.error().code, ErrorCode::unavailable) << outcomes.error().message;
                    ++refused;
                    std::this_thread::sleep_for(2ms);
                }
            }
        });
    }
    EXPECT_TRUE(soon([&] { return acknowledged > 100; }));
    TestServer::instance().crash();
    EXPECT_TRUE(soon([&] { return refused > 10; }));
    TestServer::instance().start();
    const int before = acknowledged;
    EXPECT_TRUE(soon([&] { return acknowledged > before + 100; }));
    enough = true;
    writers.clear();
    EXPECT_EQ(run(store->tenant_kpis(ann.id))->views, acknowledged);
    EXPECT_TRUE(soon([&] { return store->hears_changes(); }));
    EXPECT_TRUE(listener.wait_for(ann.id, run(store->tenant_kpis(ann.id))->version));
    PlainSql again(database.url());
    EXPECT_EQ(again.value("SELECT sum(views_count) FROM business_metrics"), std::to_string(acknowledged));
}

TEST_F(PostgresFaults, a_server_that_hangs_costs_a_bounded_time) {
    PostgresOptions options;
    options.readers = 1;
    options.statement_timeout = 300ms;
    open(options);
    follow();
    ASSERT_TRUE(run(store->tenant_kpis(ann.id)));
    const auto pids = sql.rows(std::string("SELECT pid") + ours);
    ASSERT_EQ(pids.size(), 2u);  // a reader and the listener
    for (const auto& pid : pids) kill(std::stoi(pid.at(0)), SIGSTOP);
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_TRUE(run(store->tenant_kpis(ann.id))) << "on a new connection";
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
    EXPECT_TRUE(soon([&] { return store->stats().feed_losses == 1 && store->hears_changes(); }))
        << "the listener asks now and then";
    for (const auto& pid : pids) kill(std::stoi(pid.at(0)), SIGCONT);
}

TEST_F(PostgresFaults, stopping_does_not_wait_for_a_server_that_hangs_while_the_feed_catches_up) {
    PostgresOptions options;
    options.lock_timeout = 50s;
    open(options);
    follow();
    ASSERT_TRUE(create());
    sql.exec("BEGIN; LOCK TABLE pulseboard.tenant_changes");
    PlainSql watch(database.url());
    watch.exec(std::string("SELECT pg_terminate_backend(pid, 5000)") + ours);
    std::string pid;
    ASSERT_TRUE(soon([&] {
        pid = watch.value("SELECT pid FROM pg_locks WHERE NOT granted");
        return !pid.empty();
    })) << "it asks what changed meanwhile";
    kill(std::stoi(pid), SIGSTOP);
    const auto begin = std::chrono::steady_clock::now();
    store->stop();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
    kill(std::stoi(pid), SIGCONT);
}

TEST_F(PostgresFaults, who_finds_every_connection_taken_is_told_in_time) {
    PostgresOptions options;
    options.readers = 1;
    options.writers = 1;
    options.patience = 200ms;
    open(options);
    ASSERT_TRUE(create());
    ASSERT_TRUE(run(store->tenant_kpis(ann.id)));
    sql.exec("BEGIN; LOCK TABLE pulseboard.tenant_kpis");
    std::vector<std::jthread> stuck;
    stuck.emplace_back([&] { (void)run(store->tenant_kpis(ann.id)); });
    stuck.emplace_back([&] { (void)create(); });
    PlainSql watch(database.url());
    ASSERT_TRUE(soon([&] { return watch.value("SELECT count(*) FROM pg_locks WHERE NOT granted") == "2"; }));
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(run(store->tenant_kpis(ann.id)).error().code, ErrorCode::unavailable);
    EXPECT_EQ(create().error().code, ErrorCode::unavailable);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
    sql.exec("COMMIT");
    stuck.clear();
    EXPECT_EQ(create()->version, 3u);
}

TEST_F(PostgresFaults, an_event_sent_to_two_nodes_at_once_counts_once) {
    open();
    const auto other = another();
    const auto business = create()->value.id;
    std::int64_t accepted = 0;
    for (int round = 0; round < 20; ++round) {
        std::vector<ActivityEvent> events;
        for (int i = 0; i < 50; ++i) events.push_back(view(business));
        auto reversed = events;
        std::reverse(reversed.begin(), reversed.end());
        std::vector<Task<Result<std::vector<ActivityOutcome>>>> tasks;
        tasks.push_back(store->record_activity(events));
        tasks.push_back(other->record_activity(reversed));
        for (const auto& outcomes : run_all(std::move(tasks))) {
            ASSERT_TRUE(outcomes) << outcomes.error().message;
            accepted += std::count(outcomes->begin(), outcomes->end(), ActivityOutcome::accepted);
        }
    }
    EXPECT_EQ(accepted, 20 * 50);
    EXPECT_EQ(run(store->tenant_kpis(ann.id))->views, 20 * 50);
    EXPECT_EQ(sql.value("SELECT count(*) FROM business_metrics"), "1");
    other->stop();
}

TEST_F(PostgresFaults, a_write_that_waits_for_somebodys_lock_does_not_hold_up_the_others) {
    PostgresOptions options;
    options.writers = 1;
    options.lock_timeout = 700ms;
    open(options);
    const auto held = create("held")->value.id;
    const auto free = create("free")->value.id;
    sql.exec("BEGIN; UPDATE businesses SET category = 'x' WHERE id = '" + held.to_string() + "'");
    BusinessPatch patch;
    patch.name = "patched";
    std::vector<Task<Result<Written<Business>>>> tasks;
    for (int i = 0; i < 5; ++i) {
        patch.name = "patched " + std::to_string(i);
        tasks.push_back(store->update_business(ann, i == 2 ? held : free, patch));
    }
    int good = 0;
    for (const auto& result : run_all(std::move(tasks))) {
        good += result.has_value();
        if (!result) {
            EXPECT_EQ(result.error().code, ErrorCode::unavailable);
        }
    }
    EXPECT_EQ(good, 4);
    sql.exec("ROLLBACK");
    EXPECT_TRUE(run(store->update_business(ann, held, patch)));
}

TEST_F(PostgresFaults, a_deadlock_with_somebody_is_tried_again) {
    open();
    const auto business = create()->value.id;
    ASSERT_TRUE(run(store->record_activity({view(business)})));
    sql.exec("SET deadlock_timeout = '30s'");  // so that it is ours that gives way
    sql.exec("BEGIN; UPDATE business_metrics SET clicks_count = 1");
    std::optional<Result<std::vector<ActivityOutcome>>> outcome;
    // It holds the business, and waits for the row of the day.
    std::jthread writing([&] { outcome = run(store->record_activity({view(business)})); });
    PlainSql watch(database.url());
    ASSERT_TRUE(soon([&] { return watch.value("SELECT count(*) FROM pg_locks WHERE NOT granted") != "0"; }));
    sql.exec("SELECT FROM businesses FOR UPDATE; COMMIT");
    writing.join();
    ASSERT_TRUE(*outcome) << outcome->error().message;
    EXPECT_EQ(run(store->tenant_kpis(ann.id))->views, 2);
    EXPECT_NE(watch.value("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"), "0");
}

TEST_F(PostgresFaults, text_that_the_database_cannot_hold_is_the_callers_fault) {
    open();
    EXPECT_EQ(create(std::string("a\0b", 3)).error().code, ErrorCode::invalid);
    EXPECT_EQ(create("\xff").error().code, ErrorCode::invalid);
    EXPECT_EQ(create(std::string(300, 'x')).error().code, ErrorCode::invalid);
    ASSERT_TRUE(create());
    EXPECT_EQ(run(store->businesses(ann.id, {0, 20, std::nullopt, std::string("\0", 1)}))->total, 0);
    EXPECT_EQ(store->stats().errors, 0u);
}

TEST_F(PostgresFaults, what_is_kept_for_a_time_is_trimmed_by_one_node_at_a_time) {
    PostgresOptions options;
    options.trim_interval = 20ms;
    open(options);
    const auto other = another(options);
    const auto business = create()->value.id;
    std::vector<ActivityEvent> events;
    for (int i = 0; i < 5000; ++i) events.push_back(view(business));
    ASSERT_TRUE(run(store->record_activity(events)));
    ASSERT_TRUE(create());
    sql.exec(
        "UPDATE pulseboard.tenant_changes SET changed_at = now() - interval '11 minutes' WHERE version < 3;"
        "UPDATE pulseboard.activity_events SET received_at = now() - interval '32 days'"
        " WHERE id <> '" +
        events[0].id.to_string() + "'");
    EXPECT_TRUE(soon([&] { return sql.value("SELECT count(*) FROM pulseboard.activity_events") == "1"; }));
    EXPECT_TRUE(soon([&] { return sql.value("SELECT min(version) FROM pulseboard.tenant_changes") == "3"; }));
    EXPECT_FALSE(run(store->tenant_state(ann.id, 1, 0))->complete);
    EXPECT_TRUE(run(store->tenant_state(ann.id, 2, 0))->complete);
    EXPECT_EQ(run(store->record_activity({events[0]}))->at(0), ActivityOutcome::duplicate);
    other->stop();
}

// As the original's tables may be: no unique key per day, rows of listings, fewer roles, more columns.
TEST_F(PostgresFaults, activity_is_counted_in_a_table_without_a_key_per_day) {
    open();
    const auto business = create()->value.id;
    sql.exec(
        "ALTER TABLE business_metrics DROP CONSTRAINT"
        " business_metrics_business_id_metric_date_demand_listing_id_key");
    const auto day = to_iso8601(clock.wall_now()).substr(0, 10);
    for (const auto* listing : {"gen_random_uuid()", "NULL", "NULL"})
        sql.exec(
            "INSERT INTO business_metrics (business_id, demand_listing_id, metric_date, views_count)"
            " VALUES ('" +
            business.to_string() + "', " + listing + ", '" + day + "', 10)");
    ASSERT_TRUE(run(store->record_activity({view(business, 5), view(business, 1)})));
    EXPECT_EQ(
        sql.value("SELECT string_agg(views_count::text, ',' ORDER BY views_count) FROM business_metrics"),
        "10,10,16");
    EXPECT_EQ(sql.value("SELECT max(views_count) FROM business_metrics WHERE demand_listing_id IS NULL"),
              "16");
    const auto metrics = run(store->metrics(ann.id, business, Date{}, Date{} + std::chrono::days(90'000)));
    EXPECT_EQ(metrics->totals.views, 36);
    ASSERT_EQ(metrics->history.size(), 1u);
    EXPECT_EQ(metrics->history[0].counts.views, 36);
}

TEST_F(PostgresFaults, activity_is_counted_where_a_counter_is_null_and_refused_where_nobody_owns) {
    open();
    const auto business = create()->value.id;
    const auto nobodys = create("nobody's")->value.id;
    sql.exec(
        "ALTER TABLE business_metrics ALTER views_count DROP NOT NULL, ALTER clicks_count DROP NOT NULL;"
        "ALTER TABLE businesses ALTER user_id DROP NOT NULL;"
        "UPDATE businesses SET user_id = NULL WHERE id = '" +
        nobodys.to_string() +
        "'; INSERT INTO business_metrics (business_id, metric_date, views_count, clicks_count) VALUES ('" +
        business.to_string() + "', '" + to_iso8601(clock.wall_now()).substr(0, 10) + "', NULL, NULL)");
    const auto event = view(business, 5);
    const auto lost = view(nobodys, 1);
    const auto outcomes = run(store->record_activity({event, lost}));
    ASSERT_TRUE(outcomes);
    EXPECT_EQ((*outcomes)[0], ActivityOutcome::accepted);
    EXPECT_EQ((*outcomes)[1], ActivityOutcome::unknown_business);
    EXPECT_EQ(sql.value("SELECT views_count FROM business_metrics"), "5");
    EXPECT_EQ(run(store->tenant_kpis(ann.id))->views, 5);
    // Its id stays usable.
    sql.exec("UPDATE businesses SET user_id = '" + ann.id.to_string() + "'");
    EXPECT_EQ(run(store->record_activity({lost}))->front(), ActivityOutcome::accepted);
}

TEST_F(PostgresFaults, writes_that_were_grouped_and_all_have_to_wait_are_refused_in_time) {
    PostgresOptions options;
    options.writers = 1;
    options.lock_timeout = 700ms;
    options.patience = 1s;
    open(options);
    const auto held = create("held")->value.id;
    sql.exec("BEGIN; UPDATE businesses SET category = 'x' WHERE id = '" + held.to_string() + "'");
    BusinessPatch patch;
    patch.name = "patched";
    std::vector<Task<Result<Written<Business>>>> tasks;
    for (int i = 0; i < 20; ++i) tasks.push_back(store->update_business(ann, held, patch));
    const auto before = std::chrono::steady_clock::now();
    for (const auto& result : run_all(std::move(tasks))) EXPECT_FALSE(result);
    EXPECT_LT(std::chrono::steady_clock::now() - before, 8s) << "one after the other they would take 14 s";
    sql.exec("ROLLBACK");
    EXPECT_TRUE(run(store->update_business(ann, held, patch)));
}

TEST_F(PostgresFaults, a_user_that_the_hosts_table_cannot_have_is_refused_in_words) {
    sql.exec(
        "ALTER TABLE users ALTER role TYPE text; DROP TYPE user_role CASCADE;"
        "CREATE TYPE user_role AS ENUM ('tenant', 'landlord');"
        "ALTER TABLE users ALTER role DROP DEFAULT;"
        "ALTER TABLE users ALTER role TYPE user_role USING role::user_role;"
        "ALTER TABLE users DROP created_at, DROP updated_at");
    open();
    ASSERT_TRUE(create());
    const Owner service{UserId::random(), "", Role::service};
    const auto refused = run(store->create_business(service, {"n", "c", std::nullopt}));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::forbidden);
    EXPECT_TRUE(run(store->create_business({ann.id, "", Role::service}, {"n", "c", std::nullopt})))
        << "the row is there already";
    sql.exec(
        "ALTER TABLE users ADD surname text NOT NULL DEFAULT 'x';"
        "ALTER TABLE users ALTER surname DROP DEFAULT");
    const auto incomplete =
        run(store->create_business({UserId::random(), "", Role::tenant}, {"n", "c", std::nullopt}));
    ASSERT_FALSE(incomplete);
    EXPECT_EQ(incomplete.error().code, ErrorCode::conflict);
    EXPECT_NE(incomplete.error().message.find("surname"), std::string::npos) << incomplete.error().message;
    EXPECT_EQ(store->stats().errors, 0u);
}

}  // namespace
}  // namespace pulse::store::postgres
