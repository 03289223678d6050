// Three nodes on one PostgreSQL and one Redis: what is written at one is seen at all.
import { after, afterEach, before, test } from 'node:test';
import {
  api, assert, create_business, disconnect_all, event, kpis_of, record, service_token, settle, slow, sql, tenant, uuid, wait_for,
} from './harness.mjs';
import { assert_versions_grow, counted_kpis, dashboards, insert_user, start_nodes, stop_nodes, view_of } from './nodes.mjs';

let nodes;
let database;
before(async () => {
  nodes = await start_nodes(3);   // at once on an empty database: each wants to create the schema
  ({ database } = nodes[0]);
});
afterEach(disconnect_all);
after(() => stop_nodes(nodes));

test('a write at one node reaches the clients of the others within a second', async () => {
  const who = tenant();
  const business = await create_business(nodes[0], who);
  const sockets = await dashboards(nodes, who);
  const writes = [
    ['business:created', (node) => create_business(node, who, { name: 'Second' })],
    ['business:updated', (node) => api(node, 'PATCH', `/api/businesses/${business.id}`, { token: who.token, body: { name: 'Renamed' } })],
    ['metrics:updated', (node) => record(node, business, { view: 2 })],
    ['business:deleted', (node) => api(node, 'DELETE', `/api/businesses/${business.id}`, { token: who.token })],
  ];
  for (const [i, [name, write]] of writes.entries()) {
    const from = sockets.map((socket) => socket.received.length);
    await write(nodes[i % 3]);
    const written = Date.now();
    for (const [n, socket] of sockets.entries()) {
      await event(socket, name, undefined, { from: from[n] });
      const took = socket.received.slice(from[n]).find((r) => r.event === name).at - written;
      assert.ok(took < 1000 * slow, `${name} at node ${n} took ${took} ms`);
    }
  }
  await Promise.all(sockets.map((socket) => event(socket, 'kpi:update', (p) => p.kpis.activeBusinesses === 1 && p.kpis.landlordViews === 0)));
  sockets.forEach(assert_versions_grow);
});

test('a statement at a SQL prompt reaches the clients of every node within a second', async () => {
  const who = tenant();
  insert_user(database, who);
  const sockets = await dashboards(nodes, who);
  const id = uuid();
  sql(database, `INSERT INTO businesses(id, user_id, name, category, status) VALUES ('${id}', '${who.id}', 'Prompt', 'retail', 'active');`);
  const written = Date.now();
  for (const socket of sockets) {
    const { business } = await event(socket, 'business:created');
    assert.equal(business.id, id);
    const { at } = socket.received.find((r) => r.event === 'business:created');
    assert.ok(at - written < 1000 * slow, `took ${at - written} ms`);
    assert.equal((await event(socket, 'kpi:update', (p) => p.kpis.activeBusinesses === 1)).kpis.landlordViews, 0);
  }
});

test('every node answers alike, and with the same version', async () => {
  const who = tenant();
  const business = await create_business(nodes[0], who);
  await record(nodes[1], business, { view: 3, invite: 8, message: 3 });
  const sockets = await dashboards(nodes, who);
  const states = await Promise.all(sockets.map(settle));
  for (const state of states) {
    assert.equal(state.version, states[0].version);
    assert.deepEqual(state.kpis, counted_kpis(database, who));
    assert.deepEqual(state.businesses, states[0].businesses);
  }
  for (const node of nodes) assert.deepEqual(await kpis_of(node, who), { activeBusinesses: 1, responseRate: 37.5, landlordViews: 3, messagesTotal: 3 });
});

test('an event id that is sent to every node at once counts once', async () => {
  const who = tenant();
  const business = await create_business(nodes[0], who);
  const token = service_token();
  for (let round = 0; round < 20; ++round) {
    const body = { events: Array.from({ length: 20 }, () => view_of(business)) };
    const answers = await Promise.all([...nodes, ...nodes].map((node) => api(node, 'POST', '/api/activity', { token, body })));
    for (const answer of answers) assert.equal(answer.status, 200, JSON.stringify(answer.body));
    const sum = (member) => answers.reduce((total, answer) => total + answer.body.data[member], 0);
    assert.equal(sum('accepted'), 20);
    assert.equal(sum('duplicates'), 100);
  }
  assert.equal(counted_kpis(database, who).landlordViews, 400);
  await wait_for(async () => (await kpis_of(nodes[2], who)).landlordViews === 400, 'the KPI at another node');
});

test('events arrive although the listening connections were ended just before the write', async () => {
  const who = tenant();
  const business = await create_business(nodes[0], who);
  const sockets = await dashboards(nodes, who);
  for (let views = 1; views <= 5; ++views) {
    // One session ends every connection of the nodes, those that listen among them, and writes: nobody can be
    // listening again by then.
    const ended = sql(database, `
      BEGIN;
      SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name LIKE 'pulseboard%';
      INSERT INTO business_metrics(id, business_id, metric_date, views_count)
      VALUES (gen_random_uuid(), '${business.id}', current_date - ${views}, 1);
      COMMIT;`);
    assert.ok(Number(ended) >= 3, `${ended} connections ended`);
    for (const socket of sockets) await event(socket, 'kpi:update', (p) => p.kpis.landlordViews === views);
    // Listening again is what makes a node ready; before that there would be nothing to end.
    for (const node of nodes) await wait_for(async () => (await api(node, 'GET', '/ready')).status === 200, 'ready');
  }
  sockets.forEach(assert_versions_grow);
});
