// A database that the original Node application made: it gets our tables and triggers, keeps its data as it is,
// serves both programs, and is as before when we leave.
import { after, afterEach, before, test } from 'node:test';
import {
  api, assert, connected, create_business, disconnect_all, event, kpis_of, new_database, record, run_program, service_token, sql, tenant,
  token_for, uuid,
} from './harness.mjs';
import { counted_kpis, start_nodes, stop_nodes } from './nodes.mjs';

const original = `
CREATE TYPE user_role AS ENUM ('tenant', 'landlord', 'broker');
CREATE TYPE business_status AS ENUM ('active', 'pending_verification', 'stealth_mode');
CREATE TABLE users (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  email varchar(255) NOT NULL UNIQUE,
  password_hash varchar(255) NOT NULL,
  role user_role NOT NULL,
  first_name varchar(100),
  created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE TABLE businesses (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id uuid NOT NULL REFERENCES users(id) ON DELETE CASCADE,
  name varchar(255) NOT NULL,
  logo_url varchar(500),
  category varchar(100) NOT NULL,
  status business_status NOT NULL DEFAULT 'pending_verification',
  is_verified boolean NOT NULL DEFAULT false,
  stealth_mode_enabled boolean NOT NULL DEFAULT false,
  created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX idx_businesses_user_id ON businesses(user_id);
CREATE TABLE business_metrics (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  business_id uuid NOT NULL REFERENCES businesses(id) ON DELETE CASCADE,
  demand_listing_id uuid,
  metric_date date NOT NULL,
  views_count integer NOT NULL DEFAULT 0,
  clicks_count integer NOT NULL DEFAULT 0,
  property_invites_count integer NOT NULL DEFAULT 0,
  declined_count integer NOT NULL DEFAULT 0,
  messages_count integer NOT NULL DEFAULT 0,
  qfps_submitted_count integer NOT NULL DEFAULT 0,
  created_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  UNIQUE (business_id, demand_listing_id, metric_date)
);`;

// Twenty tenants with businesses and some history, as the application had written them.
const data = `
INSERT INTO users(email, password_hash, role, first_name)
SELECT 'tenant' || n || '@original.example', 'x', 'tenant', 'Nr. ' || n FROM generate_series(1, 20) n;
INSERT INTO users(email, password_hash, role) VALUES ('landlord@original.example', 'x', 'landlord');
INSERT INTO businesses(user_id, name, category, status, created_at)
SELECT u.id, 'Business ' || n, 'retail', (ARRAY['active', 'pending_verification', 'stealth_mode'])[1 + n % 3]::business_status,
       timestamp '2025-03-30 01:30:00' + n * interval '1 hour'
  FROM users u, generate_series(1, 7) n WHERE u.role = 'tenant';
INSERT INTO business_metrics(business_id, metric_date, views_count, clicks_count, property_invites_count, messages_count)
SELECT b.id, current_date - n, (n * 7) % 11, n % 3, 1 + n % 5, n % 4 FROM businesses b, generate_series(0, 40) n;`;

// Everything of theirs, as text: columns, types, keys and rows.
const theirs = (database) => sql(database, `
  SELECT table_name, column_name, data_type, udt_name, is_nullable, column_default FROM information_schema.columns
   WHERE table_schema = 'public' AND table_name IN ('users', 'businesses', 'business_metrics') ORDER BY 1, ordinal_position;
  SELECT conname, contype, pg_get_constraintdef(oid) FROM pg_constraint
   WHERE conrelid IN ('users'::regclass, 'businesses'::regclass, 'business_metrics'::regclass) ORDER BY 1;
  SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ('users', 'businesses', 'business_metrics') ORDER BY 1;
  SELECT * FROM users ORDER BY id; SELECT * FROM businesses ORDER BY id; SELECT * FROM business_metrics ORDER BY id;`);
// What there is besides: tables, functions, types, triggers, sequences.
const objects = (database) => sql(database, `
  SELECT 'relation', relname FROM pg_class WHERE relnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname ~ '^pg_' OR nspname = 'information_schema')
  UNION ALL SELECT 'function', proname FROM pg_proc WHERE pronamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname ~ '^pg_' OR nspname = 'information_schema')
  UNION ALL SELECT 'type', typname FROM pg_type WHERE typnamespace NOT IN (SELECT oid FROM pg_namespace WHERE nspname ~ '^pg_' OR nspname = 'information_schema')
  UNION ALL SELECT 'trigger', tgname FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL SELECT 'schema', nspname FROM pg_namespace WHERE nspname !~ '^pg_'
  ORDER BY 1, 2;`);

let settings;
let database;
let nodes;
let untouched;
let bare;
const people = [];
before(async () => {
  settings = await new_database();
  database = settings.DATABASE_URL;
  sql(database, original + data);
  // The application runs in its own zone, which says nothing about what its timestamps mean.
  sql(database, `ALTER DATABASE ${new URL(database).pathname.slice(1)} SET timezone = 'America/New_York';`);
  [untouched, bare] = [theirs(database), objects(database)];
  for (const line of sql(database, "SELECT id, email FROM users WHERE role = 'tenant' ORDER BY email;").split('\n')) {
    const [id, email] = line.split('|');
    people.push({ id, email, token: token_for(id, { email }) });
  }
});
afterEach(disconnect_all);
after(() => stop_nodes(nodes));

test('migrate adds tables and triggers, and leaves what is there as it is', () => {
  for (let i = 0; i < 2; ++i) {
    const done = run_program(['migrate'], { env: settings });
    assert.equal(done.code, 0, done.stderr);
  }
  assert.equal(theirs(database), untouched);
  assert.notEqual(objects(database), bare);
});

test('the KPIs of what was there are right at every node', async () => {
  nodes = await start_nodes(2, { settings: { ...settings }, env: { AUTO_MIGRATE: 'false' } });
  for (const who of people) {
    const right = counted_kpis(database, who);
    assert.ok(right.landlordViews > 1000);
    for (const node of nodes) assert.deepEqual(await kpis_of(node, who), right);
  }
});

test('timestamps without zone are UTC whatever the session says', async () => {
  const { businesses } = (await api(nodes[0], 'GET', '/api/businesses?limit=100', { token: people[0].token })).body.data;
  assert.equal(businesses.length, 7);
  assert.equal(businesses.at(-1).created_at, '2025-03-30T02:30:00.000Z');
  const made = await create_business(nodes[0], people[1], { name: 'Now' });
  assert.ok(Math.abs(Date.parse(made.created_at) - Date.now()) < 60_000, made.created_at);
  const stored = sql(database, `SELECT extract(epoch FROM created_at) FROM businesses WHERE id = '${made.id}';`);
  assert.ok(Math.abs(Number(stored) * 1000 - Date.parse(made.created_at)) < 2000, `${stored} is ${made.created_at}`);
});

test('both programs write, and every dashboard sees it', async () => {
  const who = people[2];
  const socket = await connected(nodes[1], { token: who.token });
  // As the original wrote: its own columns and types, a value of the enum, timestamps of its own clock.
  const id = uuid();
  sql(database, `INSERT INTO businesses(id, user_id, name, category, status, created_at, updated_at)
                 VALUES ('${id}', '${who.id}', 'By the original', 'food', 'active'::business_status, now(), now());`);
  const { business } = await event(socket, 'business:created');
  assert.equal(business.id, id);
  assert.equal(business.status, 'active');
  sql(database, `INSERT INTO business_metrics(business_id, metric_date, views_count) VALUES ('${id}', '2024-02-29', 50)
                 ON CONFLICT (business_id, demand_listing_id, metric_date) DO UPDATE SET views_count = EXCLUDED.views_count;`);
  await event(socket, 'metrics:updated', (p) => p.businessId === id && p.metrics.views_count === 50);
  await record(nodes[0], { id }, { view: 5, message: 1 });
  await event(socket, 'metrics:updated', (p) => p.businessId === id && p.metrics.views_count === 55);
  sql(database, `DELETE FROM users WHERE id = '${people[3].id}';`);   // their cascade, through businesses and metrics
  const right = counted_kpis(database, who);
  await event(socket, 'kpi:update', (p) => JSON.stringify(p.kpis) === JSON.stringify(right));
});

test('a new tenant gets a row, and a service token, whose role the enum does not know, needs none', async () => {
  const who = tenant();
  const business = await create_business(nodes[0], who);
  assert.equal(sql(database, `SELECT role, email FROM users WHERE id = '${who.id}';`), `tenant|${who.email}`);
  const answer = await api(nodes[1], 'POST', '/api/activity',
    { token: service_token(), body: { events: [{ id: uuid(), businessId: business.id, type: 'view' }] } });
  assert.equal(answer.body.data.accepted, 1, JSON.stringify(answer.body));
  assert.equal(sql(database, "SELECT count(*) FROM users WHERE role::text NOT IN ('tenant', 'landlord', 'broker');"), '0');
});

test('migrate --down takes everything of ours away, and nothing of theirs', async () => {
  await stop_nodes(nodes);
  nodes = undefined;
  const with_us = theirs(database);
  const done = run_program(['migrate', '--down'], { env: settings });
  assert.equal(done.code, 0, done.stderr);
  assert.equal(theirs(database), with_us);
  assert.equal(objects(database), bare);
  sql(database, `UPDATE businesses SET name = 'Without us'; DELETE FROM businesses WHERE name = 'Nobody';`);
});
