#include "store/sqlite/sqlite_store.hpp"

#include "store/sqlite/test_database.hpp"
#include "store/store_suite.hpp"

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

}  // namespace pulse::store
