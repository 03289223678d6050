#include "store/postgres/schema.hpp"

#include <gtest/gtest.h>

#include "store/postgres/migrate.hpp"
#include "store/postgres/test_server.hpp"

namespace pulse::store::postgres {
namespace {

TEST(PostgresSchema, a_plain_insert_names_only_what_it_sets) {
    const ScratchDatabase database;
    PlainSql sql(database.url());
    sql.exec("INSERT INTO users (id) VALUES ('a0000000-0000-4000-8000-000000000001')");
    sql.exec("INSERT INTO businesses (user_id, name, category) SELECT id, 'n', 'c' FROM users");
    sql.exec(
        "INSERT INTO business_metrics (business_id, metric_date) SELECT id, '2026-01-31' FROM businesses");
    EXPECT_EQ(sql.value("SELECT version FROM pulseboard.tenant_kpis"), "2");
}

}  // namespace
}  // namespace pulse::store::postgres
