#include "store/sqlite/recount.hpp"

#include <gtest/gtest.h>

#include "store/sqlite/migrate.hpp"
#include "store/sqlite/test_database.hpp"
#include "store/sqlite/test_recount.hpp"

namespace pulse::store::sqlite {
namespace {

TEST(SqliteRecount, finds_and_corrects_what_is_wrong_and_says_so_in_the_log) {
    const TemporaryFile file;
    ASSERT_TRUE(migrate({file.path()}));
    PlainSql sql(file.path());
    for (int n = 1; n < 4; ++n) {
        const auto id = "'00000000-0000-4000-8000-00000000000" + std::to_string(n) + "'";
        sql.exec("INSERT INTO businesses (id, user_id, name, category, status) VALUES (" + id + ", " + id +
                 ", 'n', 'c', 'active')");
        sql.exec("INSERT INTO business_metrics (business_id, metric_date, views_count) VALUES (" + id +
                 ", '2026-01-31', 7)");
    }
    EXPECT_TRUE(recount({file.path()}, Recount::report).value().empty());
    sql.exec("UPDATE tenant_kpis SET views = 9 WHERE user_id LIKE '%1'");
    sql.exec("UPDATE tenant_days SET views = 9 WHERE user_id LIKE '%2'");
    sql.exec("DELETE FROM business_totals WHERE user_id LIKE '%3'");
    const auto found = recount({file.path()}, Recount::report).value();
    ASSERT_EQ(found.size(), 3u);
    EXPECT_EQ(found[0].kept, (TenantKpis{1, 0, 9, 0, 2}));
    EXPECT_EQ(found[0].counted, (TenantKpis{1, 0, 7, 0, 2}));
    EXPECT_EQ(found[1].kept, found[1].counted);
    EXPECT_EQ(recount({file.path()}, Recount::fix).value().size(), 3u);
    EXPECT_EQ(disagreement(sql), "");
    EXPECT_EQ(sql.value("SELECT count(*) FROM tenant_changes WHERE version = 3 AND kind = 'metrics_updated'"),
              "3");
}

// A tenant that has nothing any more still has to be told that.
TEST(SqliteRecount, corrects_a_tenant_without_businesses) {
    const TemporaryFile file;
    ASSERT_TRUE(migrate({file.path()}));
    PlainSql sql(file.path());
    sql.exec("INSERT INTO tenant_kpis VALUES ('00000000-0000-4000-8000-000000000001', 1, 1, 1, 1, 0)");
    EXPECT_EQ(recount({file.path()}, Recount::fix).value().size(), 1u);
    EXPECT_TRUE(recount({file.path()}, Recount::report).value().empty());
    EXPECT_EQ(disagreement(sql), "");
}

}  // namespace
}  // namespace pulse::store::sqlite
