// The triggers, driven by plain SQL as any other program might write it: after any sequence of transactions
// the rollups are what counting everything again would give, and the log has no gap.
#include "store/postgres/schema.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "store/postgres/test_recount.hpp"
#include "store/postgres/test_server.hpp"

namespace pulse::store::postgres {
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

using Table = PlainSql::Table;

// At full size from the start: RapidCheck would else begin with the first kinds of statements only.
int random_below(int size) { return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, size)); }

std::string random_statement() {
    const auto n = random_below;
    const auto one_of = [&](std::vector<std::string> all) { return all[std::size_t(n(int(all.size())))]; };
    const auto status = [&] { return one_of({"'active'", "'pending_verification'", "'stealth_mode'"}); };
    const auto count = [&] { return std::to_string(n(4)); };
    const auto limited = [&](const std::string& column, const std::string& value) {
        return n(12) ? " WHERE " + column + " = " + value : std::string();
    };
    switch (n(20)) {
        case 0:
        case 1:
            return "INSERT INTO businesses (id, user_id, name, category, status) VALUES (" + business(n(4)) +
                   ", " + user(n(3)) + ", 'n" + count() + "', 'c', " + status() + ") ON CONFLICT DO NOTHING";
        case 2:
            return "INSERT INTO businesses (id, user_id, name, category) VALUES (" + business(n(4)) + ", " +
                   user(n(3)) + ", 'u', 'c'), (" + business(4 + n(2)) + ", " + user(n(3)) +
                   ", 'u', 'c') ON CONFLICT (id) DO UPDATE SET name = excluded.name,"
                   " user_id = excluded.user_id, status = " +
                   status();
        case 3:
            return "UPDATE businesses SET user_id = " + user(n(3)) + limited("id", business(n(4)));
        case 4:
            return "UPDATE businesses SET status = " + status() + ", name = 'm" + count() + "'" +
                   limited("user_id", user(n(3)));
        case 5:
            return "UPDATE businesses SET created_at = '2026-01-01 00:00:00.00" + count() +
                   "', is_verified = " + one_of({"true", "false"}) + limited("id", business(n(4)));
        case 6:
            return "DELETE FROM businesses" + limited("id", business(n(4)));
        case 7:
            return "DELETE FROM users WHERE id = " + user(n(3));
        case 8:
            return "INSERT INTO users (id) VALUES (" + user(n(3)) + ") ON CONFLICT DO NOTHING";
        case 9:
        case 10:
        case 11:
            return "INSERT INTO business_metrics (id, business_id, metric_date, views_count,"
                   " clicks_count, property_invites_count, messages_count) VALUES (" +
                   metric(n(6)) + ", " + business(n(4)) + ", " + day(n(3)) + ", " + count() + ", " + count() +
                   ", " + count() + ", " + count() + ") ON CONFLICT DO NOTHING";
        case 12:
            return "INSERT INTO business_metrics (business_id, metric_date, views_count) SELECT id, " +
                   day(n(3)) +
                   ", 2 FROM businesses ON CONFLICT (business_id, metric_date, demand_listing_id)"
                   " DO UPDATE SET views_count = business_metrics.views_count + excluded.views_count";
        case 13:
            return "UPDATE business_metrics SET business_id = " + business(n(4)) +
                   ", messages_count = messages_count + " + count() + " WHERE id = " + metric(n(6));
        case 14:
            return "UPDATE business_metrics SET metric_date = " + day(n(3)) +
                   ", demand_listing_id = gen_random_uuid()" + limited("id", metric(n(6)));
        case 15:
            return "UPDATE business_metrics SET id = " + metric(n(6)) + ", declined_count = " + count() +
                   " WHERE id = " + metric(n(6));
        case 16:
            return "WITH owner AS (UPDATE businesses SET user_id = " + user(n(3)) +
                   " WHERE id = " + business(n(4)) +
                   ") INSERT INTO business_metrics (business_id, metric_date, qfps_submitted_count)"
                   " SELECT id, " +
                   day(n(3)) + ", 3 FROM businesses ON CONFLICT DO NOTHING";
        case 17:
            return "UPDATE businesses SET id = " + business(n(6)) + " WHERE id = " + business(n(6));
        case 18:
            return one_of(
                {"TRUNCATE business_metrics", "TRUNCATE businesses CASCADE", "DELETE FROM business_metrics"});
        default:
            return "DELETE FROM business_metrics" + limited("business_id", business(n(4)));
    }
}

// A transaction as a list of statements; a refused one is undone to the savepoint before it.
std::vector<std::string> random_transaction() {
    const int size = 1 + random_below(6);
    if (size == 1) return {random_statement()};
    std::vector<std::string> all{"BEGIN"};
    for (int i = 1; i < size; ++i) {
        if (random_below(10) == 0) all.push_back("SET CONSTRAINTS ALL IMMEDIATE");
        all.push_back("SAVEPOINT s");
        all.push_back(random_statement());
        all.push_back(random_below(4) ? "RELEASE s" : "ROLLBACK TO s");
    }
    all.push_back(random_below(8) ? "COMMIT" : "ROLLBACK");
    return all;
}

RC_GTEST_PROP(PostgresRollups, equal_a_full_count_after_any_sequence_of_transactions, ()) {
    static const ScratchDatabase database;
    PlainSql sql(database.url());
    sql.exec("DELETE FROM users");
    sql.exec(
        "DELETE FROM pulseboard.tenant_kpis; DELETE FROM pulseboard.tenant_days;"
        " DELETE FROM pulseboard.tenant_changes");
    // Something to move and delete from the first statement on.
    for (int i = 0; i < 3; ++i) sql.exec("INSERT INTO users (id) VALUES (" + user(i) + ")");
    for (int i = 0; i < 4; ++i)
        sql.exec("INSERT INTO businesses (id, user_id, name, category, status) VALUES (" + business(i) +
                 ", " + user(i % 3) + ", 'n', 'c', 'active')");
    for (int i = 0; i < 6; ++i)
        sql.exec(
            "INSERT INTO business_metrics (id, business_id, metric_date, views_count, messages_count) VALUES "
            "(" +
            metric(i) + ", " + business(i % 4) + ", " + day(i % 3) + ", 5, 7)");
    const int size = 1 + random_below(12);
    std::string history;
    for (int i = 0; i < size; ++i) {
        for (const auto& statement : random_transaction()) {
            history += statement + ";\n";
            const auto refused = sql.attempt(statement);
            if (refused.empty()) continue;
            history += "-- " + refused;
            if (statement == "RELEASE s") sql.attempt("ROLLBACK TO s");
        }
        if (const auto difference = disagreement(sql); !difference.empty()) RC_FAIL(history + difference);
    }
}

class PostgresSchema : public testing::Test {
protected:
    PostgresSchema() : sql(database.url()) {
        for (int i = 0; i < 3; ++i) {
            sql.exec("INSERT INTO users (id) VALUES (" + user(i) + ")");
            sql.exec("INSERT INTO businesses (id, user_id, name, category) VALUES (" + business(i) + ", " +
                     user(i) + ", 'n', 'c')");
        }
    }
    std::string version(int n) {
        return sql.value("SELECT version FROM pulseboard.tenant_kpis WHERE user_id = " + user(n));
    }
    static std::string add(int n, int views, const std::string& date = "'2026-01-01'") {
        return "INSERT INTO business_metrics (business_id, metric_date, views_count) VALUES (" + business(n) +
               ", " + date + ", " + std::to_string(views) +
               ") ON CONFLICT (business_id, metric_date,"
               " demand_listing_id) DO UPDATE SET views_count = business_metrics.views_count + "
               "excluded.views_count";
    }
    // Waits until the session `other` waits for a lock.
    void wait_until_blocked(const PlainSql& other) {
        for (int i = 0; i < 5000; ++i)
            if (sql.value("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND pid = " +
                          std::to_string(other.pid())) == "1")
                return;
        FAIL() << "nobody waits";
    }

    const ScratchDatabase database;
    PlainSql sql;
};

TEST_F(PostgresSchema, a_plain_insert_names_only_what_it_sets) {
    sql.exec("DELETE FROM users");
    sql.exec("INSERT INTO users DEFAULT VALUES");
    sql.exec("INSERT INTO users (email) VALUES ('a@example.com')");
    sql.exec("INSERT INTO businesses (user_id, name, category) SELECT id, 'n', 'c' FROM users");
    sql.exec(
        "INSERT INTO business_metrics (business_id, metric_date) SELECT id, '2026-01-31' FROM businesses");
    EXPECT_EQ(sql.value("SELECT count(*) FROM pulseboard.tenant_kpis JOIN users ON id = user_id"
                        " WHERE version = 2"),
              "2");
    EXPECT_EQ(disagreement(sql), "");
}

TEST_F(PostgresSchema, an_update_that_changes_nothing_appends_nothing) {
    sql.exec(add(1, 3));
    sql.exec("UPDATE businesses SET name = name, status = status");
    sql.exec("UPDATE business_metrics SET views_count = 3");
    EXPECT_EQ(version(1), "2");
    sql.exec("UPDATE businesses SET is_verified = true");
    EXPECT_EQ(version(1), "3");
}

TEST_F(PostgresSchema, a_change_of_owner_is_a_deletion_and_a_creation_with_the_sums) {
    sql.exec(add(1, 3));
    sql.exec("UPDATE businesses SET user_id = " + user(2) + " WHERE id = " + business(1));
    EXPECT_EQ(sql.rows("SELECT user_id, version, kind FROM pulseboard.tenant_changes WHERE business_id = " +
                       business(1) + " ORDER BY user_id, version"),
              (Table{{uuid('a', 1), "1", "business_created"},
                     {uuid('a', 1), "2", "metrics_updated"},
                     {uuid('a', 1), "3", "business_deleted"},
                     {uuid('a', 2), "2", "business_created"}}));
    EXPECT_EQ(sql.value("SELECT views FROM pulseboard.tenant_kpis WHERE user_id = " + user(2)), "3");
    EXPECT_EQ(disagreement(sql), "");
}

TEST_F(PostgresSchema, two_transactions_that_touch_two_tenants_in_opposite_order_both_commit) {
    PlainSql other(database.url());
    sql.exec("BEGIN");
    other.exec("BEGIN");
    sql.exec(add(1, 1));
    other.exec(add(2, 1, "'2026-01-02'"));
    sql.exec(add(2, 1));
    other.exec(add(1, 1, "'2026-01-02'"));
    other.exec("UPDATE businesses SET name = 'x' WHERE id = " + business(0));
    EXPECT_EQ(sql.attempt("COMMIT"), "");
    EXPECT_EQ(other.attempt("COMMIT"), "");
    EXPECT_EQ(version(1), "3");
    EXPECT_EQ(disagreement(sql), "");
}

TEST_F(PostgresSchema, a_long_transaction_holds_up_nobody_until_it_commits) {
    PlainSql slow(database.url());
    slow.exec("BEGIN; " + add(1, 5));
    sql.exec("SET lock_timeout = '2s'");
    sql.exec(add(1, 7, "'2026-02-02'"));
    EXPECT_EQ(version(1), "2");
    slow.exec("COMMIT");
    EXPECT_EQ(version(1), "3");
    EXPECT_EQ(disagreement(sql), "");
}

TEST_F(PostgresSchema, a_bulk_insert_is_one_update_of_one_tenant_and_blocks_no_other) {
    PlainSql bulk(database.url());
    bulk.exec(
        "BEGIN; INSERT INTO business_metrics (business_id, metric_date, demand_listing_id, views_count)"
        " SELECT " +
        business(1) +
        ", date '2026-01-01' + n % 30, gen_random_uuid(), 2"
        " FROM generate_series(1, 100000) AS n");
    sql.exec("SET lock_timeout = '2s'");
    sql.exec(add(2, 7));
    EXPECT_EQ(version(2), "2");
    bulk.exec("SET CONSTRAINTS ALL IMMEDIATE");
    EXPECT_EQ(bulk.value("SELECT n_tup_upd FROM pg_stat_xact_user_tables WHERE relname = 'tenant_kpis'"),
              "1");
    bulk.exec("COMMIT");
    EXPECT_EQ(version(1), "2");
    EXPECT_EQ(sql.value("SELECT views FROM pulseboard.tenant_kpis WHERE user_id = " + user(1)), "200000");
    EXPECT_EQ(disagreement(sql), "");
}

TEST_F(PostgresSchema, metrics_of_a_business_that_changes_hands_meanwhile_count_for_the_new_owner) {
    PlainSql other(database.url());
    for (const bool metrics_first : {true, false}) {
        sql.exec("UPDATE businesses SET user_id = " + user(1) + " WHERE id = " + business(1));
        sql.exec("BEGIN; " + add(1, 5));
        other.exec("BEGIN; UPDATE businesses SET user_id = " + user(2) + " WHERE id = " + business(1));
        (metrics_first ? sql : other).exec("COMMIT");
        (metrics_first ? other : sql).exec("COMMIT");
        EXPECT_EQ(disagreement(sql), "");
    }
    EXPECT_EQ(sql.value("SELECT views FROM pulseboard.tenant_kpis WHERE user_id = " + user(2)), "10");
}

// The second to commit waits for the first and then sees what it did.
TEST_F(PostgresSchema, commits_of_one_tenant_wait_for_each_other_in_order) {
    PlainSql first(database.url());
    PlainSql second(database.url());
    first.exec("BEGIN; " + add(1, 5) + "; SET CONSTRAINTS ALL IMMEDIATE");
    second.send("BEGIN; UPDATE businesses SET user_id = " + user(2) + " WHERE id = " + business(1) +
                "; COMMIT");
    wait_until_blocked(second);
    first.exec("COMMIT");
    EXPECT_EQ(second.finish(), "");
    EXPECT_EQ(disagreement(sql), "");
}

// Whoever commits meanwhile waits for the table, and must not hold what the first needs to commit.
TEST_F(PostgresSchema, whoever_holds_a_whole_table_commits_before_those_who_wait_for_it) {
    PlainSql first(database.url());
    PlainSql second(database.url());
    sql.exec(add(1, 5));
    first.exec("BEGIN; TRUNCATE business_metrics");
    second.send("UPDATE businesses SET name = 'waits' WHERE id = " + business(1));
    wait_until_blocked(second);
    first.exec("COMMIT");
    EXPECT_EQ(second.finish(), "");
    EXPECT_EQ(disagreement(sql), "");
}

TEST_F(PostgresSchema, constraints_made_immediate_in_the_middle_are_no_trouble) {
    sql.exec("BEGIN; SET CONSTRAINTS ALL IMMEDIATE; " + add(1, 5) + "; " + add(1, 6) +
             "; SET CONSTRAINTS ALL IMMEDIATE; " + add(1, 7) + "; DELETE FROM businesses WHERE id = " +
             business(1) + "; SET CONSTRAINTS ALL IMMEDIATE; COMMIT");
    EXPECT_EQ(disagreement(sql), "");
    EXPECT_EQ(sql.value("SELECT count(*) FROM pulseboard.tenant_days WHERE views <> 0"), "0");
}

TEST_F(PostgresSchema, copy_is_counted) {
    auto& server = TestServer::instance();
    server.run("sh -c \"echo '" + uuid('b', 1) + ",2026-01-01,9' | " + server.program("psql") + " -q -h " +
               server.folder() + " -U postgres " + database.name() +
               " -c 'COPY business_metrics (business_id, metric_date, views_count) FROM STDIN CSV'\"");
    EXPECT_EQ(version(1), "2");
    EXPECT_EQ(disagreement(sql), "");
}

TEST_F(PostgresSchema, truncate_is_counted) {
    sql.exec(add(1, 5) + "; " + add(2, 5));
    sql.exec("BEGIN; " + add(1, 6) + "; TRUNCATE business_metrics; " + add(1, 2) + "; COMMIT");
    EXPECT_EQ(disagreement(sql), "");
    EXPECT_EQ(sql.rows("SELECT views FROM pulseboard.tenant_kpis ORDER BY user_id"),
              (Table{{"0"}, {"2"}, {"0"}}));
    EXPECT_EQ(sql.value("SELECT kind FROM pulseboard.tenant_changes WHERE user_id = " + user(2) +
                        " ORDER BY version DESC LIMIT 1"),
              "metrics_updated");
    sql.exec("BEGIN; TRUNCATE businesses CASCADE; ROLLBACK");
    EXPECT_EQ(disagreement(sql), "");
    sql.exec("TRUNCATE businesses CASCADE");
    EXPECT_EQ(disagreement(sql), "");
}

TEST_F(PostgresSchema, times_are_utc_whatever_the_zone_of_the_session) {
    sql.exec("SET TIME ZONE 'Asia/Tokyo'");
    sql.exec("INSERT INTO businesses (id, user_id, name, category) VALUES (" + business(5) + ", " + user(1) +
             ", 'n', 'c')");
    EXPECT_EQ(sql.value("SELECT abs(extract(epoch FROM created_at - timezone('UTC', now()))) < 60"
                        " FROM businesses WHERE id = " +
                        business(5)),
              "t");
    EXPECT_EQ(sql.value("SELECT c.business ->> 'created_at' = to_char(b.created_at,"
                        " 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"') FROM businesses b"
                        " JOIN pulseboard.tenant_changes c ON c.business_id = b.id WHERE b.id = " +
                        business(5)),
              "t");
}

TEST_F(PostgresSchema, a_role_without_rights_on_our_tables_writes_and_its_own_functions_are_not_called) {
    sql.exec("DROP ROLE IF EXISTS pulseboard_guest");
    sql.exec("CREATE ROLE pulseboard_guest LOGIN");
    sql.exec(
        "GRANT SELECT, INSERT, UPDATE, DELETE ON users, businesses, business_metrics TO pulseboard_guest");
    sql.exec("CREATE SCHEMA pulseboard_guest AUTHORIZATION pulseboard_guest");
    {
        PlainSql guest(database.url("pulseboard_guest"));
        guest.exec(
            "CREATE FUNCTION pulseboard_guest.pg_notify(text, text) RETURNS void LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE 'called'; END $$");
        guest.exec("SET search_path = pulseboard_guest, pg_catalog, public");
        guest.exec(add(1, 5));
        guest.exec("DELETE FROM businesses WHERE id = " + business(2));
        EXPECT_NE(guest.attempt("SELECT * FROM pulseboard.tenant_kpis"), "");
    }
    EXPECT_EQ(disagreement(sql), "");
    sql.exec("DROP OWNED BY pulseboard_guest; DROP ROLE pulseboard_guest");
}

TEST_F(PostgresSchema, a_prepared_transaction_is_counted_if_its_session_notifies_nobody) {
    sql.exec("BEGIN; SET LOCAL pulseboard.notify = 'off'; " + add(1, 5) + "; PREPARE TRANSACTION 'later'");
    EXPECT_EQ(version(1), "1");
    sql.exec("COMMIT PREPARED 'later'");
    EXPECT_EQ(version(1), "2");
    EXPECT_EQ(disagreement(sql), "");
}

TEST_F(PostgresSchema, a_serialization_failure_is_retried_by_whoever_asked_for_that_isolation) {
    PlainSql other(database.url());
    for (const std::string level : {"REPEATABLE READ", "SERIALIZABLE"}) {
        const std::string transaction = "BEGIN ISOLATION LEVEL " + level + "; " + add(1, 5, "'2026-01-05'");
        sql.exec(transaction);
        other.exec(add(1, 5));
        EXPECT_NE(sql.attempt("COMMIT").find("could not serialize"), std::string::npos);
        sql.exec(transaction + "; COMMIT");
        EXPECT_EQ(disagreement(other), "");
    }
}

}  // namespace
}  // namespace pulse::store::postgres
