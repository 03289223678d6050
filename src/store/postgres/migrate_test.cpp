#include "store/postgres/migrate.hpp"

#include <gtest/gtest.h>

#include <future>
#include <sstream>

#include "store/postgres/recount.hpp"
#include "store/postgres/schema.hpp"
#include "store/postgres/test_recount.hpp"
#include "store/postgres/test_server.hpp"

namespace pulse::store::postgres {
namespace {

// The tables of the original application (contract section 6).
constexpr char original[] = R"sql(
CREATE TYPE user_role AS ENUM ('tenant', 'landlord', 'broker');
CREATE TYPE business_status AS ENUM ('active', 'pending_verification', 'stealth_mode');
CREATE TABLE users (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    email varchar(255) UNIQUE NOT NULL,
    password_hash varchar(255) NOT NULL,
    role user_role NOT NULL,
    created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE businesses (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name varchar(255) NOT NULL,
    logo_url varchar(500),
    category varchar(100) NOT NULL,
    status business_status DEFAULT 'pending_verification',
    is_verified boolean DEFAULT false,
    stealth_mode_enabled boolean DEFAULT false,
    created_at timestamp DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE business_metrics (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    business_id uuid NOT NULL REFERENCES businesses (id) ON DELETE CASCADE,
    demand_listing_id uuid,
    metric_date date NOT NULL,
    views_count integer DEFAULT 0,
    clicks_count integer DEFAULT 0,
    property_invites_count integer DEFAULT 0,
    declined_count integer DEFAULT 0,
    messages_count integer DEFAULT 0,
    qfps_submitted_count integer DEFAULT 0,
    created_at timestamp DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX ON business_metrics (business_id, metric_date);
INSERT INTO users (id, email, password_hash, role)
    SELECT ('a0000000-0000-4000-8000-00000000000' || n)::uuid, n || '@example.com', 'x', 'tenant'
    FROM generate_series(1, 5) AS n;
INSERT INTO businesses (user_id, name, category, status)
    SELECT id, 'business ' || n, 'c', (ARRAY['active', 'stealth_mode', NULL])[n % 3 + 1]::business_status
    FROM users, generate_series(1, 4) AS n;
INSERT INTO business_metrics (business_id, metric_date, views_count, property_invites_count, messages_count)
    SELECT id, date '2026-01-01' + n % 20, n, NULL, 2 FROM businesses, generate_series(1, 40) AS n;
)sql";

class PostgresMigration : public testing::Test {
protected:
    PostgresMigration() : sql(database.url()) {}
    void expect_refusal(const std::string& what) {
        const auto migrated = migrate(database.url());
        ASSERT_FALSE(migrated);
        EXPECT_EQ(migrated.error().code, ErrorCode::invalid);
        EXPECT_NE(migrated.error().message.find(what), std::string::npos) << migrated.error().message;
        EXPECT_EQ(sql.value("SELECT count(*) FROM pg_namespace WHERE nspname = 'pulseboard'"), "0");
    }
    std::string dump(const std::string& more = "") {
        auto& server = TestServer::instance();
        std::istringstream all(server.run(server.program("pg_dump") + " --host=" + server.folder() +
                                          " --username=postgres " + more + " " + database.name()));
        std::string text;
        // Each dump has a key of its own in these two lines.
        for (std::string line; std::getline(all, line);)
            if (!line.starts_with("\\restrict") && !line.starts_with("\\unrestrict")) text += line + "\n";
        return text;
    }

    const ScratchDatabase database{Holds::nothing};
    PlainSql sql;
};

TEST_F(PostgresMigration, makes_a_new_database_and_may_be_repeated) {
    ASSERT_TRUE(migrate(database.url()));
    sql.exec("INSERT INTO users DEFAULT VALUES");
    const auto before = dump();
    ASSERT_TRUE(migrate(database.url()));
    EXPECT_TRUE(dump() == before);
    EXPECT_EQ(sql.value("SELECT max(version) FROM pulseboard.schema_migrations"),
              std::to_string(schema_version()));
}

TEST_F(PostgresMigration, adopts_the_tables_of_the_original_and_lets_go_of_them_untouched) {
    sql.exec(original);
    const auto before = dump();
    const auto data = dump("--data-only --schema=public");
    for (int round = 0; round < 2; ++round) {
        const auto migrated = migrate(database.url());
        ASSERT_TRUE(migrated) << migrated.error().message;
        EXPECT_TRUE(dump("--data-only --schema=public") == data);
        EXPECT_EQ(disagreement(sql, Log::begins_later), "");
        EXPECT_EQ(sql.rows("SELECT active_businesses, invites, views, messages, version"
                           " FROM pulseboard.tenant_kpis LIMIT 1"),
                  (PlainSql::Table{{"1", "0", "3280", "320", "0"}}));
        const auto down = migrate_down(database.url());
        ASSERT_TRUE(down) << down.error().message;
        EXPECT_TRUE(dump() == before);
    }
    EXPECT_TRUE(migrate_down(database.url())) << "nothing there: done";
}

TEST_F(PostgresMigration, counts_what_the_original_writes_after_the_adoption) {
    sql.exec(original);
    ASSERT_TRUE(migrate(database.url()));
    sql.exec(
        "INSERT INTO business_metrics (business_id, metric_date) SELECT id, '2026-02-01' FROM businesses");
    sql.exec("UPDATE business_metrics SET views_count = NULL WHERE views_count = 7");
    sql.exec("UPDATE businesses SET status = NULL WHERE status = 'active'");
    EXPECT_EQ(sql.value("SELECT active_businesses FROM pulseboard.tenant_kpis LIMIT 1"), "0");
    EXPECT_EQ(sql.value("SELECT business ->> 'status' IS NULL FROM pulseboard.tenant_changes"
                        " WHERE kind = 'business_updated' LIMIT 1"),
              "t");
    sql.exec("UPDATE businesses SET status = 'active'");
    EXPECT_EQ(disagreement(sql, Log::begins_later), "");
    sql.exec("DELETE FROM users");
    EXPECT_EQ(disagreement(sql, Log::begins_later), "");
}

TEST_F(PostgresMigration, stands_beside_tables_in_a_schema_with_any_name) {
    sql.exec("CREATE SCHEMA \"The App\"; ALTER DATABASE \"" + database.name() +
             "\" SET search_path = \"The App\"");
    PlainSql app(database.url());
    app.exec(original);
    const auto migrated = migrate(database.url());
    ASSERT_TRUE(migrated) << migrated.error().message;
    app.exec("DELETE FROM businesses WHERE name = 'business 1'");
    EXPECT_EQ(disagreement(app, Log::begins_later), "");
    ASSERT_TRUE(migrate_down(database.url()));
    EXPECT_EQ(app.value("SELECT count(*) FROM businesses"), "15");
}

// No row is lost between the count of what is there and the first trigger.
TEST_F(PostgresMigration, adopts_while_others_write) {
    sql.exec(original);
    std::promise<void> migrated;
    auto done = migrated.get_future().share();
    auto writer = std::async(std::launch::async, [this, done] {
        PlainSql own(database.url());
        while (done.wait_for(std::chrono::seconds(0)) != std::future_status::ready)
            own.exec(
                "INSERT INTO business_metrics (business_id, metric_date, views_count)"
                " SELECT id, '2026-03-01', 1 FROM businesses");
    });
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(migrate(database.url()));
        if (i < 2) EXPECT_TRUE(migrate_down(database.url()));
    }
    migrated.set_value();
    writer.get();
    EXPECT_EQ(disagreement(sql, Log::begins_later), "");
}

TEST_F(PostgresMigration, may_be_run_by_many_at_once) {
    sql.exec(original);
    std::vector<std::future<Result<void>>> all;
    for (int i = 0; i < 6; ++i)
        all.push_back(std::async(std::launch::async, [this] { return migrate(database.url()); }));
    for (auto& one : all) {
        const auto migrated = one.get();
        EXPECT_TRUE(migrated) << migrated.error().message;
    }
    EXPECT_EQ(disagreement(sql, Log::begins_later), "");
}

TEST_F(PostgresMigration, names_what_a_table_lacks_and_adds_nothing) {
    sql.exec("CREATE TABLE users (id uuid PRIMARY KEY)");
    expect_refusal("it has the table users, but no table businesses");
    sql.exec("DROP TABLE users");
    sql.exec(original);
    const std::pair<const char*, const char*> cases[] = {
        {"ALTER TABLE businesses RENAME category TO kind",
         "the column businesses.category (text or varchar) is missing"},
        {"ALTER TABLE business_metrics ALTER views_count DROP DEFAULT, ALTER views_count TYPE text",
         "the column business_metrics.views_count is text, it must be integer or bigint"},
        {"ALTER TABLE business_metrics DROP CONSTRAINT business_metrics_pkey",
         "business_metrics.id must be the primary key, or unique"},
        {"ALTER TABLE business_metrics RENAME TO m; CREATE VIEW business_metrics AS SELECT * FROM m",
         "business_metrics must be an ordinary table"},
    };
    for (const auto& [change, what] : cases) {
        sql.exec(change);
        expect_refusal(what);
        sql.attempt("DROP VIEW business_metrics");
        sql.exec(
            "DROP TABLE IF EXISTS m, business_metrics, businesses, users CASCADE;"
            " DROP TYPE user_role, business_status");
        sql.exec(original);
    }
}

TEST_F(PostgresMigration, says_which_right_is_missing) {
    sql.exec(original);
    sql.exec("DROP ROLE IF EXISTS pulseboard_guest; CREATE ROLE pulseboard_guest LOGIN");
    const auto migrated = migrate(database.url("pulseboard_guest"));
    ASSERT_FALSE(migrated);
    EXPECT_NE(migrated.error().message.find("permission denied for database"), std::string::npos)
        << migrated.error().message;
    sql.exec("GRANT CREATE ON DATABASE \"" + database.name() + "\" TO pulseboard_guest");
    EXPECT_FALSE(migrate(database.url("pulseboard_guest")));
    // As docs/adopting.md says.
    sql.exec("GRANT SELECT, TRIGGER, UPDATE ON users, businesses, business_metrics TO pulseboard_guest");
    const auto granted = migrate(database.url("pulseboard_guest"));
    EXPECT_TRUE(granted) << granted.error().message;
    sql.exec("DELETE FROM businesses WHERE name = 'business 1'");
    EXPECT_EQ(disagreement(sql, Log::begins_later), "");
    sql.exec("DROP OWNED BY pulseboard_guest CASCADE; DROP ROLE pulseboard_guest");
}

TEST_F(PostgresMigration, refuses_a_database_newer_than_the_program_and_leaves_it_alone) {
    ASSERT_TRUE(migrate(database.url()));
    sql.exec("INSERT INTO pulseboard.schema_migrations (version, name) VALUES (4711, 'future')");
    for (const auto& result : {migrate(database.url()), migrate_down(database.url())}) {
        ASSERT_FALSE(result);
        EXPECT_NE(result.error().message.find("4711"), std::string::npos);
    }
}

TEST_F(PostgresMigration, down_does_not_take_away_what_others_built_upon_it) {
    ASSERT_TRUE(migrate(database.url()));
    sql.exec("CREATE VIEW report AS SELECT * FROM pulseboard.tenant_kpis");
    const auto down = migrate_down(database.url());
    ASSERT_FALSE(down);
    EXPECT_EQ(down.error().code, ErrorCode::conflict);
    EXPECT_EQ(sql.value("SELECT count(*) FROM report"), "0");
    sql.exec("DROP VIEW report");
    EXPECT_TRUE(migrate_down(database.url()));
    EXPECT_EQ(sql.value("SELECT count(*) FROM businesses"), "0") << "the tables stay";
    EXPECT_TRUE(migrate(database.url())) << "and are adopted like anybody's";
}

// The triggers and the counting would see a part of the rows.
TEST_F(PostgresMigration, refuses_a_table_whose_rows_a_policy_hides_from_it) {
    sql.exec(original);
    const auto role = "r" + database.name();
    sql.exec("CREATE ROLE \"" + role + "\" LOGIN; GRANT CREATE ON DATABASE \"" + database.name() +
             "\" TO \"" + role + "\"; ALTER TABLE users OWNER TO \"" + role +
             "\"; ALTER TABLE businesses OWNER TO \"" + role +
             "\"; ALTER TABLE business_metrics OWNER TO \"" + role +
             "\"; ALTER TABLE businesses ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY");
    const auto refused = migrate(database.url(role));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::invalid);
    for (const auto* part : {"businesses", role.c_str(), "BYPASSRLS", "FORCE"})
        EXPECT_NE(refused.error().message.find(part), std::string::npos) << refused.error().message;
    EXPECT_EQ(sql.value("SELECT count(*) FROM pg_namespace WHERE nspname = 'pulseboard'"), "0");

    sql.exec("ALTER TABLE businesses NO FORCE ROW LEVEL SECURITY");
    const auto migrated = migrate(database.url(role));
    EXPECT_TRUE(migrated) << migrated.error().message << ": policies do not concern the owner";
    // Made so later, it is an error and no wrong sum.
    sql.exec("ALTER TABLE businesses FORCE ROW LEVEL SECURITY");
    const auto counted = recount(database.url(role), Recount::report);
    ASSERT_FALSE(counted);
    EXPECT_NE(counted.error().message.find("row-level security"), std::string::npos)
        << counted.error().message;
    EXPECT_TRUE(recount(database.url(), Recount::report).value().empty()) << "a superuser sees everything";
    sql.exec("REASSIGN OWNED BY \"" + role + "\" TO postgres; DROP OWNED BY \"" + role + "\"; DROP ROLE \"" +
             role + "\"");
}

}  // namespace
}  // namespace pulse::store::postgres
