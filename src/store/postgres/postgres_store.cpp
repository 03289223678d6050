#include "store/postgres/postgres_store.hpp"

#include <libpq-fe.h>

#include <utility>
#include <vector>

#include "store/postgres/listener.hpp"
#include "store/postgres/migrate.hpp"
#include "store/postgres/reader_pool.hpp"
#include "store/postgres/recount.hpp"
#include "store/postgres/sessions.hpp"
#include "store/postgres/writer.hpp"

namespace pulse::store::postgres {
namespace {

class PostgresStore final : public Store, public Sessions {
public:
    explicit PostgresStore(const PostgresOptions& options)
        : settings_(settings_of(options)),
          clock_(*options.clock),
          listener_(settings_, {}),
          writer_(settings_, gate_, limits_of(options), clock_, listener_),
          readers_(settings_, gate_, options.readers, options.max_waiting, options.patience) {}
    ~PostgresStore() override { stop(); }

    Result<void> migrate() override { return postgres::migrate(settings_.url); }
    Result<void> migrate_down() override { return postgres::migrate_down(settings_.url); }
    Result<std::vector<KpiDifference>> recount(Recount what) override {
        return postgres::recount(settings_.url, what);
    }
    void follow(OnChange on_change) override {
        listener_.start(std::move(on_change), std::move(on_revoked_));
    }
    bool hears_changes() const override { return listener_.hears(); }
    void stop() override {
        readers_.stop();
        writer_.stop();
        listener_.stop();
    }

    Task<Result<TenantKpis>> tenant_kpis(UserId user) override {
        return readers_.run([user](Reads& reads) { return reads.tenant_kpis(user); });
    }
    Task<Result<TenantState>> tenant_state(UserId user, std::optional<Version> after,
                                           std::int64_t businesses) override {
        return readers_.run([=](Reads& reads) { return reads.tenant_state(user, after, businesses); });
    }
    Task<Result<std::vector<std::pair<UserId, Version>>>> versions(std::vector<UserId> users) override {
        return readers_.run([users = std::move(users)](Reads& reads) { return reads.versions(users); });
    }
    Task<Result<BusinessPage>> businesses(UserId owner, BusinessQuery query) override {
        return readers_.run(
            [owner, query = std::move(query)](Reads& reads) { return reads.businesses(owner, query); });
    }
    Task<Result<Business>> business(UserId owner, BusinessId id) override {
        return readers_.run([=](Reads& reads) { return reads.business(owner, id); });
    }
    Task<Result<BusinessMetrics>> metrics(UserId owner, BusinessId id, Date from, Date to) override {
        return readers_.run([=](Reads& reads) { return reads.metrics(owner, id, from, to); });
    }
    Task<Result<std::vector<DayCounts>>> trends(UserId owner, Date from, Date to) override {
        return readers_.run([=](Reads& reads) { return reads.trends(owner, from, to); });
    }
    Task<Result<User>> user_by_email(std::string email) override {
        return readers_.run([email = std::move(email)](Reads& reads) { return reads.user_by_email(email); });
    }
    Task<Result<void>> ping() override {
        return readers_.run([](Reads& reads) { return reads.ping(); });
    }
    Task<Result<void>> wake_up() override {
        return await_promise<Result<void>>([this](Promise<Result<void>> heard) {
            const auto token = listener_.expect(std::move(heard));
            readers_.post(
                [this, token](Reads& reads) { return reads.notify(listener_.wake_channel(), token); },
                [this, token](const Result<void>& sent) {
                    if (!sent) listener_.give_up(token, sent.error());
                });
        });
    }

    Task<Result<Written<Business>>> create_business(Owner owner, NewBusiness business) override {
        const auto tenant = owner.id;
        return writer_.run(tenant, [this, owner = std::move(owner), business = std::move(business)](
                                       Writes& writes, Touch& touch) {
            return writes.create_business(owner, business, clock_.wall_now(), touch);
        });
    }
    Task<Result<Written<Business>>> update_business(Owner owner, BusinessId id,
                                                    BusinessPatch patch) override {
        const auto tenant = owner.id;
        return writer_.run(tenant, [this, owner = std::move(owner), id, patch = std::move(patch)](
                                       Writes& writes, Touch& touch) {
            return writes.update_business(owner, id, patch, clock_.wall_now(), touch);
        });
    }
    Task<Result<Written<BusinessId>>> delete_business(Owner owner, BusinessId id) override {
        const auto tenant = owner.id;
        return writer_.run(tenant, [owner = std::move(owner), id](Writes& writes, Touch& touch) {
            return writes.delete_business(owner, id, touch);
        });
    }
    Task<Result<std::vector<ActivityOutcome>>> record_activity(std::vector<ActivityEvent> events) override {
        return writer_.record(std::move(events));
    }
    Task<Result<User>> create_user(User user) override {
        const auto tenant = user.id;
        return writer_.run(tenant, [this, user = std::move(user)](Writes& writes, Touch&) {
            return writes.create_user(user, clock_.wall_now());
        });
    }

    Sessions& sessions() override { return *this; }
    void on_revoked(OnRevoked callback) override { on_revoked_ = std::move(callback); }
    Task<Result<void>> create_session(NewSession session) override {
        return writer_.run(session.user, [=](Writes& writes, Touch&) {
            return postgres::create_session(writes.connection(), session);
        });
    }
    Task<Result<Rotated>> rotate_session(Rotation rotation) override {
        auto rotated = co_await writer_.run(UserId{}, [this, rotation](Writes& writes, Touch&) {
            return postgres::rotate_session(writes.connection(), rotation, clock_);
        });
        if (rotated && rotated->outcome == Rotated::Outcome::reused) listener_.tell_revoked({rotation.id});
        co_return rotated;
    }
    Task<Result<Session>> session(SessionId id) override {
        return readers_.run([id](Reads& reads) { return reads.session(id); });
    }
    Task<Result<void>> revoke_session(SessionId id) override {
        auto revoked = co_await writer_.run(UserId{}, [this, id](Writes& writes, Touch&) {
            return postgres::revoke_session(writes.connection(), id, clock_.wall_now());
        });
        if (revoked) listener_.tell_revoked({id});
        co_return revoked;
    }

    StoreStats stats() const override {
        StoreStats stats;
        stats.reads = readers_.reads();
        stats.writes = writer_.writes();
        stats.transactions = writer_.transactions();
        stats.errors = readers_.errors() + writer_.errors();
        stats.queued = writer_.waiting() + readers_.waiting();
        stats.feed_losses = listener_.losses();
        return stats;
    }

private:
    static ConnectionSettings settings_of(const PostgresOptions& options) {
        ConnectionSettings settings;
        settings.url = options.url;
        settings.connect_timeout = options.connect_timeout;
        settings.statement_timeout = options.statement_timeout;
        settings.lock_timeout = options.lock_timeout;
        settings.answer_timeout = options.statement_timeout + 2s;
        return settings;
    }
    static Writer::Limits limits_of(const PostgresOptions& options) {
        Writer::Limits limits;
        limits.threads = options.writers;
        limits.max_waiting = options.max_waiting;
        limits.patience = options.patience;
        limits.trim_interval = options.trim_interval;
        return limits;
    }

    const ConnectionSettings settings_;
    const Clock& clock_;
    Gate gate_;
    OnRevoked on_revoked_;  // until follow()
    Listener listener_;
    Writer writer_;
    ReaderPool readers_;
};

}  // namespace

Result<void> check_url(const std::string& url) {
    char* why = nullptr;
    auto* parsed = PQconninfoParse(url.c_str(), &why);
    if (!parsed) {
        // libpq's message may quote the URL, password included.
        PQfreemem(why);
        return Error{ErrorCode::invalid, "the database's URL is not one that libpq understands"};
    }
    PQconninfoFree(parsed);
    return {};
}

Result<std::unique_ptr<Store>> open_postgres(PostgresOptions options) {
    if (auto right = check_url(options.url); !right) return right.error();
    return std::unique_ptr<Store>(std::make_unique<PostgresStore>(options));
}

}  // namespace pulse::store::postgres
