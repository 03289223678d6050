#include "store/sqlite/schema.hpp"

#include <string_view>

namespace pulse::store::sqlite {
namespace {

// Any program with SQLite may write these tables, with its own settings: foreign keys on or off, recursive
// triggers on or off, any conflict clause (which overrides those inside triggers). So nothing here leans on
// a foreign key, and no statement in a trigger can meet a conflict it does not itself resolve. STRICT and
// the named CHECKs refuse, in words, what readers could not read.
//
// @uuid@, @now@, @is_uuid(column)@ and @is_time(column)@ are filled in by expand() below.
constexpr std::string_view tables = R"sql(
CREATE TABLE users (
    id TEXT NOT NULL PRIMARY KEY DEFAULT (@uuid@)
        CONSTRAINT "users.id must be a UUID in lower case" CHECK (@is_uuid(id)@),
    email TEXT NOT NULL COLLATE NOCASE DEFAULT '',
    password_hash TEXT NOT NULL DEFAULT '',
    role TEXT NOT NULL DEFAULT 'tenant'
        CONSTRAINT "users.role must be tenant, landlord, broker or service"
        CHECK (role IN ('tenant', 'landlord', 'broker', 'service')),
    created_at TEXT NOT NULL DEFAULT (@now@)
        CONSTRAINT "users.created_at must be like 2026-01-31T09:30:00.000Z" CHECK (@is_time(created_at)@),
    updated_at TEXT NOT NULL DEFAULT (@now@)
        CONSTRAINT "users.updated_at must be like 2026-01-31T09:30:00.000Z" CHECK (@is_time(updated_at)@)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX users_email ON users (email);

CREATE TABLE businesses (
    id TEXT NOT NULL PRIMARY KEY DEFAULT (@uuid@)
        CONSTRAINT "businesses.id must be a UUID in lower case" CHECK (@is_uuid(id)@),
    user_id TEXT NOT NULL
        CONSTRAINT "businesses.user_id must be a UUID in lower case" CHECK (@is_uuid(user_id)@),
    name TEXT NOT NULL,
    logo_url TEXT,
    category TEXT NOT NULL,
    status TEXT NOT NULL DEFAULT 'pending_verification'
        CONSTRAINT "businesses.status must be active, pending_verification or stealth_mode"
        CHECK (status IN ('active', 'pending_verification', 'stealth_mode')),
    is_verified INTEGER NOT NULL DEFAULT 0
        CONSTRAINT "businesses.is_verified must be 0 or 1" CHECK (is_verified IN (0, 1)),
    stealth_mode_enabled INTEGER NOT NULL DEFAULT 0
        CONSTRAINT "businesses.stealth_mode_enabled must be 0 or 1" CHECK (stealth_mode_enabled IN (0, 1)),
    created_at TEXT NOT NULL DEFAULT (@now@)
        CONSTRAINT "businesses.created_at must be like 2026-01-31T09:30:00.000Z"
        CHECK (@is_time(created_at)@),
    updated_at TEXT NOT NULL DEFAULT (@now@)
        CONSTRAINT "businesses.updated_at must be like 2026-01-31T09:30:00.000Z"
        CHECK (@is_time(updated_at)@)
) STRICT, WITHOUT ROWID;
CREATE INDEX businesses_by_owner ON businesses (user_id, created_at DESC, id);

CREATE TABLE business_metrics (
    id TEXT NOT NULL PRIMARY KEY DEFAULT (@uuid@)
        CONSTRAINT "business_metrics.id must be a UUID in lower case" CHECK (@is_uuid(id)@),
    business_id TEXT NOT NULL,
    demand_listing_id TEXT,
    metric_date TEXT NOT NULL
        CONSTRAINT "business_metrics.metric_date must be a day like 2026-01-31"
        CHECK (metric_date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'
               AND date(metric_date, '+0 days') IS metric_date),
    views_count INTEGER NOT NULL DEFAULT 0,
    clicks_count INTEGER NOT NULL DEFAULT 0,
    property_invites_count INTEGER NOT NULL DEFAULT 0,
    declined_count INTEGER NOT NULL DEFAULT 0,
    messages_count INTEGER NOT NULL DEFAULT 0,
    qfps_submitted_count INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL DEFAULT (@now@)
        CONSTRAINT "business_metrics.created_at must be like 2026-01-31T09:30:00.000Z"
        CHECK (@is_time(created_at)@),
    updated_at TEXT NOT NULL DEFAULT (@now@)
        CONSTRAINT "business_metrics.updated_at must be like 2026-01-31T09:30:00.000Z"
        CHECK (@is_time(updated_at)@),
    -- The upper bound keeps every sum within 64 bits.
    CONSTRAINT "business_metrics: counts must be 0 to 1000000000000" CHECK (
        views_count BETWEEN 0 AND 1000000000000 AND clicks_count BETWEEN 0 AND 1000000000000
        AND property_invites_count BETWEEN 0 AND 1000000000000
        AND declined_count BETWEEN 0 AND 1000000000000 AND messages_count BETWEEN 0 AND 1000000000000
        AND qfps_submitted_count BETWEEN 0 AND 1000000000000)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX business_metrics_by_day
    ON business_metrics (business_id, metric_date, coalesce(demand_listing_id, ''));

-- Our own tables. Only the triggers below write the next four.
CREATE TABLE tenant_kpis (
    user_id TEXT NOT NULL PRIMARY KEY,
    active_businesses INTEGER NOT NULL,
    invites INTEGER NOT NULL,
    views INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Sums of all time per business, and who owned it when they were last counted: what a trigger compares
-- with, because a REPLACE removes rows without firing their delete triggers.
CREATE TABLE business_totals (
    business_id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL,
    active INTEGER NOT NULL,
    views INTEGER NOT NULL DEFAULT 0,
    clicks INTEGER NOT NULL DEFAULT 0,
    invites INTEGER NOT NULL DEFAULT 0,
    declined INTEGER NOT NULL DEFAULT 0,
    messages INTEGER NOT NULL DEFAULT 0,
    qfps INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE tenant_days (
    user_id TEXT NOT NULL,
    day TEXT NOT NULL,
    views INTEGER NOT NULL,
    clicks INTEGER NOT NULL,
    invites INTEGER NOT NULL,
    declined INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    qfps INTEGER NOT NULL,
    PRIMARY KEY (user_id, day)
) STRICT, WITHOUT ROWID;

-- AUTOINCREMENT: a seq is never given twice, also when the end of the log was trimmed.
CREATE TABLE tenant_changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    kind TEXT NOT NULL,
    business_id TEXT NOT NULL,
    business TEXT,
    created_at TEXT NOT NULL DEFAULT (@now@)
) STRICT;
CREATE UNIQUE INDEX tenant_changes_by_version ON tenant_changes (user_id, version);

-- Rows that the INSERT or UPDATE under way will replace if its conflict clause says so.
CREATE TABLE replaced_metrics (
    id TEXT NOT NULL PRIMARY KEY,
    business_id TEXT NOT NULL,
    day TEXT NOT NULL,
    views INTEGER NOT NULL,
    clicks INTEGER NOT NULL,
    invites INTEGER NOT NULL,
    declined INTEGER NOT NULL,
    messages INTEGER NOT NULL,
    qfps INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Ids of activity events that were counted, 16 bytes each; received_at in milliseconds since 1970.
CREATE TABLE activity_events (
    id BLOB NOT NULL PRIMARY KEY,
    received_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX activity_events_by_age ON activity_events (received_at);
)sql";

// SQLite has no procedures; a view with an INSTEAD OF INSERT trigger is one: INSERT INTO it is the call.
constexpr std::string_view procedures = R"sql(
-- One change of one tenant: the next version, its deltas, its line in the log.
CREATE VIEW append_change (user_id, kind, business_id, business, active, invites, views, messages)
    AS SELECT NULL, NULL, NULL, NULL, 0, 0, 0, 0 WHERE 0;
CREATE TRIGGER append_change_call INSTEAD OF INSERT ON append_change BEGIN
    INSERT INTO tenant_kpis (user_id, active_businesses, invites, views, messages, version)
    VALUES (new.user_id, new.active, new.invites, new.views, new.messages, 1)
    ON CONFLICT (user_id) DO UPDATE SET
        active_businesses = active_businesses + excluded.active_businesses,
        invites = invites + excluded.invites, views = views + excluded.views,
        messages = messages + excluded.messages, version = version + 1;
    INSERT INTO tenant_changes (user_id, version, kind, business_id, business)
    SELECT user_id, version, new.kind, new.business_id, new.business
    FROM tenant_kpis WHERE user_id = new.user_id;
END;

-- Adds to one day of a tenant.
CREATE VIEW add_to_day (user_id, day, views, clicks, invites, declined, messages, qfps)
    AS SELECT NULL, NULL, 0, 0, 0, 0, 0, 0 WHERE 0;
CREATE TRIGGER add_to_day_call INSTEAD OF INSERT ON add_to_day BEGIN
    INSERT INTO tenant_days (user_id, day, views, clicks, invites, declined, messages, qfps)
    VALUES (new.user_id, new.day, new.views, new.clicks, new.invites, new.declined, new.messages, new.qfps)
    ON CONFLICT (user_id, day) DO UPDATE SET
        views = views + excluded.views, clicks = clicks + excluded.clicks,
        invites = invites + excluded.invites, declined = declined + excluded.declined,
        messages = messages + excluded.messages, qfps = qfps + excluded.qfps;
END;

-- Counts a difference of one business on one day. A business that is gone, or going, counts no more.
CREATE VIEW count_metrics (business_id, day, views, clicks, invites, declined, messages, qfps)
    AS SELECT NULL, NULL, 0, 0, 0, 0, 0, 0 WHERE 0;
CREATE TRIGGER count_metrics_call INSTEAD OF INSERT ON count_metrics BEGIN
    UPDATE business_totals SET
        views = views + new.views, clicks = clicks + new.clicks, invites = invites + new.invites,
        declined = declined + new.declined, messages = messages + new.messages, qfps = qfps + new.qfps
    WHERE business_id = new.business_id;
    INSERT INTO add_to_day
    SELECT user_id, new.day, new.views, new.clicks, new.invites, new.declined, new.messages, new.qfps
    FROM business_totals WHERE business_id = new.business_id;
    INSERT INTO append_change
    SELECT user_id, 'metrics_updated', business_id, NULL, 0, new.invites, new.views, new.messages
    FROM business_totals WHERE business_id = new.business_id;
END;

-- Brings everything in line with the row of a business that was inserted, replaced or updated. For a
-- change of owner that is a deletion for the old one and a creation, sums included, for the new one.
CREATE VIEW sync_business (id) AS SELECT NULL WHERE 0;
CREATE TRIGGER sync_business_call INSTEAD OF INSERT ON sync_business BEGIN
    INSERT INTO append_change
    SELECT t.user_id, 'business_deleted', t.business_id, NULL, -t.active, -t.invites, -t.views, -t.messages
    FROM business_totals t JOIN businesses b ON b.id = t.business_id
    WHERE t.business_id = new.id AND t.user_id <> b.user_id;
    INSERT INTO add_to_day
    SELECT t.user_id, m.metric_date, -m.views_count, -m.clicks_count, -m.property_invites_count,
           -m.declined_count, -m.messages_count, -m.qfps_submitted_count
    FROM business_totals t JOIN businesses b ON b.id = t.business_id
    JOIN business_metrics m ON m.business_id = t.business_id
    WHERE t.business_id = new.id AND t.user_id <> b.user_id;
    INSERT INTO add_to_day
    SELECT b.user_id, m.metric_date, m.views_count, m.clicks_count, m.property_invites_count,
           m.declined_count, m.messages_count, m.qfps_submitted_count
    FROM business_totals t JOIN businesses b ON b.id = t.business_id
    JOIN business_metrics m ON m.business_id = t.business_id
    WHERE t.business_id = new.id AND t.user_id <> b.user_id;
    INSERT INTO append_change
    SELECT b.user_id, iif(t.user_id IS b.user_id, 'business_updated', 'business_created'), b.id,
           json_object('id', b.id, 'user_id', b.user_id, 'name', b.name, 'logo_url', b.logo_url,
                       'category', b.category, 'status', b.status,
                       'is_verified', json(iif(b.is_verified, 'true', 'false')),
                       'stealth_mode_enabled', json(iif(b.stealth_mode_enabled, 'true', 'false')),
                       'created_at', b.created_at, 'updated_at', b.updated_at),
           (b.status = 'active') - iif(t.user_id IS b.user_id, t.active, 0),
           iif(t.user_id IS b.user_id, 0, coalesce(t.invites, 0)),
           iif(t.user_id IS b.user_id, 0, coalesce(t.views, 0)),
           iif(t.user_id IS b.user_id, 0, coalesce(t.messages, 0))
    FROM businesses b LEFT JOIN business_totals t ON t.business_id = b.id WHERE b.id = new.id;
    INSERT INTO business_totals (business_id, user_id, active)
    SELECT id, user_id, status = 'active' FROM businesses WHERE id = new.id
    ON CONFLICT (business_id) DO UPDATE SET user_id = excluded.user_id, active = excluded.active;
END;
)sql";

constexpr std::string_view triggers = R"sql(
CREATE TRIGGER users_address AFTER INSERT ON users WHEN new.email = '' BEGIN
    UPDATE users SET email = new.id || '@unknown.invalid' WHERE id = new.id;
END;
CREATE TRIGGER users_keep_their_id BEFORE UPDATE OF id ON users WHEN new.id <> old.id BEGIN
    SELECT RAISE(ABORT, 'users.id cannot be changed');
END;
CREATE TRIGGER users_touched AFTER UPDATE ON users
WHEN new.updated_at = old.updated_at AND new.updated_at <> @now@ BEGIN
    UPDATE users SET updated_at = @now@ WHERE id = new.id;
END;
CREATE TRIGGER users_deleted AFTER DELETE ON users BEGIN
    DELETE FROM businesses WHERE user_id = old.id;
END;

CREATE TRIGGER businesses_inserted AFTER INSERT ON businesses BEGIN
    INSERT INTO sync_business VALUES (new.id);
END;
CREATE TRIGGER businesses_keep_their_id BEFORE UPDATE OF id ON businesses WHEN new.id <> old.id BEGIN
    SELECT RAISE(ABORT, 'businesses.id cannot be changed');
END;
CREATE TRIGGER businesses_updated AFTER UPDATE ON businesses
WHEN new.user_id <> old.user_id OR new.name <> old.name OR new.logo_url IS NOT old.logo_url
    OR new.category <> old.category OR new.status <> old.status OR new.is_verified <> old.is_verified
    OR new.stealth_mode_enabled <> old.stealth_mode_enabled OR new.created_at <> old.created_at
    OR new.updated_at <> old.updated_at
BEGIN
    -- First, because the log keeps the row as this change leaves it.
    UPDATE businesses SET updated_at = @now@ WHERE id = new.id AND new.updated_at = old.updated_at;
    INSERT INTO sync_business VALUES (new.id);
END;
-- The totals go before the metrics: so the deletion is one change, and its cascade none.
CREATE TRIGGER businesses_deleted AFTER DELETE ON businesses BEGIN
    INSERT INTO append_change
    SELECT user_id, 'business_deleted', business_id, NULL, -active, -invites, -views, -messages
    FROM business_totals WHERE business_id = old.id;
    INSERT INTO add_to_day
    SELECT t.user_id, m.metric_date, -m.views_count, -m.clicks_count, -m.property_invites_count,
           -m.declined_count, -m.messages_count, -m.qfps_submitted_count
    FROM business_totals t JOIN business_metrics m ON m.business_id = t.business_id
    WHERE t.business_id = old.id;
    DELETE FROM business_totals WHERE business_id = old.id;
    DELETE FROM business_metrics WHERE business_id = old.id;
END;

-- Whether these rows are really replaced is known only after the insert; if not, the next insert forgets
-- them. With recursive triggers on, the delete trigger accounts for them and takes them from the list.
CREATE TRIGGER business_metrics_inserting BEFORE INSERT ON business_metrics BEGIN
    SELECT RAISE(ABORT, 'business_metrics.business_id names no business (ids are in lower case)')
    WHERE NOT EXISTS (SELECT 1 FROM businesses WHERE id = new.business_id);
    DELETE FROM replaced_metrics;
    INSERT INTO replaced_metrics
    SELECT id, business_id, metric_date, views_count, clicks_count, property_invites_count, declined_count,
           messages_count, qfps_submitted_count
    FROM business_metrics WHERE id = new.id;
    INSERT INTO replaced_metrics
    SELECT id, business_id, metric_date, views_count, clicks_count, property_invites_count, declined_count,
           messages_count, qfps_submitted_count
    FROM business_metrics
    WHERE business_id = new.business_id AND metric_date = new.metric_date
        AND coalesce(demand_listing_id, '') = coalesce(new.demand_listing_id, '') AND id <> new.id;
END;
CREATE TRIGGER business_metrics_inserted AFTER INSERT ON business_metrics BEGIN
    INSERT INTO count_metrics
    SELECT business_id, day, -views, -clicks, -invites, -declined, -messages, -qfps FROM replaced_metrics;
    DELETE FROM replaced_metrics;
    INSERT INTO count_metrics
    VALUES (new.business_id, new.metric_date, new.views_count, new.clicks_count, new.property_invites_count,
            new.declined_count, new.messages_count, new.qfps_submitted_count);
END;

CREATE TRIGGER business_metrics_moving
BEFORE UPDATE OF id, business_id, demand_listing_id, metric_date ON business_metrics BEGIN
    SELECT RAISE(ABORT, 'business_metrics.business_id names no business (ids are in lower case)')
    WHERE NOT EXISTS (SELECT 1 FROM businesses WHERE id = new.business_id);
    DELETE FROM replaced_metrics;
    INSERT INTO replaced_metrics
    SELECT id, business_id, metric_date, views_count, clicks_count, property_invites_count, declined_count,
           messages_count, qfps_submitted_count
    FROM business_metrics WHERE id = new.id AND id <> old.id;
    INSERT INTO replaced_metrics
    SELECT id, business_id, metric_date, views_count, clicks_count, property_invites_count, declined_count,
           messages_count, qfps_submitted_count
    FROM business_metrics
    WHERE business_id = new.business_id AND metric_date = new.metric_date
        AND coalesce(demand_listing_id, '') = coalesce(new.demand_listing_id, '')
        AND id <> new.id AND id <> old.id;
END;
CREATE TRIGGER business_metrics_moved
AFTER UPDATE OF id, business_id, demand_listing_id, metric_date ON business_metrics BEGIN
    INSERT INTO count_metrics
    SELECT business_id, day, -views, -clicks, -invites, -declined, -messages, -qfps FROM replaced_metrics;
    DELETE FROM replaced_metrics;
END;
CREATE TRIGGER business_metrics_counted AFTER UPDATE ON business_metrics
WHEN new.business_id = old.business_id AND (new.metric_date <> old.metric_date
    OR new.views_count <> old.views_count OR new.clicks_count <> old.clicks_count
    OR new.property_invites_count <> old.property_invites_count OR new.declined_count <> old.declined_count
    OR new.messages_count <> old.messages_count OR new.qfps_submitted_count <> old.qfps_submitted_count)
BEGIN
    -- A row that moves to another day takes what it had along; the difference is counted on the new day.
    INSERT INTO add_to_day
    SELECT user_id, old.metric_date, -old.views_count, -old.clicks_count, -old.property_invites_count,
           -old.declined_count, -old.messages_count, -old.qfps_submitted_count
    FROM business_totals WHERE business_id = old.business_id AND new.metric_date <> old.metric_date;
    INSERT INTO add_to_day
    SELECT user_id, new.metric_date, old.views_count, old.clicks_count, old.property_invites_count,
           old.declined_count, old.messages_count, old.qfps_submitted_count
    FROM business_totals WHERE business_id = old.business_id AND new.metric_date <> old.metric_date;
    INSERT INTO count_metrics
    VALUES (new.business_id, new.metric_date, new.views_count - old.views_count,
            new.clicks_count - old.clicks_count, new.property_invites_count - old.property_invites_count,
            new.declined_count - old.declined_count, new.messages_count - old.messages_count,
            new.qfps_submitted_count - old.qfps_submitted_count);
END;
CREATE TRIGGER business_metrics_changed_hands AFTER UPDATE OF business_id ON business_metrics
WHEN new.business_id <> old.business_id BEGIN
    INSERT INTO count_metrics
    VALUES (old.business_id, old.metric_date, -old.views_count, -old.clicks_count,
            -old.property_invites_count, -old.declined_count, -old.messages_count,
            -old.qfps_submitted_count);
    INSERT INTO count_metrics
    VALUES (new.business_id, new.metric_date, new.views_count, new.clicks_count, new.property_invites_count,
            new.declined_count, new.messages_count, new.qfps_submitted_count);
END;
CREATE TRIGGER business_metrics_touched AFTER UPDATE ON business_metrics
WHEN new.updated_at = old.updated_at AND new.updated_at <> @now@ BEGIN
    UPDATE business_metrics SET updated_at = @now@ WHERE id = new.id;
END;
CREATE TRIGGER business_metrics_deleted AFTER DELETE ON business_metrics BEGIN
    DELETE FROM replaced_metrics WHERE id = old.id;
    INSERT INTO count_metrics
    VALUES (old.business_id, old.metric_date, -old.views_count, -old.clicks_count,
            -old.property_invites_count, -old.declined_count, -old.messages_count,
            -old.qfps_submitted_count);
END;
)sql";

// Counting is what activity costs most, so this trigger spells out what count_metrics, add_to_day and
// append_change do: calling procedures cost a third more. Moving to another day is rare and calls them.
constexpr std::string_view counting_inline = R"sql(
DROP TRIGGER business_metrics_counted;
CREATE TRIGGER business_metrics_changed_day AFTER UPDATE OF metric_date ON business_metrics
WHEN new.business_id = old.business_id AND new.metric_date <> old.metric_date
BEGIN
    -- A row that moves to another day takes what it had along; the difference is counted on the new day.
    INSERT INTO add_to_day
    SELECT user_id, old.metric_date, -old.views_count, -old.clicks_count, -old.property_invites_count,
           -old.declined_count, -old.messages_count, -old.qfps_submitted_count
    FROM business_totals WHERE business_id = old.business_id;
    INSERT INTO add_to_day
    SELECT user_id, new.metric_date, old.views_count, old.clicks_count, old.property_invites_count,
           old.declined_count, old.messages_count, old.qfps_submitted_count
    FROM business_totals WHERE business_id = old.business_id;
END;
CREATE TRIGGER business_metrics_counted AFTER UPDATE ON business_metrics
WHEN new.business_id = old.business_id AND (new.metric_date <> old.metric_date
    OR new.views_count <> old.views_count OR new.clicks_count <> old.clicks_count
    OR new.property_invites_count <> old.property_invites_count OR new.declined_count <> old.declined_count
    OR new.messages_count <> old.messages_count OR new.qfps_submitted_count <> old.qfps_submitted_count)
BEGIN
    UPDATE business_totals SET
        views = views + new.views_count - old.views_count,
        clicks = clicks + new.clicks_count - old.clicks_count,
        invites = invites + new.property_invites_count - old.property_invites_count,
        declined = declined + new.declined_count - old.declined_count,
        messages = messages + new.messages_count - old.messages_count,
        qfps = qfps + new.qfps_submitted_count - old.qfps_submitted_count
    WHERE business_id = new.business_id;
    INSERT INTO tenant_days (user_id, day, views, clicks, invites, declined, messages, qfps)
    SELECT user_id, new.metric_date, new.views_count - old.views_count, new.clicks_count - old.clicks_count,
           new.property_invites_count - old.property_invites_count, new.declined_count - old.declined_count,
           new.messages_count - old.messages_count, new.qfps_submitted_count - old.qfps_submitted_count
    FROM business_totals WHERE business_id = new.business_id
    ON CONFLICT (user_id, day) DO UPDATE SET
        views = views + excluded.views, clicks = clicks + excluded.clicks,
        invites = invites + excluded.invites, declined = declined + excluded.declined,
        messages = messages + excluded.messages, qfps = qfps + excluded.qfps;
    INSERT INTO tenant_kpis (user_id, active_businesses, invites, views, messages, version)
    SELECT user_id, 0, new.property_invites_count - old.property_invites_count,
           new.views_count - old.views_count, new.messages_count - old.messages_count, 1
    FROM business_totals WHERE business_id = new.business_id
    ON CONFLICT (user_id) DO UPDATE SET
        invites = invites + excluded.invites, views = views + excluded.views,
        messages = messages + excluded.messages, version = version + 1;
    INSERT INTO tenant_changes (user_id, version, kind, business_id)
    SELECT k.user_id, k.version, 'metrics_updated', t.business_id
    FROM business_totals t JOIN tenant_kpis k ON k.user_id = t.user_id WHERE t.business_id = new.business_id;
END;
)sql";

// Times are milliseconds since 1970. Whoever ends a session, by revoking or by deleting it, a line in the log
// tells the nodes, which may still hold its access token valid.
constexpr std::string_view sessions = R"sql(
CREATE TABLE sessions (
    id TEXT NOT NULL PRIMARY KEY,
    user_id TEXT NOT NULL,
    refresh_hash BLOB NOT NULL,
    previous_hash BLOB,
    rotated_at INTEGER NOT NULL,
    access_expires_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE session_revocations (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id TEXT NOT NULL,
    revoked_at INTEGER NOT NULL DEFAULT (unixepoch() * 1000)
) STRICT;

CREATE TRIGGER sessions_revoked AFTER UPDATE OF revoked_at ON sessions
WHEN old.revoked_at IS NULL AND new.revoked_at IS NOT NULL BEGIN
    INSERT INTO session_revocations (session_id) VALUES (new.id);
END;
CREATE TRIGGER sessions_deleted AFTER DELETE ON sessions
WHEN old.revoked_at IS NULL AND old.access_expires_at > unixepoch() * 1000 BEGIN
    INSERT INTO session_revocations (session_id) VALUES (old.id);
END;
CREATE TRIGGER sessions_of_deleted_users AFTER DELETE ON users BEGIN
    DELETE FROM sessions WHERE user_id = old.id;
END;
)sql";

// RFC 9562 version 4, in lower case.
constexpr std::string_view random_uuid =
    "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-' "
    "|| substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))";

constexpr std::string_view now = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')";

std::string is_uuid(const std::string& column) {
    return column + " LIKE '________-____-____-____-____________' AND " + column +
           " NOT GLOB '*[^0-9a-f-]*' AND length(replace(" + column + ", '-', '')) = 32";
}

std::string is_time(const std::string& column) {
    const std::string two = "[0-9][0-9]";
    return column + " GLOB '" + two + two + "-" + two + "-" + two + "T" + two + ":" + two + ":" + two +
           ".[0-9]" + two + "Z' AND datetime(" + column + ") IS NOT NULL";
}

std::string expand(std::string_view sql) {
    std::string out;
    while (true) {
        const auto begin = sql.find('@');
        // An address in a string ('@unknown.invalid') is no placeholder: it is followed by no second @ here.
        if (begin == std::string_view::npos) break;
        const auto end = sql.find_first_of("@'\n", begin + 1);
        out += sql.substr(0, begin);
        if (end == std::string_view::npos || sql[end] != '@') {
            out += '@';
            sql.remove_prefix(begin + 1);
            continue;
        }
        const auto word = sql.substr(begin + 1, end - begin - 1);
        const auto open = word.find('(');
        if (word == "uuid") {
            out += random_uuid;
        } else if (word == "now") {
            out += now;
        } else {
            const std::string column(word.substr(open + 1, word.size() - open - 2));
            out += word.starts_with("is_uuid") ? is_uuid(column) : is_time(column);
        }
        sql.remove_prefix(end + 1);
    }
    return out.append(sql);
}

}  // namespace

const std::vector<Migration>& migrations() {
    static const std::vector<Migration> all{
        {1, "tables, rollups and the change log",
         expand(tables) + std::string(procedures) + expand(triggers)},
        {2, "counting without procedures", std::string(counting_inline)},
        {3, "sessions", std::string(sessions)},
    };
    return all;
}

int schema_version() { return migrations().back().version; }

}  // namespace pulse::store::sqlite
