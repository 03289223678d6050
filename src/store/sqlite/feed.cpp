#include "store/sqlite/feed.hpp"

#include <soci/soci.h>

#include <algorithm>
#include <memory>

#include "base/log.hpp"
#include "store/sqlite/changed_since.hpp"
#include "store/sqlite/failure.hpp"
#include "store/sqlite/rows.hpp"

namespace pulse::store::sqlite {

FeedQuery::FeedQuery(Connection& connection)
    // Not max(seq): that is lower after the log was trimmed.
    : last_seq_(connection,
                "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'tenant_changes'"),
      after_(connection, changed_since),
      revoked_after_(connection, "SELECT seq, session_id FROM session_revocations WHERE seq > :seq"),
      everybody_(connection, "SELECT user_id, version FROM tenant_kpis"),
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

std::pair<std::vector<SessionId>, Integer> FeedQuery::revoked_after(Integer seq) {
    std::vector<SessionId> revoked;
    revoked_after_.each(
        [&](auto& row) {
            const auto& [last, session] = row;
            revoked.push_back(to_id<SessionId>(session));
            seq = std::max(seq, last);
        },
        Integer(seq));
    return {std::move(revoked), seq};
}

std::vector<std::pair<UserId, Version>> FeedQuery::everybody() {
    std::vector<std::pair<UserId, Version>> all;
    everybody_.each([&](auto& row) {
        const auto& [user, version] = row;
        all.emplace_back(to_id<UserId>(user), Version(version));
    });
    return all;
}

namespace {

Result<void> unavailable(std::string why) { return Error{ErrorCode::unavailable, std::move(why)}; }

}  // namespace

Feed::Feed(ConnectionSettings settings, std::chrono::milliseconds interval)
    : settings_(std::move(settings)), interval_(interval) {}

Feed::~Feed() { stop(); }

void Feed::start(OnChange on_change, OnRevoked on_revoked) {
    {
        const std::lock_guard lock(looking_);
        on_change_ = std::move(on_change);
        on_revoked_ = std::move(on_revoked);
        try {
            open();
            last_seq_ = query_->last_seq();
            tell_revoked(*query_);
            hears_ = true;
        } catch (const std::exception&) {
            close();
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
    hears_ = false;
    const std::lock_guard lock(mutex_);
    answer(std::move(waiting_), unavailable("the store has stopped"));
}

void Feed::expect_look(Promise<Result<void>> looked) {
    {
        const std::lock_guard lock(mutex_);
        if (!stopping_ && thread_.joinable()) {
            waiting_.push_back(std::move(looked));
            wake_.notify_all();
            return;
        }
    }
    looked.set(unavailable("the change feed does not run"));
}

void Feed::answer(std::vector<Promise<Result<void>>> waiting, const Result<void>& result) {
    for (auto& one : waiting) one.set(result);
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
    // The end of the log never goes back, but for a database whose content was replaced in place (.restore).
    if (changed.empty() && query.last_seq() < last_seq_) {
        log::error("change feed: {} holds an earlier state than before; following it from there",
                   settings_.path);
        start_over(query);
        return;
    }
    last_seq_ = last;
    if (!changed.empty()) on_change_(changed);
    tell_revoked(query);
}

void Feed::start_over(FeedQuery& query) {
    last_seq_ = query.last_seq();  // first: what is committed in between is told of twice, not never
    const auto all = query.everybody();
    if (on_change_ && !all.empty()) on_change_(all);
    last_revoked_ = 0;
    tell_revoked(query);
}

void Feed::tell_revoked(FeedQuery& query) {
    auto [revoked, last] = query.revoked_after(last_revoked_);
    last_revoked_ = last;
    if (on_revoked_ && !revoked.empty()) on_revoked_(revoked);
}

void Feed::open() {
    connection_ = std::make_unique<Connection>(settings_);
    query_ = std::make_unique<FeedQuery>(*connection_);
}

void Feed::close() {
    query_.reset();
    connection_.reset();
}

void Feed::loop() {
    Integer seen = -1;
    bool failing = false;
    bool lost = !hears_;  // the connection; what is opened next may be another database
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const bool missed = std::exchange(missed_, false);
        auto waiting = std::exchange(waiting_, {});
        lock.unlock();
        try {
            if (connection_ && connection_->file_is_gone()) {
                log::error("change feed: {} was deleted or replaced; waiting for a database in its place",
                           settings_.path);
                close();
                hears_ = false;
                lost = true;
            }
            if (!connection_) {
                open();
                seen = -1;
            }
            if (lost) {
                const std::lock_guard looking(looking_);
                start_over(*query_);
                log::info("change feed: following {} again", settings_.path);
                lost = false;
            }
            const auto version = query_->data_version();
            if (version != seen || missed) {
                look(*query_);
                seen = version;  // read before looking: a commit in between is looked at once more
            }
            hears_ = true;
            answer(std::move(waiting), {});
            if (std::exchange(failing, false)) log::info("change feed: the database answers again");
        } catch (const std::exception&) {
            hears_ = false;
            const auto failure = current_failure();
            if (!std::exchange(failing, true)) {
                ++losses_;
                log::warn("change feed: {}", failure.error.message);
            }
            answer(std::move(waiting), unavailable(failure.error.message));
            lost = lost || connection_ != nullptr;
            close();
        }
        lock.lock();
        wake_.wait_for(lock, interval_, [this] { return stopping_ || missed_ || !waiting_.empty(); });
    }
}

}  // namespace pulse::store::sqlite
