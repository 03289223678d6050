#include "store/postgres/postgres_store.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "store/postgres/test_server.hpp"
#include "store/session_suite.hpp"

namespace pulse::store {

class PostgresTestDatabase final : public TestDatabase {
public:
    Result<std::unique_ptr<Store>> open(const Clock& clock) override {
        postgres::PostgresOptions options;
        options.url = database_.url();
        options.clock = &clock;
        options.patience = std::chrono::seconds(60);  // a thousand writes at once, on a busy machine
        return postgres::open_postgres(options);
    }
    void sql(const std::string& statements) override { postgres::PlainSql(database_.url()).exec(statements); }
    std::string own_schema() const override { return "pulseboard."; }
    std::string value(const std::string& select) override {
        return postgres::PlainSql(database_.url()).value(select);
    }

private:
    postgres::ScratchDatabase database_{postgres::Holds::nothing};
};

INSTANTIATE_TEST_SUITE_P(Postgres, StoreSuite, testing::Values(MakeDatabase([] {
                             return std::make_unique<PostgresTestDatabase>();
                         })),
                         [](const auto&) { return "store"; });
INSTANTIATE_TEST_SUITE_P(Postgres, SessionSuite, testing::Values(MakeDatabase([] {
                             return std::make_unique<PostgresTestDatabase>();
                         })),
                         [](const auto&) { return "store"; });

}  // namespace pulse::store
