#include "store/postgres/recount.hpp"

#include <gtest/gtest.h>

#include <future>

#include "store/postgres/test_recount.hpp"
#include "store/postgres/test_server.hpp"

namespace pulse::store::postgres {
namespace {

class PostgresRecount : public testing::Test {
protected:
    PostgresRecount() : sql(database.url()) {
        for (int n = 1; n < 4; ++n) {
            sql.exec("INSERT INTO users (id) VALUES (" + id(n) + ")");
            sql.exec("INSERT INTO businesses (id, user_id, name, category, status) VALUES (" + id(n) + ", " +
                     id(n) + ", 'n', 'c', 'active')");
            sql.exec(add(n));
        }
    }
    static std::string id(int n) { return "'00000000-0000-4000-8000-00000000000" + std::to_string(n) + "'"; }
    static std::string add(int n) {
        return "INSERT INTO business_metrics (business_id, metric_date, demand_listing_id, views_count)"
               " VALUES (" +
               id(n) + ", '2026-01-31', gen_random_uuid(), 7)";
    }
    const ScratchDatabase database;
    PlainSql sql;
};

TEST_F(PostgresRecount, finds_and_corrects_what_is_wrong_and_tells_of_it) {
    EXPECT_TRUE(recount(database.url(), Recount::report).value().empty());
    sql.exec("UPDATE pulseboard.tenant_kpis SET views = 9 WHERE user_id = " + id(1));
    sql.exec("UPDATE pulseboard.tenant_days SET views = 9 WHERE user_id = " + id(2));
    sql.exec("DELETE FROM pulseboard.business_totals WHERE user_id = " + id(3));
    const auto found = recount(database.url(), Recount::report).value();
    ASSERT_EQ(found.size(), 3u);
    EXPECT_EQ(found[0].kept, (TenantKpis{1, 0, 9, 0, 2}));
    EXPECT_EQ(found[0].counted, (TenantKpis{1, 0, 7, 0, 2}));
    EXPECT_EQ(found[1].kept, found[1].counted);
    Connection listener({.url = database.url()});
    listener.exec("LISTEN pulseboard_changes");
    EXPECT_EQ(recount(database.url(), Recount::fix).value().size(), 3u);
    listener.exec("SELECT 1");
    EXPECT_EQ(listener.notifications().size(), 3u);
    EXPECT_EQ(disagreement(sql), "");
}

TEST_F(PostgresRecount, corrects_a_tenant_without_businesses) {
    sql.exec("INSERT INTO pulseboard.tenant_kpis VALUES (gen_random_uuid(), 1, 1, 1, 1, 0)");
    EXPECT_EQ(recount(database.url(), Recount::fix).value().size(), 1u);
    EXPECT_EQ(disagreement(sql), "");
}

// Each is counted or not yet committed, never both and never neither.
TEST_F(PostgresRecount, corrects_while_others_write) {
    std::promise<void> enough;
    auto stop = enough.get_future().share();
    std::vector<std::future<void>> writers;
    for (int n = 1; n < 4; ++n)
        writers.push_back(std::async(std::launch::async, [this, n, stop] {
            PlainSql own(database.url());
            while (stop.wait_for(std::chrono::seconds(0)) != std::future_status::ready) own.exec(add(n));
        }));
    for (int i = 0; i < 5; ++i) {
        sql.exec("UPDATE pulseboard.tenant_kpis SET views = views + 1");
        EXPECT_FALSE(recount(database.url(), Recount::fix).value().empty());
    }
    enough.set_value();
    for (auto& writer : writers) writer.get();
    EXPECT_EQ(disagreement(sql), "");
}

TEST_F(PostgresRecount, commits_are_not_held_up_by_a_correction_that_has_to_wait) {
    sql.exec("UPDATE pulseboard.tenant_kpis SET views = 9");
    // Counted already, and open still: it holds the row of its business.
    sql.exec("BEGIN; " + add(1) + "; SET CONSTRAINTS ALL IMMEDIATE");
    auto fixed = std::async(std::launch::async, [&] { return recount(database.url(), Recount::fix); });
    PlainSql host(database.url());
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (host.value("SELECT count(*) FROM pg_locks WHERE NOT granted") == "0")
        ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "nobody waits for the lock";
    host.exec("SET statement_timeout = '5s'");
    for (int round = 0; round < 3; ++round) EXPECT_EQ(host.attempt(add(2)), "");
    sql.exec("COMMIT");
    EXPECT_EQ(fixed.get().value().size(), 3u);
    EXPECT_EQ(disagreement(sql), "");
}

TEST_F(PostgresRecount, commits_wait_for_one_tenant_at_most) {
    sql.exec("UPDATE pulseboard.tenant_kpis SET views = 9");
    EXPECT_EQ(recount(database.url(), Recount::fix).value().size(), 3u);
    EXPECT_EQ(sql.value("SELECT count(DISTINCT xmin::text) FROM pulseboard.tenant_kpis"), "3")
        << "each is corrected in a transaction of its own";
}

}  // namespace
}  // namespace pulse::store::postgres
