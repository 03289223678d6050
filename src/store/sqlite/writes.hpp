#pragma once
// What is written, on the one writing connection; one thread. Every call runs inside a transaction and a
// savepoint of the writer (writer.hpp), which undoes it if it returns an Error or throws soci::soci_error.
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "store/sql/activity.hpp"
#include "store/sqlite/feed.hpp"
#include "store/sqlite/query.hpp"
#include "store/sqlite/rows.hpp"
#include "store/sqlite/sessions.hpp"
#include "store/store.hpp"

namespace pulse::store::sqlite {

class Writes {
public:
    explicit Writes(const ConnectionSettings& settings);

    Result<Written<Business>> create_business(const Owner& owner, const NewBusiness& fresh, WallTime now);
    Result<Written<Business>> update_business(const Owner& owner, BusinessId id, const BusinessPatch& patch,
                                              WallTime now);
    Result<Written<BusinessId>> delete_business(const Owner& owner, BusinessId id);
    Result<std::vector<ActivityOutcome>> record_activity(const std::vector<ActivityEvent>& events,
                                                         WallTime now);
    Result<User> create_user(const User& user);

    // Removes a slice of what is kept for a time only: changes for ten minutes, ids of events for 31 days,
    // sessions until they expire.
    enum class Left { nothing, maybe_more };
    Left trim(WallTime now);

    SessionRows& sessions() { return sessions_; }
    Connection& connection() { return connection_; }
    FeedQuery& feed() { return feed_; }

private:
    Result<void> ensure_owner(const Owner& owner);  // conflict
    Version version_of(const Text& user);
    bool exists(BusinessId id);
    bool seen(const EventId& id);
    // Adds each sum to its row, if the row is there and has room; returns the others.
    sql::Differences add_to_rows(const sql::Differences& differences, const Text& now);
    // False: a counter would pass counter_limit, and nothing was added.
    bool add_to_row(BusinessId id, Date date, const Counts& counts, const Text& now);

    Connection connection_;
    FeedQuery feed_;
    SessionRows sessions_;
    Query<In<Text>, Out<Integer>> user_exists_;
    Query<In<Text>, Out<Text>> user_of_address_;
    Query<In<Text, Text, Text, Text>> insert_user_;
    Query<In<Text>, Out<Integer>> version_;
    Query<In<Text, Text>, BusinessColumns> business_;
    Query<In<Text, Text, Text, MaybeText, Text, Text, Text, Text>> insert_business_;
    Query<In<Text, MaybeText, Text, Text, Integer, Text, Text>> update_business_;
    Query<In<Text, Text>> delete_business_;
    Query<In<Text>, Out<Integer>> business_exists_;
    Query<In<Text>, Out<Integer>> event_seen_;
    Query<In<Text, Integer>> insert_event_;
    Query<In<Text>> forget_event_;
    Query<In<Text, Text>, Out<Text, Text>> add_many_counts_;
    Query<In<Integer, Integer, Integer, Integer, Integer, Integer, Text, Text, Text>> add_counts_;
    Query<In<Text, Text>, Out<Integer>> counts_exist_;
    Query<In<Text, Text, Integer, Integer, Integer, Integer, Integer, Integer, Text, Text>> insert_counts_;
    Query<In<Text>> trim_changes_;
    Query<In<Integer>> trim_events_;
};

}  // namespace pulse::store::sqlite
