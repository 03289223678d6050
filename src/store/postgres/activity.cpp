// Writes::record_activity: a batch of any size takes two round trips as a rule, one to remember the events'
// ids and one to count.
#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "store/postgres/writes.hpp"
#include "store/sql/activity.hpp"

namespace pulse::store::postgres {
namespace {

// Rows are locked and inserted in the order of their ids, so that nodes that count the same businesses or
// events at once wait for each other but never in a circle. The businesses' rows are held (as a foreign key
// would hold them), so that none is deleted between being found and being counted for. An id that another
// transaction has inserted and not committed is waited for.
const Statement note_events{
    "WITH known AS MATERIALIZED (SELECT id, user_id FROM businesses WHERE id = ANY ($3::uuid[])"
    " AND user_id IS NOT NULL ORDER BY id FOR KEY SHARE),"
    " fresh AS (INSERT INTO activity_events (id) SELECT DISTINCT g.id"
    " FROM unnest($1::uuid[], $2::uuid[]) AS g (id, business_id) JOIN known ON known.id = g.business_id"
    " ORDER BY g.id ON CONFLICT DO NOTHING RETURNING id)"
    " SELECT id, user_id FROM known UNION ALL SELECT id, NULL FROM fresh"};
const Statement events_seen{"SELECT id FROM activity_events WHERE id = ANY ($1::uuid[])"};
const Statement forget_events{"DELETE FROM activity_events WHERE id = ANY ($1::uuid[])"};

// An adopted table need not have one row per business and day: rows of a listing are not ours, and of
// several others the first is taken. Nor need its counters be NOT NULL.
const std::string differences =
    "unnest($1::uuid[], $2::date[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],"
    " $8::bigint[]) WITH ORDINALITY AS d (business_id, day, views, clicks, invites, declined, messages, qfps,"
    " n)";
std::string sum_of(const std::string& column, const std::string& difference) {
    return "coalesce(m." + column + ", 0) + d." + difference;
}
const Statement lock_counts{
    "SELECT FROM business_metrics m JOIN unnest($1::uuid[], $2::date[]) AS d (business_id, day)"
    " ON m.business_id = d.business_id AND m.metric_date = d.day WHERE m.demand_listing_id IS NULL"
    " ORDER BY m.business_id, m.metric_date, m.id FOR NO KEY UPDATE OF m"};
// Answers what could not be added: which, and whether there is a row at all.
const Statement add_counts{
    "WITH d AS MATERIALIZED (SELECT * FROM " + differences +
    "), target AS MATERIALIZED (SELECT d.n, (SELECT m.id FROM business_metrics m"
    " WHERE m.business_id = d.business_id AND m.metric_date = d.day AND m.demand_listing_id IS NULL"
    " ORDER BY m.id LIMIT 1) AS id FROM d), changed AS (UPDATE business_metrics m SET"
    " views_count = " +
    sum_of("views_count", "views") + ", clicks_count = " + sum_of("clicks_count", "clicks") +
    ", property_invites_count = " + sum_of("property_invites_count", "invites") + ", declined_count = " +
    sum_of("declined_count", "declined") + ", messages_count = " + sum_of("messages_count", "messages") +
    ", qfps_submitted_count = " + sum_of("qfps_submitted_count", "qfps") +
    ", updated_at = $9 FROM d JOIN target ON target.n = d.n WHERE m.id = target.id AND greatest(" +
    sum_of("views_count", "views") + ", " + sum_of("clicks_count", "clicks") + ", " +
    sum_of("property_invites_count", "invites") + ", " + sum_of("declined_count", "declined") + ", " +
    sum_of("messages_count", "messages") + ", " + sum_of("qfps_submitted_count", "qfps") +
    ") <= $10::bigint RETURNING d.n)"
    " SELECT target.n, target.id IS NOT NULL FROM target WHERE target.n NOT IN (SELECT n FROM changed)"};
const Statement insert_counts{
    "INSERT INTO business_metrics (id, business_id, metric_date, views_count, clicks_count,"
    " property_invites_count, declined_count, messages_count, qfps_submitted_count, created_at, updated_at)"
    " SELECT gen_random_uuid(), d.business_id, d.day, d.views, d.clicks, d.invites, d.declined, d.messages,"
    " d.qfps, $9, $10 FROM " +
    differences + " ORDER BY d.business_id, d.day ON CONFLICT DO NOTHING RETURNING business_id, metric_date"};

using Key = std::pair<BusinessId, Date>;
using Differences = sql::Differences;

Parameters arrays_of(const Differences& wanted) {
    const auto column = [&](std::int64_t Counts::* member) {
        return array_of(wanted, [member](const auto& one) { return std::to_string(one.second.*member); });
    };
    return {array_of(wanted, [](const auto& one) { return one.first.first.to_string(); }),
            array_of(wanted, [](const auto& one) { return to_text(one.first.second); }),
            column(&Counts::views),
            column(&Counts::clicks),
            column(&Counts::invites),
            column(&Counts::declined),
            column(&Counts::messages),
            column(&Counts::qfps)};
}

// Adds to the counters. Returns what did not fit.
Differences add_up(Connection& connection, Differences wanted, const std::string& time,
                   std::int64_t counter_limit) {
    Differences full;
    // Again only if somebody inserts or deletes the same row at the same moment.
    for (int attempt = 0; !wanted.empty() && attempt < 4; ++attempt) {
        auto values = arrays_of(wanted);
        connection.send(lock_counts, {values[0], values[1]});
        values.insert(values.end(), {time, std::to_string(counter_limit)});
        const auto left = connection.query(add_counts, values);
        std::vector<Differences::value_type> in_order(wanted.begin(), wanted.end());
        wanted.clear();
        for (int row = 0; row < left.size(); ++row) {
            const auto& one = in_order.at(std::size_t(left.integer(row, 0) - 1));
            (left.flag(row, 1) ? full : wanted).insert(one);
        }
        if (wanted.empty()) break;
        values = arrays_of(wanted);
        values.insert(values.end(), {time, time});
        const auto inserted = connection.query(insert_counts, values);
        for (int row = 0; row < inserted.size(); ++row)
            wanted.erase({to_id<BusinessId>(inserted.text(row, 0)), sql::parse_date(inserted.text(row, 1))});
    }
    if (!wanted.empty()) throw DatabaseError("40001", "rows of business_metrics come and go", false);
    return full;
}

}  // namespace

std::vector<ActivityOutcome> Writes::record_activity(const std::vector<ActivityEvent>& events, WallTime now,
                                                     std::vector<Touch>& touched) {
    std::vector<BusinessId> businesses;
    for (const auto& event : events) businesses.push_back(event.business_id);
    std::sort(businesses.begin(), businesses.end());
    businesses.erase(std::unique(businesses.begin(), businesses.end()), businesses.end());
    const auto noted = connection_.query(
        note_events, {array_of(events, [](const auto& event) { return event.id.to_string(); }),
                      array_of(events, [](const auto& event) { return event.business_id.to_string(); }),
                      ids_array(businesses)});
    std::unordered_map<BusinessId, UserId> known;
    std::unordered_set<EventId> fresh;
    for (int row = 0; row < noted.size(); ++row) {
        if (noted.is_null(row, 1)) {
            fresh.insert(to_id<EventId>(noted.text(row, 0)));
        } else {
            known[to_id<BusinessId>(noted.text(row, 0))] = to_id<UserId>(noted.text(row, 1));
        }
    }

    // An event that was counted stays a duplicate, also when its business is gone since.
    std::vector<EventId> homeless;
    for (const auto& event : events)
        if (!known.contains(event.business_id) && !fresh.contains(event.id)) homeless.push_back(event.id);
    std::unordered_set<EventId> seen;
    if (!homeless.empty()) {
        const auto rows =
            connection_.query(events_seen, {array_of(homeless, [](EventId id) { return id.to_string(); })});
        for (int row = 0; row < rows.size(); ++row) seen.insert(to_id<EventId>(rows.text(row, 0)));
    }

    std::vector<ActivityOutcome> outcomes;
    outcomes.reserve(events.size());
    Differences wanted;
    for (const auto& event : events) {
        const bool counts = known.contains(event.business_id);
        if (counts && fresh.erase(event.id) > 0) {
            seen.insert(event.id);
            sql::add(wanted[{event.business_id, event.date}], event.type, event.count);
            outcomes.push_back(ActivityOutcome::accepted);
        } else {
            outcomes.push_back(counts || seen.contains(event.id) ? ActivityOutcome::duplicate
                                                                 : ActivityOutcome::unknown_business);
        }
    }

    std::unordered_set<UserId> tenants;
    for (const auto& [key, counts] : wanted) tenants.insert(known[key.first]);
    const auto time = to_iso8601(now);
    std::vector<EventId> refused;
    for (const auto& [key, counts] : add_up(connection_, std::move(wanted), time, facts_.counter_limit)) {
        // Not all of it has room: event by event then, so that only those that do not fit are refused.
        for (std::size_t i = 0; i < events.size(); ++i) {
            if (outcomes[i] != ActivityOutcome::accepted || Key(events[i].business_id, events[i].date) != key)
                continue;
            Differences one;
            sql::add(one[key], events[i].type, events[i].count);
            if (add_up(connection_, std::move(one), time, facts_.counter_limit).empty()) continue;
            outcomes[i] = ActivityOutcome::counter_full;
            refused.push_back(events[i].id);
        }
    }
    if (!refused.empty())
        connection_.query(forget_events, {array_of(refused, [](EventId id) { return id.to_string(); })});
    for (const auto& tenant : tenants) touched.push_back({tenant, std::nullopt});
    return outcomes;
}

}  // namespace pulse::store::postgres
