#include "store/sqlite/writes.hpp"

#include <algorithm>
#include <unordered_map>

#include "store/sql/activity.hpp"

namespace pulse::store::sqlite {
namespace {

// The row of business_metrics that activity is counted in; ?1 to ?6 are what is added.
const std::string activity_row =
    " business_id = :id AND metric_date = :day AND coalesce(demand_listing_id, '') = ''";

constexpr const char* counters[] = {"views_count",    "clicks_count",   "property_invites_count",
                                    "declined_count", "messages_count", "qfps_submitted_count"};

std::string has_room() {
    std::string sql;
    int parameter = 0;
    for (const auto* column : counters)
        sql += " AND " + std::string(column) + " + ?" + std::to_string(++parameter) +
               " <= " + std::to_string(counter_limit);
    return sql;
}

// :batch is a list of [business, day, and what to add to each counter]. One statement, because SQLite keeps
// the pages that a statement with triggers touches until it knows that it will not undo them.
std::string add_many() {
    std::string values, sets, room;
    int place = 1;
    for (const std::string column : counters) {
        const auto added = "d" + std::to_string(++place);
        values += ", value ->> " + std::to_string(place) + " AS " + added;
        sets += column + " = " + column + " + " + added + ", ";
        room += " AND " + column + " + " + added + " <= " + std::to_string(counter_limit);
    }
    return "WITH d AS MATERIALIZED (SELECT value ->> 0 AS business, value ->> 1 AS day" + values +
           " FROM json_each(:batch)) UPDATE business_metrics SET " + sets +
           "updated_at = :now FROM d WHERE business_id = business AND metric_date = day"
           " AND coalesce(demand_listing_id, '') = ''" +
           room + " RETURNING business_id, metric_date";
}

// The contract promises recovery after two minutes and ids that count once for 30 days; both are kept
// longer, for clocks that differ and for readers that are late.
constexpr auto keep_changes = std::chrono::minutes(10);
constexpr auto keep_events = std::chrono::days(31);
constexpr Integer trim_slice = 2000;

Text raw_bytes(const EventId& id) {
    return Text(reinterpret_cast<const char*>(id.uuid.bytes.data()), id.uuid.bytes.size());
}

MaybeText maybe(const std::optional<std::string>& text) { return text ? MaybeText(*text) : MaybeText(); }

}  // namespace

Writes::Writes(const ConnectionSettings& settings)
    : connection_(settings),
      feed_(connection_),
      sessions_(connection_),
      user_exists_(connection_, "SELECT 1 FROM users WHERE id = :id"),
      user_of_address_(connection_, "SELECT id FROM users WHERE email = :email"),
      insert_user_(connection_,
                   "INSERT INTO users (id, email, password_hash, role) VALUES (:id, :email, :hash, :role)"),
      version_(connection_, "SELECT version FROM tenant_kpis WHERE user_id = :user"),
      business_(connection_, std::string("SELECT ") + business_columns +
                                 " FROM businesses WHERE id = :id AND user_id = :user"),
      insert_business_(
          connection_,
          "INSERT INTO businesses (id, user_id, name, logo_url, category, status, created_at,"
          " updated_at) VALUES (:id, :user, :name, :logo, :category, :status, :created, :updated)"),
      update_business_(
          connection_,
          "UPDATE businesses SET name = :name, logo_url = :logo, category = :category,"
          " status = :status, stealth_mode_enabled = :stealth, updated_at = :now WHERE id = :id"),
      delete_business_(connection_, "DELETE FROM businesses WHERE id = :id AND user_id = :user"),
      business_exists_(connection_, "SELECT 1 FROM businesses WHERE id = :id"),
      event_seen_(connection_, "SELECT 1 FROM activity_events WHERE id = CAST(:id AS BLOB)"),
      insert_event_(connection_,
                    "INSERT INTO activity_events (id, received_at) VALUES (CAST(:id AS BLOB), :at)"
                    " ON CONFLICT (id) DO NOTHING"),
      forget_event_(connection_, "DELETE FROM activity_events WHERE id = CAST(:id AS BLOB)"),
      add_many_counts_(connection_, add_many()),
      add_counts_(connection_,
                  "UPDATE business_metrics SET views_count = views_count + :views,"
                  " clicks_count = clicks_count + :clicks,"
                  " property_invites_count = property_invites_count + :invites,"
                  " declined_count = declined_count + :declined, messages_count = messages_count + :messages,"
                  " qfps_submitted_count = qfps_submitted_count + :qfps, updated_at = :now"
                  " WHERE" +
                      activity_row + has_room()),
      counts_exist_(connection_, "SELECT 1 FROM business_metrics WHERE" + activity_row),
      insert_counts_(
          connection_,
          "INSERT INTO business_metrics (business_id, metric_date, views_count, clicks_count,"
          " property_invites_count, declined_count, messages_count, qfps_submitted_count,"
          " created_at, updated_at)"
          " VALUES (:id, :day, :views, :clicks, :invites, :declined, :messages, :qfps, :now, :now2)"),
      trim_changes_(
          connection_,
          "DELETE FROM tenant_changes WHERE seq IN (SELECT seq FROM tenant_changes ORDER BY seq LIMIT " +
              std::to_string(trim_slice) + ") AND created_at < :before"),
      trim_events_(connection_,
                   "DELETE FROM activity_events WHERE id IN (SELECT id FROM activity_events"
                   " WHERE received_at < :before ORDER BY received_at LIMIT " +
                       std::to_string(trim_slice) + ")") {}

Version Writes::version_of(const Text& user) {
    const auto row = version_.one(user);
    return row ? Version(std::get<0>(*row)) : 0;
}

Result<void> Writes::ensure_owner(const Owner& owner) {
    const auto id = owner.id.to_string();
    if (user_exists_.one(id)) return {};
    const auto email = owner.email.empty() ? id + "@unknown.invalid" : owner.email;
    if (user_of_address_.one(email)) return Error{ErrorCode::conflict, "the address belongs to another user"};
    insert_user_.run(id, email, Text(), Text(to_string(owner.role)));
    return {};
}

Result<Written<Business>> Writes::create_business(const Owner& owner, const NewBusiness& fresh,
                                                  WallTime now) {
    if (auto ensured = ensure_owner(owner); !ensured) return ensured.error();
    const auto id = BusinessId::random().to_string();
    const auto user = owner.id.to_string();
    const auto time = to_iso8601(now);
    insert_business_.run(id, user, fresh.name, maybe(fresh.logo_url), fresh.category,
                         Text(to_string(fresh.status)), time, time);
    auto row = business_.one(id, user);
    return Written<Business>{to_business(row.value()), version_of(user)};
}

Result<Written<Business>> Writes::update_business(const Owner& owner, BusinessId id,
                                                  const BusinessPatch& patch, WallTime now) {
    const auto key = id.to_string();
    const auto user = owner.id.to_string();
    auto row = business_.one(key, user);
    if (!row) return sql::no_business();
    if (auto ensured = ensure_owner(owner); !ensured) return ensured.error();
    const auto before = to_business(*row);
    const auto after = sql::patched(before, patch);
    // A patch that changes nothing is no change: no version, no event, the same updated_at.
    if (after == before) return Written<Business>{after, version_of(user)};
    update_business_.run(after.name, maybe(after.logo_url), after.category, Text(to_string(after.status)),
                         Integer(after.stealth_mode_enabled), to_iso8601(now), key);
    row = business_.one(key, user);
    return Written<Business>{to_business(row.value()), version_of(user)};
}

Result<Written<BusinessId>> Writes::delete_business(const Owner& owner, BusinessId id) {
    const auto user = owner.id.to_string();
    if (delete_business_.run(id.to_string(), user) == 0) return sql::no_business();
    if (auto ensured = ensure_owner(owner); !ensured) return ensured.error();
    return Written<BusinessId>{id, version_of(user)};
}

bool Writes::exists(BusinessId id) { return business_exists_.one(id.to_string()).has_value(); }
bool Writes::seen(const EventId& id) { return event_seen_.one(raw_bytes(id)).has_value(); }

Result<std::vector<ActivityOutcome>> Writes::record_activity(const std::vector<ActivityEvent>& events,
                                                             WallTime now) {
    std::vector<ActivityOutcome> outcomes;
    outcomes.reserve(events.size());
    std::unordered_map<BusinessId, bool> known;
    sql::Differences differences;
    for (const auto& event : events) {
        auto found = known.find(event.business_id);
        if (found == known.end()) found = known.emplace(event.business_id, exists(event.business_id)).first;
        if (!found->second) {
            // An event that was counted stays a duplicate, also when its business is gone since.
            outcomes.push_back(seen(event.id) ? ActivityOutcome::duplicate
                                              : ActivityOutcome::unknown_business);
            continue;
        }
        if (insert_event_.run(raw_bytes(event.id), to_milliseconds(now)) == 0) {
            outcomes.push_back(ActivityOutcome::duplicate);
            continue;
        }
        sql::add(differences[{event.business_id, event.date}], event.type, event.count);
        outcomes.push_back(ActivityOutcome::accepted);
    }
    const auto time = to_iso8601(now);
    for (const auto& [key, sum] : add_to_rows(differences, time)) {
        if (add_to_row(key.first, key.second, sum, time)) continue;
        // Not all of it has room: event by event then, so that only those that do not fit are refused.
        for (std::size_t i = 0; i < events.size(); ++i) {
            const auto& event = events[i];
            if (outcomes[i] != ActivityOutcome::accepted || event.business_id != key.first ||
                event.date != key.second)
                continue;
            Counts one;
            sql::add(one, event.type, event.count);
            if (add_to_row(key.first, key.second, one, time)) continue;
            outcomes[i] = ActivityOutcome::counter_full;
            forget_event_.run(raw_bytes(event.id));
        }
    }
    return outcomes;
}

sql::Differences Writes::add_to_rows(const sql::Differences& differences, const Text& now) {
    if (differences.size() < 2) return differences;
    sql::Differences rest = differences;
    Text batch;
    for (const auto& [key, sum] : differences) {
        batch += batch.empty() ? "[[\"" : ",[\"";
        batch += key.first.to_string() + "\",\"" + to_text(key.second) + '"';
        for (const auto count : {sum.views, sum.clicks, sum.invites, sum.declined, sum.messages, sum.qfps})
            batch += ',' + std::to_string(count);
        batch += ']';
    }
    batch += ']';
    add_many_counts_.each(
        [&](const auto& row) {
            rest.erase({*BusinessId::parse(std::get<0>(row)), sql::parse_date(std::get<1>(row))});
        },
        batch, now);
    return rest;
}

bool Writes::add_to_row(BusinessId id, Date date, const Counts& counts, const Text& now) {
    const auto key = id.to_string();
    const auto day = to_text(date);
    // Not INSERT … ON CONFLICT: a row that exists is the rule, and an update fires fewer triggers.
    if (add_counts_.run(counts.views, counts.clicks, counts.invites, counts.declined, counts.messages,
                        counts.qfps, now, key, day) > 0)
        return true;
    if (counts_exist_.one(key, day)) return false;
    // A batch is far below counter_limit: 1000 events of at most 10,000 each.
    insert_counts_.run(key, day, counts.views, counts.clicks, counts.invites, counts.declined,
                       counts.messages, counts.qfps, now, now);
    return true;
}

Result<User> Writes::create_user(const User& user) {
    const auto id = user.id.to_string();
    if (user_of_address_.one(user.email) || user_exists_.one(id))
        return Error{ErrorCode::conflict, "the address belongs to another user"};
    insert_user_.run(id, user.email, user.password_hash, Text(to_string(user.role)));
    return user;
}

Writes::Left Writes::trim(WallTime now) {
    const auto changes = trim_changes_.run(to_iso8601(now - keep_changes));
    const auto events = trim_events_.run(to_milliseconds(now - keep_events));
    const auto sessions = sessions_.trim(now, trim_slice);
    return std::max({changes, events, sessions}) == trim_slice ? Left::maybe_more : Left::nothing;
}

}  // namespace pulse::store::sqlite
