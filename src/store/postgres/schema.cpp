#include "store/postgres/schema.hpp"

#include <string_view>

namespace pulse::store::postgres {
namespace {

// @host@ is the schema of the host's tables; the other words between @ stand in words() below.
constexpr std::string_view tables = R"sql(
CREATE TABLE pulseboard.tenant_kpis (
    user_id uuid PRIMARY KEY,
    active_businesses bigint NOT NULL,
    invites bigint NOT NULL,
    views bigint NOT NULL,
    messages bigint NOT NULL,
    version bigint NOT NULL
) WITH (fillfactor = 60);

-- Sums of all time per business, and who owned it when they were last counted. A transaction that was
-- holding a business's metrics while another gave it to a new owner finds here whom to count for.
CREATE TABLE pulseboard.business_totals (
    business_id uuid PRIMARY KEY,
    user_id uuid NOT NULL,
    active bigint NOT NULL,
    @six_columns@
) WITH (fillfactor = 60);

CREATE TABLE pulseboard.tenant_days (
    user_id uuid NOT NULL,
    day date NOT NULL,
    @six_columns@,
    PRIMARY KEY (user_id, day)
) WITH (fillfactor = 80);

CREATE TABLE pulseboard.tenant_changes (
    user_id uuid NOT NULL,
    version bigint NOT NULL,
    kind text NOT NULL,
    business_id uuid NOT NULL,
    business json,
    -- When it was counted, at the end of its transaction, not when that began.
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (user_id, version)
);
CREATE INDEX tenant_changes_by_time ON pulseboard.tenant_changes USING brin (changed_at)
    WITH (pages_per_range = 16, autosummarize = on);

-- Ids of activity events that were counted.
CREATE TABLE pulseboard.activity_events (
    id uuid PRIMARY KEY,
    received_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX activity_events_by_age ON pulseboard.activity_events USING brin (received_at)
    WITH (pages_per_range = 16, autosummarize = on);

-- What the statements of a transaction changed, until its end. Nothing of it outlives the transaction, so
-- none of it needs to be in the write-ahead log.
CREATE UNLOGGED TABLE pulseboard.metric_notes (
    transaction xid8 NOT NULL,
    business_id uuid NOT NULL,
    day date,
    @six_columns@
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
CREATE INDEX metric_notes_by_transaction ON pulseboard.metric_notes (transaction);
CREATE UNLOGGED TABLE pulseboard.business_notes (
    transaction xid8 NOT NULL,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    kind text NOT NULL,
    user_id uuid,
    business_id uuid,
    business json
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
CREATE INDEX business_notes_by_transaction ON pulseboard.business_notes (transaction);
-- One row for a transaction that has notes. Inserting it is what queues the call of drain().
CREATE UNLOGGED TABLE pulseboard.tickets (
    transaction xid8 PRIMARY KEY
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);
)sql";

// These run in the middle of the host's transactions, once per statement, and lock nothing that another
// transaction could wait for. SECURITY DEFINER with a fixed search_path: whoever may write the host's tables
// needs no rights on ours, and nobody's own functions or operators are called.
constexpr std::string_view notes = R"sql(
CREATE FUNCTION pulseboard.metrics_inserted() @trigger_function@
BEGIN
    INSERT INTO pulseboard.metric_notes
    SELECT pg_current_xact_id(), business_id, metric_date, @six_sums@ FROM new_rows
    WHERE business_id IS NOT NULL GROUP BY business_id, metric_date;
    @ticket@
END $$;
CREATE FUNCTION pulseboard.metrics_deleted() @trigger_function@
BEGIN
    INSERT INTO pulseboard.metric_notes
    SELECT pg_current_xact_id(), business_id, metric_date, @six_negative_sums@ FROM old_rows
    WHERE business_id IS NOT NULL GROUP BY business_id, metric_date;
    @ticket@
END $$;
CREATE FUNCTION pulseboard.metrics_updated() @trigger_function@
BEGIN
    INSERT INTO pulseboard.metric_notes
    SELECT pg_current_xact_id(), * FROM (
        SELECT business_id, day, sum(views)::bigint AS views, sum(clicks)::bigint AS clicks,
               sum(invites)::bigint AS invites, sum(declined)::bigint AS declined,
               sum(messages)::bigint AS messages, sum(qfps)::bigint AS qfps
        FROM (SELECT business_id, metric_date AS day, @six_sums@ FROM new_rows GROUP BY 1, 2
              UNION ALL
              SELECT business_id, metric_date, @six_negative_sums@ FROM old_rows GROUP BY 1, 2) AS both_sides
        WHERE business_id IS NOT NULL GROUP BY business_id, day) AS difference
    WHERE views <> 0 OR clicks <> 0 OR invites <> 0 OR declined <> 0 OR messages <> 0 OR qfps <> 0;
    @ticket@
END $$;
-- Whoever truncates a table has it alone until the end of the transaction, so everything can be counted
-- again then.
CREATE FUNCTION pulseboard.metrics_truncated() @trigger_function@
BEGIN
    DELETE FROM pulseboard.metric_notes WHERE transaction = pg_current_xact_id();
    INSERT INTO pulseboard.business_notes (transaction, kind)
    VALUES (pg_current_xact_id(), 'metrics_truncated');
    @ticket@
END $$;

CREATE FUNCTION pulseboard.businesses_inserted() @trigger_function@
BEGIN
    INSERT INTO pulseboard.business_notes (transaction, kind, user_id, business_id, business)
    SELECT pg_current_xact_id(), 'business_created', n.user_id, n.id, @business@
    FROM new_rows n WHERE n.user_id IS NOT NULL;
    @ticket@
END $$;
CREATE FUNCTION pulseboard.businesses_deleted() @trigger_function@
BEGIN
    INSERT INTO pulseboard.business_notes (transaction, kind, user_id, business_id)
    SELECT pg_current_xact_id(), 'business_deleted', user_id, id FROM old_rows WHERE user_id IS NOT NULL;
    @ticket@
END $$;
-- A change of owner is a deletion for the old one and a creation for the new one; so is a change of the id.
CREATE FUNCTION pulseboard.businesses_updated() @trigger_function@
BEGIN
    INSERT INTO pulseboard.business_notes (transaction, kind, user_id, business_id)
    SELECT pg_current_xact_id(), 'business_deleted', o.user_id, o.id
    FROM old_rows o LEFT JOIN new_rows n ON n.id = o.id
    WHERE o.user_id IS NOT NULL AND o.user_id IS DISTINCT FROM n.user_id;
    INSERT INTO pulseboard.business_notes (transaction, kind, user_id, business_id, business)
    SELECT pg_current_xact_id(),
           CASE WHEN o.user_id = n.user_id THEN 'business_updated' ELSE 'business_created' END,
           n.user_id, n.id, @business@
    FROM new_rows n LEFT JOIN old_rows o ON o.id = n.id
    WHERE n.user_id IS NOT NULL
        AND (o.id, o.user_id, o.name, o.logo_url, o.category, o.status, o.is_verified,
             o.stealth_mode_enabled, o.created_at, o.updated_at)
            IS DISTINCT FROM
            (n.id, n.user_id, n.name, n.logo_url, n.category, n.status, n.is_verified,
             n.stealth_mode_enabled, n.created_at, n.updated_at);
    IF NOT FOUND THEN
        PERFORM FROM pulseboard.business_notes WHERE transaction = pg_current_xact_id() LIMIT 1;
    END IF;
    @ticket@
END $$;
CREATE FUNCTION pulseboard.businesses_truncated() @trigger_function@
BEGIN
    INSERT INTO pulseboard.business_notes (transaction, kind, user_id, business_id)
    SELECT pg_current_xact_id(), 'business_deleted', coalesce(last.user_id, t.user_id), business_id
    FROM pulseboard.business_totals t FULL JOIN (
        SELECT DISTINCT ON (business_id) business_id, kind, user_id FROM pulseboard.business_notes
        WHERE transaction = pg_current_xact_id() AND business_id IS NOT NULL
        ORDER BY business_id, seq DESC) AS last USING (business_id)
    WHERE last.kind IS DISTINCT FROM 'business_deleted';
    @ticket@
END $$;
)sql";

// At the end of the transaction, once. All transactions take their locks in one order: the rows of the
// businesses by id, then the rows of the tenants by id, then what belongs to the tenants. Each statement
// after a lock sees what those had committed who held it before.
constexpr std::string_view drain = R"sql(
-- Nothing but metrics changed: the common case, in two statements.
CREATE FUNCTION pulseboard.drain_metrics(me xid8) RETURNS TABLE (user_id uuid, version bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
BEGIN
    PERFORM FROM pulseboard.business_totals
    WHERE business_id IN (SELECT business_id FROM pulseboard.metric_notes WHERE transaction = me)
    ORDER BY business_id FOR UPDATE;

    RETURN QUERY WITH counted AS (
        DELETE FROM pulseboard.metric_notes WHERE transaction = me RETURNING *
    ), difference AS (
        SELECT business_id, @six_totals@ FROM counted GROUP BY business_id
    ), business AS (
        UPDATE pulseboard.business_totals t SET
            views = t.views + d.views, clicks = t.clicks + d.clicks, invites = t.invites + d.invites,
            declined = t.declined + d.declined, messages = t.messages + d.messages, qfps = t.qfps + d.qfps
        FROM difference d WHERE t.business_id = d.business_id
        RETURNING t.business_id, t.user_id, d.views, d.invites, d.messages
    ), tenant AS (
        INSERT INTO pulseboard.tenant_kpis AS k
        SELECT user_id, 0, sum(invites), sum(views), sum(messages), count(*) FROM business
        GROUP BY user_id ORDER BY user_id
        ON CONFLICT (user_id) DO UPDATE SET
            invites = k.invites + excluded.invites, views = k.views + excluded.views,
            messages = k.messages + excluded.messages, version = k.version + excluded.version
        RETURNING user_id, version
    ), days AS (
        INSERT INTO pulseboard.tenant_days AS t
        SELECT user_id, c.day, @six_totals_of_c@
        FROM counted c JOIN business USING (business_id) JOIN tenant USING (user_id)
        WHERE c.day IS NOT NULL GROUP BY user_id, c.day
        ON CONFLICT (user_id, day) DO UPDATE SET @six_added@
    ), log AS (
        INSERT INTO pulseboard.tenant_changes (user_id, version, kind, business_id)
        SELECT user_id, t.version - row_number() OVER (PARTITION BY user_id ORDER BY business_id DESC) + 1,
               'metrics_updated', business_id
        FROM business JOIN tenant t USING (user_id)
    )
    SELECT user_id, version FROM tenant;
END $$;

CREATE FUNCTION pulseboard.drain_businesses(me xid8) RETURNS TABLE (user_id uuid, version bigint)
LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    touched uuid[];
    truncated CONSTANT boolean := EXISTS (SELECT FROM pulseboard.business_notes
                                          WHERE transaction = me AND kind = 'metrics_truncated');
BEGIN
    -- Before anything is locked: somebody may hold the host's tables (TRUNCATE, ALTER TABLE) and is to commit,
    -- through here, while we wait.
    LOCK TABLE @host@.businesses, @host@.business_metrics IN ACCESS SHARE MODE;
    PERFORM FROM pulseboard.business_totals
    WHERE truncated OR business_id IN (
        SELECT business_id FROM pulseboard.metric_notes WHERE transaction = me
        UNION SELECT business_id FROM pulseboard.business_notes WHERE transaction = me)
    ORDER BY business_id FOR UPDATE;
    touched := ARRAY (
        SELECT business_id FROM pulseboard.metric_notes WHERE transaction = me
        UNION SELECT business_id FROM pulseboard.business_notes
            WHERE transaction = me AND business_id IS NOT NULL
        UNION SELECT business_id FROM pulseboard.business_totals WHERE truncated);
    IF truncated THEN
        DELETE FROM pulseboard.tenant_days;
    END IF;

    RETURN QUERY WITH noted AS (
        DELETE FROM pulseboard.business_notes WHERE transaction = me RETURNING *
    ), counted AS (
        DELETE FROM pulseboard.metric_notes WHERE transaction = me RETURNING *
    ), difference AS (
        SELECT business_id, @six_totals@ FROM counted GROUP BY business_id
    -- Whose it was when it was last counted, and whose it is now. A business that no statement of ours
    -- changed is still that of the former.
    ), owned AS MATERIALIZED (
        SELECT business_id, t.user_id AS old_user, t.active AS old_active,
               CASE WHEN n.business_id IS NULL THEN t.user_id ELSE b.user_id END AS new_user,
               CASE WHEN n.business_id IS NULL THEN t.active
                    ELSE (b.status::text IS NOT DISTINCT FROM 'active')::integer END AS new_active
        FROM unnest(touched) AS one (business_id)
        LEFT JOIN pulseboard.business_totals t USING (business_id)
        LEFT JOIN (SELECT DISTINCT business_id FROM noted) AS n USING (business_id)
        LEFT JOIN @host@.businesses b ON b.id = n.business_id
    -- What a business takes along to another owner, or no longer has after a TRUNCATE: counted again.
    ), moved_days AS MATERIALIZED (
        SELECT o.business_id, m.metric_date AS day, @six_sums_of_m@
        FROM owned o JOIN @host@.business_metrics m ON m.business_id = o.business_id
        WHERE o.old_user IS DISTINCT FROM o.new_user OR truncated GROUP BY 1, 2
    ), moved AS (
        SELECT business_id, @six_totals@ FROM moved_days GROUP BY business_id
    ), business AS MATERIALIZED (
        SELECT o.*, @six_old@, @six_new@
        FROM owned o LEFT JOIN pulseboard.business_totals t USING (business_id)
        LEFT JOIN difference d USING (business_id) LEFT JOIN moved m USING (business_id)
    ), event AS MATERIALIZED (
        SELECT user_id, 1 AS turn, seq, kind, business_id, business FROM noted
        WHERE kind <> 'metrics_truncated'
        UNION ALL
        SELECT b.new_user, 2, 0, 'metrics_updated', business_id, NULL
        FROM business b LEFT JOIN difference d USING (business_id)
        WHERE b.new_user IS NOT NULL
            AND (d.business_id IS NOT NULL OR truncated AND b.old_user = b.new_user AND @any_old@)
    ), tenant AS (
        INSERT INTO pulseboard.tenant_kpis AS k
        SELECT user_id, sum(active), sum(invites), sum(views), sum(messages), sum(events)
        FROM (SELECT user_id, 0 AS active, 0 AS invites, 0 AS views, 0 AS messages, 1 AS events FROM event
              UNION ALL
              SELECT old_user, -old_active, -old_invites, -old_views, -old_messages, 0 FROM business
              WHERE old_user IS NOT NULL
              UNION ALL
              SELECT new_user, new_active, new_invites, new_views, new_messages, 0 FROM business
              WHERE new_user IS NOT NULL) AS part
        GROUP BY user_id
        HAVING sum(events) > 0 OR sum(active) <> 0 OR sum(invites) <> 0 OR sum(views) <> 0
            OR sum(messages) <> 0
        ORDER BY user_id
        ON CONFLICT (user_id) DO UPDATE SET
            active_businesses = k.active_businesses + excluded.active_businesses,
            invites = k.invites + excluded.invites, views = k.views + excluded.views,
            messages = k.messages + excluded.messages, version = k.version + excluded.version
        RETURNING user_id, version
    ), gone AS (
        DELETE FROM pulseboard.business_totals t USING business b
        WHERE t.business_id = b.business_id AND b.new_user IS NULL
    ), total AS (
        INSERT INTO pulseboard.business_totals AS t
        SELECT business_id, new_user, new_active, new_views, new_clicks, new_invites, new_declined,
               new_messages, new_qfps
        FROM business WHERE new_user IS NOT NULL ORDER BY business_id
        ON CONFLICT (business_id) DO UPDATE SET
            user_id = excluded.user_id, active = excluded.active, views = excluded.views,
            clicks = excluded.clicks, invites = excluded.invites, declined = excluded.declined,
            messages = excluded.messages, qfps = excluded.qfps
    ), days AS (
        INSERT INTO pulseboard.tenant_days AS t
        SELECT user_id, c.day, @six_totals_of_c@
        FROM (SELECT b.old_user AS user_id, day, @six_names_of_c@
              FROM counted c JOIN business b USING (business_id) WHERE NOT truncated
              UNION ALL
              SELECT b.old_user, day, @six_negative_names_of_c@
              FROM moved_days c JOIN business b USING (business_id) WHERE NOT truncated
              UNION ALL
              SELECT b.new_user, day, @six_names_of_c@
              FROM moved_days c JOIN business b USING (business_id)) AS c
        LEFT JOIN tenant USING (user_id)
        WHERE user_id IS NOT NULL AND c.day IS NOT NULL GROUP BY user_id, c.day
        ON CONFLICT (user_id, day) DO UPDATE SET @six_added@
    ), log AS (
        INSERT INTO pulseboard.tenant_changes (user_id, version, kind, business_id, business)
        SELECT user_id,
               t.version + 1 - row_number() OVER (PARTITION BY user_id
                                                  ORDER BY turn DESC, seq DESC, business_id DESC),
               kind, business_id, business
        FROM event JOIN tenant t USING (user_id)
    )
    SELECT user_id, version FROM tenant;
END $$;

CREATE FUNCTION pulseboard.drain() @trigger_function@
DECLARE
    me CONSTANT xid8 := pg_current_xact_id();
    -- PREPARE TRANSACTION refuses a transaction that has notified somebody: sessions with two-phase commit
    -- turn it off, and are found by the sweep.
    notify CONSTANT boolean := coalesce(current_setting('pulseboard.notify', true), '') <> 'off';
    tenant record;
BEGIN
    DELETE FROM pulseboard.tickets WHERE transaction = me;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    IF EXISTS (SELECT FROM pulseboard.business_notes WHERE transaction = me) THEN
        FOR tenant IN SELECT * FROM pulseboard.drain_businesses(me) LOOP
            PERFORM pg_notify('pulseboard_changes', tenant.user_id || ':' || tenant.version) WHERE notify;
        END LOOP;
    ELSE
        FOR tenant IN SELECT * FROM pulseboard.drain_metrics(me) LOOP
            PERFORM pg_notify('pulseboard_changes', tenant.user_id || ':' || tenant.version) WHERE notify;
        END LOOP;
    END IF;
    RETURN NULL;
END $$;
)sql";

constexpr std::string_view triggers = R"sql(
CREATE CONSTRAINT TRIGGER drain AFTER INSERT ON pulseboard.tickets DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION pulseboard.drain();

CREATE TRIGGER pulseboard_inserted AFTER INSERT ON @host@.businesses REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION pulseboard.businesses_inserted();
CREATE TRIGGER pulseboard_updated AFTER UPDATE ON @host@.businesses
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION pulseboard.businesses_updated();
CREATE TRIGGER pulseboard_deleted AFTER DELETE ON @host@.businesses REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION pulseboard.businesses_deleted();
CREATE TRIGGER pulseboard_truncated AFTER TRUNCATE ON @host@.businesses
    FOR EACH STATEMENT EXECUTE FUNCTION pulseboard.businesses_truncated();
CREATE TRIGGER pulseboard_inserted AFTER INSERT ON @host@.business_metrics REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION pulseboard.metrics_inserted();
CREATE TRIGGER pulseboard_updated AFTER UPDATE ON @host@.business_metrics
    REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION pulseboard.metrics_updated();
CREATE TRIGGER pulseboard_deleted AFTER DELETE ON @host@.business_metrics REFERENCING OLD TABLE AS old_rows
    FOR EACH STATEMENT EXECUTE FUNCTION pulseboard.metrics_deleted();
CREATE TRIGGER pulseboard_truncated AFTER TRUNCATE ON @host@.business_metrics
    FOR EACH STATEMENT EXECUTE FUNCTION pulseboard.metrics_truncated();
)sql";

// Whoever ends a session, by revoking or by deleting it, is heard by the nodes, which may still hold its
// access token valid.
constexpr std::string_view sessions = R"sql(
CREATE TABLE pulseboard.sessions (
    id uuid PRIMARY KEY,
    user_id uuid NOT NULL,
    refresh_hash bytea NOT NULL,
    previous_hash bytea,
    rotated_at timestamptz NOT NULL,
    access_expires_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    revoked_at timestamptz
) WITH (fillfactor = 80);
CREATE INDEX sessions_by_user ON pulseboard.sessions (user_id);
CREATE INDEX sessions_by_expiry ON pulseboard.sessions (expires_at);

CREATE TABLE pulseboard.session_revocations (
    session_id uuid NOT NULL,
    revoked_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX session_revocations_by_time ON pulseboard.session_revocations (revoked_at);

CREATE FUNCTION pulseboard.session_ended() @trigger_function@
BEGIN
    INSERT INTO pulseboard.session_revocations VALUES (OLD.id);
    PERFORM pg_notify('pulseboard_changes', 'session:' || OLD.id)
    WHERE coalesce(current_setting('pulseboard.notify', true), '') <> 'off';
    RETURN NULL;
END $$;
CREATE TRIGGER sessions_revoked AFTER UPDATE OF revoked_at ON pulseboard.sessions FOR EACH ROW
    WHEN (OLD.revoked_at IS NULL AND NEW.revoked_at IS NOT NULL)
    EXECUTE FUNCTION pulseboard.session_ended();
CREATE TRIGGER sessions_deleted AFTER DELETE ON pulseboard.sessions FOR EACH ROW
    WHEN (OLD.revoked_at IS NULL AND OLD.access_expires_at > now())
    EXECUTE FUNCTION pulseboard.session_ended();
)sql";

constexpr std::string_view build = R"sql(
INSERT INTO pulseboard.business_totals
SELECT b.id, b.user_id, (b.status::text IS NOT DISTINCT FROM 'active')::integer, @six_sums_of_m@
FROM @host@.businesses b LEFT JOIN @host@.business_metrics m ON m.business_id = b.id
WHERE b.user_id IS NOT NULL GROUP BY b.id;
INSERT INTO pulseboard.tenant_kpis
SELECT user_id, sum(active), sum(invites), sum(views), sum(messages), 0
FROM pulseboard.business_totals GROUP BY user_id;
INSERT INTO pulseboard.tenant_days
SELECT b.user_id, m.metric_date, @six_sums_of_m@
FROM @host@.business_metrics m JOIN @host@.businesses b ON b.id = m.business_id
WHERE b.user_id IS NOT NULL AND m.metric_date IS NOT NULL GROUP BY 1, 2;
)sql";

// As the original application made them, with the defaults that contract section 6 adds.
constexpr std::string_view host_tables = R"sql(
CREATE TYPE @host@.user_role AS ENUM ('tenant', 'landlord', 'broker', 'service');
CREATE TYPE @host@.business_status AS ENUM ('active', 'pending_verification', 'stealth_mode');
CREATE TABLE @host@.users (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    email varchar(320) NOT NULL DEFAULT gen_random_uuid() || '@unknown.invalid',
    password_hash text NOT NULL DEFAULT '',
    role @host@.user_role NOT NULL DEFAULT 'tenant',
    created_at timestamp NOT NULL DEFAULT timezone('utc', now()),
    updated_at timestamp NOT NULL DEFAULT timezone('utc', now())
);
CREATE UNIQUE INDEX users_email ON @host@.users (lower(email));
CREATE TABLE @host@.businesses (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL REFERENCES @host@.users (id) ON DELETE CASCADE,
    name varchar(255) NOT NULL,
    logo_url varchar(500),
    category varchar(100) NOT NULL,
    status @host@.business_status NOT NULL DEFAULT 'pending_verification',
    is_verified boolean NOT NULL DEFAULT false,
    stealth_mode_enabled boolean NOT NULL DEFAULT false,
    created_at timestamp NOT NULL DEFAULT timezone('utc', now()),
    updated_at timestamp NOT NULL DEFAULT timezone('utc', now())
);
CREATE INDEX businesses_by_owner ON @host@.businesses (user_id, created_at DESC, id);
CREATE TABLE @host@.business_metrics (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    business_id uuid NOT NULL REFERENCES @host@.businesses (id) ON DELETE CASCADE,
    demand_listing_id uuid,
    metric_date date NOT NULL,
    @six_host_columns@,
    created_at timestamp NOT NULL DEFAULT timezone('utc', now()),
    updated_at timestamp NOT NULL DEFAULT timezone('utc', now()),
    UNIQUE NULLS NOT DISTINCT (business_id, metric_date, demand_listing_id)
);
)sql";

struct Six {
    std::string_view column;  // of business_metrics
    std::string_view name;    // of ours
};
constexpr Six six[] = {
    {"views_count", "views"},       {"clicks_count", "clicks"},     {"property_invites_count", "invites"},
    {"declined_count", "declined"}, {"messages_count", "messages"}, {"qfps_submitted_count", "qfps"}};

// `pattern` once for each of the six counters, with # for its column and $ for its name.
std::string each(std::string_view pattern, std::string_view between = ", ") {
    std::string out;
    for (const auto& one : six) {
        if (!out.empty()) out += between;
        for (const char c : pattern) {
            if (c == '#')
                out += one.column;
            else if (c == '$')
                out += one.name;
            else
                out += c;
        }
    }
    return out;
}

// As sql::parse_business reads it. Whatever the session's zone, times without one are UTC.
std::string business_json(const HostTables& host) {
    const auto time = [](const std::string& column, bool has_zone) {
        return "to_char(" + (has_zone ? "timezone('UTC', " + column + ")" : column) +
               ", 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')";
    };
    return "json_build_object('id', n.id, 'user_id', n.user_id, 'name', n.name, 'logo_url', n.logo_url,"
           " 'category', n.category, 'status', n.status, 'is_verified', coalesce(n.is_verified, false),"
           " 'stealth_mode_enabled', coalesce(n.stealth_mode_enabled, false), 'created_at', " +
           time("n.created_at", host.created_has_zone) + ", 'updated_at', " +
           time("n.updated_at", host.updated_has_zone) + ")";
}

// The ticket is the last thing a trigger writes. Its constraint is deferred again first: the host may have
// said SET CONSTRAINTS ALL IMMEDIATE, and half of what a statement changed cannot be counted.
constexpr std::string_view ticket = R"sql(IF FOUND AND NOT EXISTS (SELECT FROM pulseboard.tickets
                             WHERE transaction = pg_current_xact_id()) THEN
        SET CONSTRAINTS pulseboard.drain DEFERRED;
        INSERT INTO pulseboard.tickets VALUES (pg_current_xact_id());
    END IF;
    RETURN NULL;)sql";

std::string word(std::string_view name, const HostTables& host) {
    if (name == "host") return host.schema;
    if (name == "business") return business_json(host);
    if (name == "ticket") return std::string(ticket);
    if (name == "trigger_function")
        return "RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS "
               "$$";
    if (name == "six_columns") return each("$ bigint NOT NULL");
    if (name == "six_host_columns")
        return each("# bigint NOT NULL DEFAULT 0 CHECK (# BETWEEN 0 AND 1000000000000)");
    if (name == "six_sums") return each("coalesce(sum(#), 0)::bigint AS $");
    if (name == "six_negative_sums") return each("-coalesce(sum(#), 0)::bigint AS $");
    if (name == "six_sums_of_m") return each("coalesce(sum(m.#), 0)::bigint AS $");
    if (name == "six_totals") return each("sum($)::bigint AS $");
    if (name == "six_totals_of_c") return each("sum(c.$)");
    if (name == "six_names_of_c") return each("c.$");
    if (name == "six_negative_names_of_c") return each("-c.$");
    if (name == "six_added") return each("$ = t.$ + excluded.$");
    if (name == "six_old") return each("coalesce(t.$, 0) AS old_$");
    if (name == "six_new")
        return each(
            "CASE WHEN o.old_user IS DISTINCT FROM o.new_user OR truncated THEN coalesce(m.$, 0)"
            " ELSE coalesce(t.$, 0) + coalesce(d.$, 0) END AS new_$");
    if (name == "any_old") return "(" + each("b.old_$ <> 0", " OR ") + ")";
    return {};
}

std::string expand(std::string_view sql, const HostTables& host) {
    std::string out;
    while (true) {
        const auto begin = sql.find('@');
        if (begin == std::string_view::npos) return out.append(sql);
        const auto end = sql.find('@', begin + 1);
        const auto known = end == std::string_view::npos ? std::string()
                                                         : word(sql.substr(begin + 1, end - begin - 1), host);
        out += sql.substr(0, begin);
        if (known.empty()) {  // an address
            out += '@';
            sql.remove_prefix(begin + 1);
            continue;
        }
        out += known;
        sql.remove_prefix(end + 1);
    }
}

constexpr std::string_view removal = R"sql(
DROP TRIGGER IF EXISTS pulseboard_inserted ON @host@.businesses;
DROP TRIGGER IF EXISTS pulseboard_updated ON @host@.businesses;
DROP TRIGGER IF EXISTS pulseboard_deleted ON @host@.businesses;
DROP TRIGGER IF EXISTS pulseboard_truncated ON @host@.businesses;
DROP TRIGGER IF EXISTS pulseboard_inserted ON @host@.business_metrics;
DROP TRIGGER IF EXISTS pulseboard_updated ON @host@.business_metrics;
DROP TRIGGER IF EXISTS pulseboard_deleted ON @host@.business_metrics;
DROP TRIGGER IF EXISTS pulseboard_truncated ON @host@.business_metrics;
DROP TABLE pulseboard.tickets, pulseboard.business_notes, pulseboard.metric_notes, pulseboard.tenant_kpis,
    pulseboard.business_totals, pulseboard.tenant_days, pulseboard.tenant_changes,
    pulseboard.activity_events, pulseboard.schema_migrations;
DROP TABLE IF EXISTS pulseboard.sessions, pulseboard.session_revocations;
DROP FUNCTION IF EXISTS pulseboard.session_ended;
DROP FUNCTION pulseboard.drain, pulseboard.drain_metrics, pulseboard.drain_businesses,
    pulseboard.businesses_inserted, pulseboard.businesses_updated, pulseboard.businesses_deleted,
    pulseboard.businesses_truncated, pulseboard.metrics_inserted, pulseboard.metrics_updated,
    pulseboard.metrics_deleted, pulseboard.metrics_truncated;
DROP SCHEMA pulseboard;
)sql";

constexpr std::string_view locks =
    "LOCK TABLE @host@.businesses, @host@.business_metrics IN SHARE ROW EXCLUSIVE MODE";
constexpr std::string_view removal_locks =
    "LOCK TABLE @host@.businesses, @host@.business_metrics IN ACCESS EXCLUSIVE MODE";

}  // namespace

std::vector<Migration> migrations(const HostTables& host) {
    return {{1, "rollups, the change log and the triggers",
             expand(tables, host) + expand(notes, host) + expand(drain, host) + expand(triggers, host) +
                 expand(build, host)},
            {2, "sessions", expand(sessions, host)}};
}

int schema_version() { return migrations({"public"}).back().version; }

std::string host_tables_sql(const std::string& schema) { return expand(host_tables, {schema}); }
std::string lock_sql(const HostTables& host) { return expand(locks, host); }
std::string removal_lock_sql(const HostTables& host) { return expand(removal_locks, host); }
std::string removal_sql(const HostTables& host) { return expand(removal, host); }

}  // namespace pulse::store::postgres
