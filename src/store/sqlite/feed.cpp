#include "store/sqlite/feed.hpp"

#include <soci/soci.h>

#include <algorithm>
#include <memory>

#include "base/log.hpp"
#include "store/sqlite/failure.hpp"
#include "store/sqlite/rows.hpp"

namespace pulse::store::sqlite {

FeedQuery::FeedQuery(Connection& connection)
    : last_seq_(connection, "SELECT coalesce(max(seq), 0) FROM tenant_changes"),
      after_(connection,
             "SELECT user_id, max(version), max(seq) FROM tenant_changes WHERE seq > :seq GROUP BY user_id"),
      data_version_(connection, "PRAGMA data_version") {}

Integer FeedQuery::last_seq() { return std::get<0>(last_seq_.one().value()); }
Integer FeedQuery::data_version() { return std::get<0>(data_version_.one().value()); }

std::pair<std::vector<std::pair<UserId, Version>>, Integer> FeedQuery::after(Integer seq) {
    std::vector<std::pair<UserId, Version>> changed;
    after_.each(
        [&](auto& row) {
            const auto& [user, version, last] = row;
            changed.emplace_back(to_id<UserId>(user), Version(version));
            seq = std::max(seq, last);
        },
        Integer(seq));
    return {std::move(changed), seq};
}

Feed::Feed(ConnectionSettings settings, std::chrono::milliseconds interval)
    : settings_(std::move(settings)), interval_(interval) {}

Feed::~Feed() { stop(); }

void Feed::start(OnChange on_change) {
    {
        const std::lock_guard lock(looking_);
        on_change_ = std::move(on_change);
        try {
            Connection connection(settings_);
            last_seq_ = FeedQuery(connection).last_seq();
        } catch (const std::exception&) {
            // Every reader asks for the state it shows anyway, so starting late loses nothing but time.
            log::warn("change feed: {}; it starts when the database answers",
                      current_failure().error.message);
        }
    }
    thread_ = std::thread([this] { loop(); });
}

void Feed::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Feed::announce(FeedQuery& query) {
    try {
        look(query);
    } catch (const std::exception&) {
        const std::lock_guard lock(mutex_);
        missed_ = true;
        wake_.notify_all();
    }
}

void Feed::look(FeedQuery& query) {
    const std::lock_guard lock(looking_);
    if (!on_change_) return;
    if (last_seq_ < 0) {
        last_seq_ = query.last_seq();
        return;
    }
    auto [changed, last] = query.after(last_seq_);
    last_seq_ = last;
    if (!changed.empty()) on_change_(changed);
}

void Feed::loop() {
    std::unique_ptr<Connection> connection;
    std::unique_ptr<FeedQuery> query;
    Integer seen = -1;
    bool failing = false;
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const bool missed = std::exchange(missed_, false);
        lock.unlock();
        try {
            if (!connection) {
                connection = std::make_unique<Connection>(settings_);
                query = std::make_unique<FeedQuery>(*connection);
                seen = -1;
            }
            const auto version = query->data_version();
            if (version != seen || missed) {
                look(*query);
                seen = version;  // read before looking: a commit in between is looked at once more
            }
            if (std::exchange(failing, false)) log::info("change feed: the database answers again");
        } catch (const std::exception&) {
            if (!std::exchange(failing, true)) log::warn("change feed: {}", current_failure().error.message);
            query.reset();
            connection.reset();
        }
        lock.lock();
        wake_.wait_for(lock, interval_, [this] { return stopping_ || missed_; });
    }
}

}  // namespace pulse::store::sqlite
