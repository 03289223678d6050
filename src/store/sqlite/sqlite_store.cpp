#include "store/sqlite/sqlite_store.hpp"

#include <atomic>
#include <filesystem>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "base/worker.hpp"
#include "store/sqlite/database_file.hpp"
#include "store/sqlite/failure.hpp"
#include "store/sqlite/feed.hpp"
#include "store/sqlite/migrate.hpp"
#include "store/sqlite/reads.hpp"
#include "store/sqlite/recount.hpp"
#include "store/sqlite/writer.hpp"

namespace pulse::store::sqlite {
namespace {

class SqliteStore final : public Store, public Sessions {
public:
    explicit SqliteStore(const SqliteOptions& options)
        : settings_{options.path, options.busy_timeout, std::make_shared<DatabaseFile>(options.path)},
          clock_(*options.clock),
          feed_(settings_, options.feed_interval),
          writer_(settings_, limits_of(options), clock_, feed_),
          reads_on_(options.readers),
          readers_(options.readers, options.max_reads) {}
    ~SqliteStore() override { stop(); }

    Result<void> migrate() override { return sqlite::migrate(settings_); }
    Result<void> migrate_down() override {
        return Error{
            ErrorCode::invalid,
            "a SQLite database is Pulseboard's own, there is nothing to leave behind: delete the file " +
                settings_.path + " to be rid of it"};
    }
    Result<std::vector<KpiDifference>> recount(Recount what) override {
        return sqlite::recount(settings_, what);
    }
    void follow(OnChange on_change) override { feed_.start(std::move(on_change), std::move(on_revoked_)); }
    bool hears_changes() const override { return feed_.hears(); }
    void stop() override {
        readers_.stop();
        writer_.stop();
        feed_.stop();
    }

    Task<Result<TenantKpis>> tenant_kpis(UserId user) override {
        return read([user](Reads& reads) { return reads.tenant_kpis(user); });
    }
    Task<Result<TenantState>> tenant_state(UserId user, std::optional<Version> after,
                                           std::int64_t businesses) override {
        return read([=](Reads& reads) { return reads.tenant_state(user, after, businesses); });
    }
    Task<Result<std::vector<std::pair<UserId, Version>>>> versions(std::vector<UserId> users) override {
        return read([users = std::move(users)](Reads& reads) { return reads.versions(users); });
    }
    Task<Result<BusinessPage>> businesses(UserId owner, BusinessQuery query) override {
        return read(
            [owner, query = std::move(query)](Reads& reads) { return reads.businesses(owner, query); });
    }
    Task<Result<Business>> business(UserId owner, BusinessId id) override {
        return read([=](Reads& reads) { return reads.business(owner, id); });
    }
    Task<Result<BusinessMetrics>> metrics(UserId owner, BusinessId id, Date from, Date to) override {
        return read([=](Reads& reads) { return reads.metrics(owner, id, from, to); });
    }
    Task<Result<std::vector<DayCounts>>> trends(UserId owner, Date from, Date to) override {
        return read([=](Reads& reads) { return reads.trends(owner, from, to); });
    }
    Task<Result<User>> user_by_email(std::string email) override {
        return read([email = std::move(email)](Reads& reads) { return reads.user_by_email(email); });
    }
    Task<Result<void>> ping() override {
        return read([](Reads& reads) { return reads.ping(); });
    }

    Task<Result<void>> wake_up() override {
        return await_promise<Result<void>>(
            [this](Promise<Result<void>> looked) { feed_.expect_look(std::move(looked)); });
    }

    Task<Result<Written<Business>>> create_business(Owner owner, NewBusiness business) override {
        return writer_.run([this, owner = std::move(owner), business = std::move(business)](Writes& writes) {
            return writes.create_business(owner, business, clock_.wall_now());
        });
    }
    Task<Result<Written<Business>>> update_business(Owner owner, BusinessId id,
                                                    BusinessPatch patch) override {
        return writer_.run([this, owner = std::move(owner), id, patch = std::move(patch)](Writes& writes) {
            return writes.update_business(owner, id, patch, clock_.wall_now());
        });
    }
    Task<Result<Written<BusinessId>>> delete_business(Owner owner, BusinessId id) override {
        return writer_.run(
            [owner = std::move(owner), id](Writes& writes) { return writes.delete_business(owner, id); });
    }
    Task<Result<std::vector<ActivityOutcome>>> record_activity(std::vector<ActivityEvent> events) override {
        const auto cost = events.size();
        return writer_.run([this, events = std::move(events)](
                               Writes& writes) { return writes.record_activity(events, clock_.wall_now()); },
                           cost);
    }
    Task<Result<User>> create_user(User user) override {
        return writer_.run([user = std::move(user)](Writes& writes) { return writes.create_user(user); });
    }

    Sessions& sessions() override { return *this; }
    void on_revoked(OnRevoked callback) override { on_revoked_ = std::move(callback); }
    Task<Result<void>> create_session(NewSession session) override {
        return writer_.run([=](Writes& writes) { return writes.sessions().create(session); });
    }
    Task<Result<Rotated>> rotate_session(Rotation rotation) override {
        return writer_.run([this, rotation](Writes& writes) {
            return writes.sessions().rotate(rotation, clock_.wall_now());
        });
    }
    Task<Result<Session>> session(SessionId id) override {
        return read([=](Reads& reads) { return reads.session(id); });
    }
    Task<Result<void>> revoke_session(SessionId id) override {
        return writer_.run(
            [this, id](Writes& writes) { return writes.sessions().revoke(id, clock_.wall_now()); });
    }

    StoreStats stats() const override {
        StoreStats stats;
        stats.reads = reads_;
        stats.writes = writer_.writes();
        stats.transactions = writer_.transactions();
        stats.errors = read_errors_ + writer_.errors();
        stats.feed_losses = feed_.losses();
        stats.queued = writer_.waiting() + readers_.waiting();
        return stats;
    }

private:
    static Writer::Limits limits_of(const SqliteOptions& options) {
        Writer::Limits limits;
        limits.max_waiting = options.max_writes;
        limits.trim_interval = options.trim_interval;
        return limits;
    }

    template <class F>
    Task<std::invoke_result_t<F&, Reads&>> read(F job) {
        return readers_.run(
            [this, job = std::move(job)](unsigned thread) mutable { return read_on(thread, job); });
    }

    // On a reader's thread, with its connection, which is opened when it is not there (yet, or any more).
    template <class F>
    std::invoke_result_t<F&, Reads&> read_on(unsigned thread, F& job) {
        auto& connection = reads_on_[thread];
        ++reads_;
        try {
            if (connection && connection->connection().file_is_gone()) connection.reset();
            if (!connection) connection = std::make_unique<Reads>(settings_);
            auto result = job(*connection);
            if (reading_fails_ && reading_fails_.exchange(false)) log::info("store: reading works again");
            return result;
        } catch (const std::exception&) {
            auto failure = current_failure();
            ++read_errors_;
            if (!reading_fails_.exchange(true)) log::error("store: cannot read: {}", failure.error.message);
            if (failure.link == Link::lost) connection.reset();
            return std::move(failure.error);
        }
    }

    const ConnectionSettings settings_;
    const Clock& clock_;
    OnRevoked on_revoked_;  // until follow()
    Feed feed_;
    Writer writer_;
    std::vector<std::unique_ptr<Reads>> reads_on_;  // one per reader thread, touched by it alone
    std::atomic<std::uint64_t> reads_{0};
    std::atomic<std::uint64_t> read_errors_{0};
    std::atomic<bool> reading_fails_{false};
    Worker readers_;
};

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite(const SqliteOptions& options) {
    std::error_code ignored;
    const auto folder = std::filesystem::absolute(options.path, ignored).parent_path();
    if (options.path.empty() || options.path.find('"') != std::string::npos)
        return Error{ErrorCode::invalid,
                     "the path of the database must not be empty or hold a quotation mark"};
    if (!std::filesystem::is_directory(folder, ignored))
        return Error{ErrorCode::invalid, "the folder of the database does not exist: " + folder.string()};
    if (std::filesystem::is_directory(options.path, ignored))
        return Error{ErrorCode::invalid, "the path of the database is a folder: " + options.path};
    return std::unique_ptr<Store>(std::make_unique<SqliteStore>(options));
}

}  // namespace pulse::store::sqlite
