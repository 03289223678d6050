#pragma once
// What every Store must do, whatever database stands behind it: a suite for a factory, whose tests are in
// store_suite_test.cpp. A database's own test includes this and instantiates StoreSuite with a function that
// makes an empty TestDatabase.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "store/store.hpp"

namespace pulse::store {

class ManualClock final : public Clock {
public:
    TimePoint now() const override { return TimePoint(wall_now().time_since_epoch()); }
    WallTime wall_now() const override { return WallTime(std::chrono::milliseconds(ms_.load())); }
    void advance(std::chrono::milliseconds by) { ms_ += by.count(); }

private:
    std::atomic<std::int64_t> ms_{std::chrono::duration_cast<std::chrono::milliseconds>(
                                      std::chrono::system_clock::now().time_since_epoch())
                                      .count()};
};

// An empty database that a test owns.
class TestDatabase {
public:
    virtual ~TestDatabase() = default;
    virtual Result<std::unique_ptr<Store>> open(const Clock& clock) = 0;
    virtual void sql(
        const std::string& statements) = 0;  // as another program would, on a connection of its own
    virtual std::string value(const std::string& select) = 0;  // first column of the first row, as text
    virtual std::string own_schema() const { return ""; }  // what stands before the names of our own tables
    virtual std::int64_t largest_count() const { return counter_limit; }  // of one counter of a row
};

using MakeDatabase = std::function<std::unique_ptr<TestDatabase>()>;

template <class T>
Task<> collect(Task<T> task, std::vector<T>& into) {
    auto value = co_await std::move(task);
    into.push_back(std::move(value));
}

// Awaits all of them at once, on one loop.
template <class T>
std::vector<T> run_all(std::vector<Task<T>> tasks) {
    boost::asio::io_context loop;
    std::vector<T> results;
    for (auto& task : tasks) {
        boost::asio::co_spawn(loop, collect(std::move(task), results), [](std::exception_ptr failure) {
            if (failure) std::rethrow_exception(failure);
        });
    }
    loop.run();
    return results;
}

// Runs one task to its end.
template <class T>
T run(Task<T> task) {
    std::vector<Task<T>> tasks;
    tasks.push_back(std::move(task));
    return std::move(run_all(std::move(tasks)).at(0));
}

// Collects what the feed tells.
class Listener {
public:
    OnChange callback() {
        return [this](const auto& changed) {
            const std::lock_guard lock(mutex_);
            for (const auto& [user, version] : changed) seen_[user] = std::max(seen_[user], version);
            changed_.notify_all();
        };
    }
    Version now(UserId user) {
        const std::lock_guard lock(mutex_);
        return seen_[user];
    }
    bool wait_for(UserId user, Version version) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return seen_[user] >= version; });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::map<UserId, Version> seen_;
};

// Collects the sessions that the feed says have ended.
class RevocationListener {
public:
    OnRevoked callback() {
        return [this](const auto& revoked) {
            const std::lock_guard lock(mutex_);
            seen_.insert(revoked.begin(), revoked.end());
            changed_.notify_all();
        };
    }
    bool now(SessionId session) {
        const std::lock_guard lock(mutex_);
        return seen_.contains(session);
    }
    bool wait_for(SessionId session) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return seen_.contains(session); });
    }

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::set<SessionId> seen_;
};

class StoreSuite : public testing::TestWithParam<MakeDatabase> {
protected:
    void SetUp() override {
        database = GetParam()();
        reopen();
    }
    void TearDown() override {
        if (store) store->stop();
    }
    void reopen() {
        store.reset();
        auto opened = database->open(clock);
        ASSERT_TRUE(opened) << opened.error().message;
        store = std::move(*opened);
        const auto migrated = store->migrate();
        ASSERT_TRUE(migrated) << migrated.error().message;
    }

    Date today() const { return std::chrono::floor<std::chrono::days>(clock.wall_now()); }

    Business create(const Owner& owner, const std::string& name,
                    BusinessStatus status = BusinessStatus::active) {
        auto written = run(store->create_business(owner, {name, "food", std::nullopt, status}));
        EXPECT_TRUE(written) << written.error().message;
        return written ? written->value : Business{};
    }
    ActivityEvent event(BusinessId business, ActivityType type, std::int64_t count = 1, int days_ago = 0) {
        return {EventId::random(), business, type, count, today() - std::chrono::days(days_ago)};
    }
    void record(std::vector<ActivityEvent> events) {
        const auto size = events.size();
        const auto outcomes = run(store->record_activity(std::move(events)));
        ASSERT_TRUE(outcomes) << outcomes.error().message;
        EXPECT_EQ(*outcomes, std::vector<ActivityOutcome>(size, ActivityOutcome::accepted));
    }
    TenantKpis kpis(UserId user) { return *run(store->tenant_kpis(user)); }
    TenantState state(UserId user, std::optional<Version> after, std::int64_t businesses = 0) {
        return *run(store->tenant_state(user, after, businesses));
    }

    ManualClock clock;
    std::unique_ptr<TestDatabase> database;
    std::unique_ptr<Store> store;
    const Owner ann{UserId::random(), "ann@example.com", Role::tenant};
    const Owner bob{UserId::random(), "bob@example.com", Role::tenant};
};

}  // namespace pulse::store
