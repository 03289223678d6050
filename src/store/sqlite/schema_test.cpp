// The triggers, driven by plain SQL as any other program might write it: after any sequence of statements
// the rollups are what counting everything again would give, and the log has no gap.
#include "store/sqlite/schema.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <thread>

#include "base/ids.hpp"
#include "store/sqlite/changed_since.hpp"
#include "store/sqlite/migrate.hpp"
#include "store/sqlite/test_database.hpp"
#include "store/sqlite/test_recount.hpp"

namespace pulse::store::sqlite {
namespace {

std::string uuid(char kind, int n) {
    std::string text = "00000000-0000-4000-8000-00000000000" + std::to_string(n);
    text[0] = kind;
    return text;
}
std::string user(int n) { return "'" + uuid('a', n) + "'"; }
std::string business(int n) { return "'" + uuid('b', n) + "'"; }
std::string metric(int n) { return "'" + uuid('c', n) + "'"; }
std::string day(int n) { return "'2026-01-0" + std::to_string(n + 1) + "'"; }

using Rows = std::vector<std::vector<std::string>>;

std::string random_statement() {
    // At full size from the start: RapidCheck would else begin with the first kinds of statements only.
    const auto n = [](int size) { return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, size)); };
    const auto one_of = [&](std::vector<std::string> all) { return all[std::size_t(n(int(all.size())))]; };
    const auto conflict = [&] { return one_of({"", "OR REPLACE ", "OR REPLACE ", "OR IGNORE "}); };
    const auto status = [&] { return one_of({"'active'", "'pending_verification'", "'stealth_mode'"}); };
    const auto count = [&] { return std::to_string(n(4)); };
    const auto listing = [&] { return one_of({"NULL", "NULL", "'x'"}); };
    const auto limited = [&](const std::string& column, const std::string& value) {
        return n(12) ? " WHERE " + column + " = " + value : std::string();
    };
    switch (n(17)) {
        case 0:
        case 1:
            return "INSERT " + conflict() + "INTO businesses (id, user_id, name, category, status) VALUES (" +
                   business(n(4)) + ", " + user(n(3)) + ", 'n" + count() + "', 'c', " + status() + ")";
        case 2:
            return "INSERT INTO businesses (id, user_id, name, category) VALUES (" + business(n(4)) + ", " +
                   user(n(3)) +
                   ", 'u', 'c') ON CONFLICT (id) DO UPDATE SET name = excluded.name, user_id = "
                   "excluded.user_id, status = " +
                   status();
        case 3:
            return "UPDATE " + conflict() + "businesses SET user_id = " + user(n(3)) +
                   limited("id", business(n(4)));
        case 4:
            return "UPDATE businesses SET status = " + status() + ", name = 'm" + count() + "'" +
                   limited("user_id", user(n(3)));
        case 5:
            return "UPDATE businesses SET updated_at = '2026-01-01T00:00:00.00" + count() +
                   "Z', is_verified = " + one_of({"0", "1"}) + limited("id", business(n(4)));
        case 6:
            return "DELETE FROM businesses" + limited("id", business(n(4)));
        case 7:
            return "DELETE FROM users" + limited("id", user(n(3)));
        case 8:
            return "INSERT " + conflict() + "INTO users (id) VALUES (" + user(n(3)) + ")";
        case 9:
        case 10:
        case 11:
            return "INSERT " + conflict() +
                   "INTO business_metrics (id, business_id, demand_listing_id, metric_date, views_count, "
                   "clicks_count, property_invites_count, messages_count) VALUES (" +
                   metric(n(6)) + ", " + business(n(4)) + ", " + listing() + ", " + day(n(3)) + ", " +
                   count() + ", " + count() + ", " + count() + ", " + count() + ")";
        case 12:
            return "INSERT INTO business_metrics (business_id, metric_date, views_count) VALUES (" +
                   business(n(4)) + ", " + day(n(3)) +
                   ", 2) ON CONFLICT (business_id, metric_date, coalesce(demand_listing_id, ''))"
                   " DO UPDATE SET views_count = views_count + excluded.views_count";
        case 13:
            return "UPDATE " + conflict() + "business_metrics SET business_id = " + business(n(4)) +
                   ", messages_count = messages_count + " + count() + limited("id", metric(n(6)));
        case 14:
            return "UPDATE " + conflict() + "business_metrics SET metric_date = " + day(n(3)) +
                   ", demand_listing_id = " + listing() + limited("id", metric(n(6)));
        case 15:
            return "UPDATE " + conflict() + "business_metrics SET id = " + metric(n(6)) +
                   ", declined_count = " + count() + limited("business_id", business(n(4)));
        default:
            return "DELETE FROM business_metrics" + limited("business_id", business(n(4)));
    }
}

class Schema : public testing::Test {
protected:
    Schema() { EXPECT_TRUE(migrate({file.path()})); }
    TemporaryFile file;
};

RC_GTEST_PROP(Rollups, equal_a_full_count_after_any_sequence_of_plain_statements, ()) {
    const TemporaryFile file;
    RC_ASSERT(bool(migrate({file.path()})));
    PlainSql sql(file.path());
    sql.exec("PRAGMA synchronous = OFF");
    sql.exec(std::string("PRAGMA foreign_keys = ") + (*rc::gen::arbitrary<bool>() ? "ON" : "OFF"));
    sql.exec(std::string("PRAGMA recursive_triggers = ") + (*rc::gen::arbitrary<bool>() ? "ON" : "OFF"));
    // Something to replace, move and delete from the first statement on.
    for (int i = 0; i < 4; ++i)
        sql.exec("INSERT INTO businesses (id, user_id, name, category, status) VALUES (" + business(i) +
                 ", " + user(i % 3) + ", 'n', 'c', 'active')");
    for (int i = 0; i < 6; ++i)
        sql.exec(
            "INSERT INTO business_metrics (id, business_id, metric_date, views_count, messages_count) VALUES "
            "(" +
            metric(i) + ", " + business(i % 4) + ", " + day(i % 3) + ", 5, 7)");
    const int size = *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(1, 40));
    std::string history;
    for (int i = 0; i < size; ++i) {
        const auto statement = random_statement();
        history += statement + ";\n";
        sql.attempt(statement);  // a refused statement must leave everything right too
        const auto difference = disagreement(sql);
        if (!difference.empty()) RC_FAIL(history + difference);
    }
}

TEST_F(Schema, a_plain_insert_names_only_what_it_sets) {
    PlainSql sql(file.path());
    sql.exec("INSERT INTO users (email) VALUES ('a@example.com')");
    sql.exec("INSERT INTO users (id) VALUES (" + user(1) + "), (" + user(2) + ")");
    sql.exec("INSERT INTO businesses (user_id, name, category) SELECT id, 'n', 'c' FROM users LIMIT 1");
    sql.exec(
        "INSERT INTO business_metrics (business_id, metric_date) SELECT id, '2026-01-31' FROM businesses");
    EXPECT_EQ(sql.value("SELECT email FROM users WHERE id = " + user(1)), uuid('a', 1) + "@unknown.invalid");
    const auto id = sql.value("SELECT id FROM businesses");
    ASSERT_TRUE(Uuid::parse(id)) << id;
    EXPECT_EQ(id[14], '4');
    EXPECT_EQ(Uuid::parse(id)->to_string(), id);
    EXPECT_EQ(sql.value("SELECT created_at FROM businesses").size(), 24u);
    EXPECT_EQ(disagreement(sql), "");
}

TEST_F(Schema, what_readers_could_not_read_is_refused_in_words) {
    PlainSql sql(file.path());
    sql.exec("INSERT INTO businesses (id, user_id, name, category) VALUES (" + business(1) + ", " + user(1) +
             ", 'n', 'c')");
    const std::string into =
        "INSERT INTO businesses (id, user_id, name, category, created_at, status) VALUES ";
    const auto metrics = [](const std::string& columns, const std::string& values) {
        return "INSERT INTO business_metrics (business_id, metric_date, " + columns + ") VALUES (" +
               business(1) + ", " + values + ")";
    };
    const std::string time = "'2026-01-31T09:30:00.000Z'";
    const std::pair<std::string, const char*> refused[] = {
        {into + "('B0000000-0000-4000-8000-000000000002', " + user(1) + ", 'n', 'c', " + time + ", 'active')",
         "lower case"},
        {into + "('------------------------------------', " + user(1) + ", 'n', 'c', " + time + ", 'active')",
         "businesses.id"},
        {into + "('7', " + user(1) + ", 'n', 'c', " + time + ", 'active')", "businesses.id"},
        {into + "(" + business(2) + ", 'A0000000-0000-4000-8000-000000000001', 'n', 'c', " + time +
             ", 'active')",
         "user_id"},
        {into + "(" + business(2) + ", " + user(1) + ", 'n', 'c', '2026-01-31 09:30:00', 'active')",
         "created_at must be like"},
        {into + "(" + business(2) + ", " + user(1) + ", 'n', 'c', '2026-19-31T09:30:00.000Z', 'active')",
         "created_at must be like"},
        {into + "(" + business(2) + ", " + user(1) + ", 'n', 'c', " + time + ", 'open')", "status must be"},
        {into + "(" + business(2) + ", " + user(1) + ", x'00', 'c', " + time + ", 'active')", "BLOB"},
        {metrics("views_count", "'31.01.2026', 1"), "metric_date must be a day"},
        {metrics("views_count", "'2026-02-30', 1"), "metric_date must be a day"},
        {metrics("views_count", "'now', 1"), "metric_date must be a day"},
        {metrics("views_count", "'2026-01-31', -1"), "counts must be"},
        {metrics("views_count", "'2026-01-31', 'many'"), "TEXT"},
        {metrics("views_count", "'2026-01-31', 9223372036854775807"), "counts must be"},
        {"INSERT INTO business_metrics (business_id, metric_date) VALUES ('nobody', '2026-01-31')",
         "names no business"},
        {"UPDATE businesses SET id = " + business(3), "cannot be changed"},
    };
    for (const auto& [statement, why] : refused) {
        const auto failure = sql.attempt(statement);
        EXPECT_NE(failure.find(why), std::string::npos) << statement << "\n" << failure;
    }
    EXPECT_EQ(disagreement(sql), "");
    EXPECT_EQ(sql.value("SELECT version FROM tenant_kpis"), "1");
}

TEST_F(Schema, an_update_that_changes_nothing_appends_nothing_and_one_that_does_touches_updated_at) {
    PlainSql sql(file.path());
    sql.exec("INSERT INTO businesses (id, user_id, name, category, updated_at) VALUES (" + business(1) +
             ", " + user(1) + ", 'n', 'c', '2026-01-01T00:00:00.000Z')");
    sql.exec("INSERT INTO business_metrics (business_id, metric_date, views_count) VALUES (" + business(1) +
             ", " + day(0) + ", 3)");
    sql.exec("UPDATE businesses SET name = 'n', status = status");
    sql.exec("UPDATE business_metrics SET views_count = 3, demand_listing_id = NULL");
    EXPECT_EQ(sql.value("SELECT version FROM tenant_kpis"), "2");
    EXPECT_EQ(sql.value("SELECT updated_at FROM businesses"), "2026-01-01T00:00:00.000Z");
    sql.exec("UPDATE businesses SET name = 'other'");
    EXPECT_EQ(sql.value("SELECT version FROM tenant_kpis"), "3");
    EXPECT_GT(sql.value("SELECT updated_at FROM businesses"), "2026-02");
    sql.exec("UPDATE businesses SET updated_at = '2026-01-01T00:00:00.007Z'");
    EXPECT_EQ(sql.value("SELECT updated_at FROM businesses"), "2026-01-01T00:00:00.007Z");
    EXPECT_EQ(disagreement(sql), "");
}

TEST_F(Schema, a_change_of_owner_is_a_deletion_and_a_creation_with_the_sums) {
    PlainSql sql(file.path());
    sql.exec("INSERT INTO businesses (id, user_id, name, category) VALUES (" + business(1) + ", " + user(1) +
             ", 'n', 'c')");
    sql.exec("INSERT INTO business_metrics (business_id, metric_date, views_count) VALUES (" + business(1) +
             ", " + day(0) + ", 3)");
    sql.exec("UPDATE businesses SET user_id = " + user(2));
    EXPECT_EQ(sql.rows("SELECT user_id, version, kind FROM tenant_changes ORDER BY seq"),
              (Rows{{uuid('a', 1), "1", "business_created"},
                    {uuid('a', 1), "2", "metrics_updated"},
                    {uuid('a', 1), "3", "business_deleted"},
                    {uuid('a', 2), "1", "business_created"}}));
    EXPECT_EQ(disagreement(sql), "");
}

TEST_F(Schema, a_replaced_row_is_counted_off) {
    PlainSql sql(file.path());
    for (int i = 1; i < 3; ++i)
        sql.exec("INSERT INTO businesses (id, user_id, name, category) VALUES (" + business(i) + ", " +
                 user(i) + ", 'n', 'c')");
    const auto replace = [&](int id, int owner, const char* count) {
        sql.exec(
            "INSERT OR REPLACE INTO business_metrics (id, business_id, metric_date, views_count) VALUES (" +
            metric(id) + ", " + business(owner) + ", " + day(0) + ", " + count + ")");
        EXPECT_EQ(disagreement(sql), "");
    };
    replace(1, 1, "5");
    replace(1, 1, "7");  // by id
    replace(2, 1, "9");  // by day
    replace(3, 2, "11");
    replace(2, 2, "13");  // both at once, of two tenants
    EXPECT_EQ(sql.rows("SELECT views FROM tenant_kpis ORDER BY user_id"), (Rows{{"0"}, {"13"}}));
    sql.exec("INSERT OR REPLACE INTO businesses (id, user_id, name, category) VALUES (" + business(2) + ", " +
             user(1) + ", 'n', 'c')");
    EXPECT_EQ(disagreement(sql), "");
    EXPECT_EQ(sql.rows("SELECT views FROM tenant_kpis ORDER BY user_id"), (Rows{{"13"}, {"0"}}));
}

TEST_F(Schema, a_transaction_that_is_rolled_back_leaves_no_trace) {
    PlainSql sql(file.path());
    sql.exec("BEGIN; INSERT INTO businesses (user_id, name, category) VALUES (" + user(1) +
             ", 'n', 'c'); ROLLBACK");
    EXPECT_EQ(sql.value("SELECT count(*) FROM tenant_changes"), "0");
    EXPECT_EQ(sql.value("SELECT count(*) FROM tenant_kpis"), "0");
}

TEST_F(Schema, the_kpi_row_is_found_by_its_key_a_list_by_its_index_and_changes_by_their_place) {
    PlainSql sql(file.path());
    const auto plan = [&](const std::string& select) {
        return sql.rows("EXPLAIN QUERY PLAN " + select)[0][3];
    };
    EXPECT_EQ(
        plan("SELECT * FROM tenant_kpis WHERE user_id = 'x'").find("SEARCH tenant_kpis USING PRIMARY KEY"),
        0u);
    EXPECT_EQ(
        plan("SELECT * FROM tenant_days WHERE user_id = 'x' AND day BETWEEN 'a' AND 'b'").find("SEARCH"), 0u);
    EXPECT_EQ(
        sql.rows(
               "EXPLAIN QUERY PLAN SELECT * FROM businesses WHERE user_id = 'x' ORDER BY created_at DESC, id")
            .size(),
        1u)
        << "no sorting";
    // The whole log was read, after each commit.
    EXPECT_EQ(plan(changed_since).find("SEARCH tenant_changes USING INTEGER PRIMARY KEY"), 0u);
}

TEST(Migration, is_safe_to_repeat_and_to_run_by_many_at_once) {
    const TemporaryFile file;
    std::vector<std::thread> threads;
    std::vector<Result<void>> results(8, Error{});
    for (auto& result : results)
        threads.emplace_back([&] {
            result = migrate({file.path()});
            if (result) result = migrate({file.path()});
        });
    for (auto& thread : threads) thread.join();
    for (const auto& result : results) EXPECT_TRUE(result) << result.error().message;
    EXPECT_EQ(PlainSql(file.path()).value("SELECT count(*) FROM schema_migrations"),
              std::to_string(schema_version()));
}

TEST(Migration, refuses_a_database_newer_than_the_program_and_leaves_it_alone) {
    const TemporaryFile file;
    ASSERT_TRUE(migrate({file.path()}));
    PlainSql(file.path()).exec("INSERT INTO schema_migrations (version, name) VALUES (4711, 'future')");
    const auto refused = migrate({file.path()});
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error().message.find("4711"), std::string::npos) << refused.error().message;
}

TEST(Migration, refuses_a_file_that_is_no_database) {
    const TemporaryFile file;
    std::FILE* out = std::fopen(file.path().c_str(), "w");
    std::fputs(std::string(5000, 'x').c_str(), out);
    std::fclose(out);
    EXPECT_FALSE(migrate({file.path()}));
}

}  // namespace
}  // namespace pulse::store::sqlite
