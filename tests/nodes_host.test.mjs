// Transactions of somebody else's program in the same database: our triggers make them neither deadlock nor wait.
import { after, afterEach, before, test } from 'node:test';
import { api, assert, connected, create_business, disconnect_all, event, metric, record, settle, slow, sql, start_server, tenant, uuid, wait_for } from './harness.mjs';
import { assert_versions_grow, counted_kpis, Prompt, start_nodes, stop_nodes } from './nodes.mjs';

let nodes;
let database;
const prompts = [];
before(async () => {
  nodes = await start_nodes(2);
  ({ database } = nodes[0]);
});
afterEach(() => {
  disconnect_all();
  for (const prompt of prompts.splice(0)) prompt.close();
});
after(() => stop_nodes(nodes));

function prompt() {
  prompts.push(new Prompt(database));
  return prompts.at(-1);
}

const add_views = (business, views) => `INSERT INTO business_metrics(id, business_id, metric_date, views_count)
  VALUES (gen_random_uuid(), '${business.id}', current_date - ${views}, ${views});`;

test('two over the same two tenants in opposite order both commit', async () => {
  const people = [tenant(), tenant()];
  const sockets = await Promise.all(people.map((who, n) => connected(nodes[n], { token: who.token })));
  // Each transaction touches rows of its own, so that only what we keep per tenant could be in the way.
  const owned = await Promise.all(people.map(async (who) => [await create_business(nodes[0], who), await create_business(nodes[0], who)]));
  const [one, two] = [prompt(), prompt()];
  for (let round = 0; round < 10; ++round) {
    await Promise.all([one.run('BEGIN;'), two.run('BEGIN;')]);
    await one.run(`${add_views(owned[0][0], 10 * round + 1)} UPDATE businesses SET name = 'One ${round}' WHERE id = '${owned[0][0].id}';`);
    await two.run(`${add_views(owned[1][1], 10 * round + 2)} UPDATE businesses SET name = 'Two ${round}' WHERE id = '${owned[1][1].id}';`);
    await one.run(add_views(owned[1][0], 10 * round + 3), 5000);
    await two.run(add_views(owned[0][1], 10 * round + 4), 5000);
    await Promise.all([one.run('COMMIT;'), two.run('COMMIT;')]);
  }
  for (const [n, who] of people.entries()) {
    const right = counted_kpis(database, who);
    assert.equal(right.landlordViews, 950);   // ten rounds, each 20 * round + 5
    await event(sockets[n], 'kpi:update', (p) => p.kpis.landlordViews === right.landlordViews);
    assert.deepEqual((await settle(sockets[n])).kpis, right);
    assert_versions_grow(sockets[n]);
  }
});

test('a long one holds up nobody, and is seen when it commits', async () => {
  const who = tenant();
  const [touched, other] = [await create_business(nodes[0], who), await create_business(nodes[0], who)];
  const socket = await connected(nodes[1], { token: who.token });
  const long = prompt();
  await long.run(`BEGIN; ${add_views(touched, 100)} UPDATE businesses SET status = 'stealth_mode' WHERE id = '${touched.id}';`);
  const from = socket.received.length;
  const began = Date.now();
  for (let i = 1; i <= 5; ++i) {
    await record(nodes[i % 2], other, { view: 1 });
    await record(nodes[i % 2], touched, { click: 1 });   // also the business that it touched, on another day
    assert.equal((await api(nodes[0], 'PATCH', `/api/businesses/${other.id}`, { token: who.token, body: { name: `Name ${i}` } })).status, 200);
    sql(database, add_views(other, 1000 + i));
  }
  await event(socket, 'kpi:update', (p) => p.kpis.landlordViews === 5 + 5015, { from });
  assert.ok(Date.now() - began < 5000 * slow, `took ${Date.now() - began} ms beside an open transaction`);
  assert.ok(!socket.received.slice(from).some((r) => r.event === 'business:updated' && r.payload.business.id === touched.id));
  await long.run('COMMIT;');
  await event(socket, 'business:updated', (p) => p.business.status === 'stealth_mode', { from });
  await event(socket, 'kpi:update', (p) => p.kpis.landlordViews === 5120 && p.kpis.activeBusinesses === 1, { from });
  assert_versions_grow(socket);
  assert.deepEqual((await settle(socket)).kpis, counted_kpis(database, who));
});

test('one that is rolled back leaves nothing', async () => {
  const who = tenant();
  const business = await create_business(nodes[0], who);
  const socket = await connected(nodes[0], { token: who.token });
  const before_it = await settle(socket);
  const from = socket.received.length;
  await prompt().run(`BEGIN; ${add_views(business, 7)} DELETE FROM businesses WHERE id = '${business.id}';
    INSERT INTO businesses(id, user_id, name, category) VALUES ('${uuid()}', '${who.id}', 'Never', 'retail'); ROLLBACK;`);
  await create_business(nodes[1], who, { name: 'Barrier' });
  const { version } = await event(socket, 'business:created', (p) => p.business.name === 'Barrier');
  assert.equal(version, before_it.version + 1);
  assert.deepEqual(socket.received.slice(from).filter((r) => r.event !== 'kpi:update').map((r) => r.payload.business.name), ['Barrier']);
});

test('a wake-up with a version that nobody reached costs one read, not one after the other', async () => {
  const server = await start_server({ admin: true, settings: nodes[0].settings });
  const who = tenant();
  const business = await create_business(server, who);
  const socket = await connected(server, { token: who.token });
  const names = [];
  socket.on('business:updated', ({ business: { name } }) => names.push(name));
  const before = await metric(server, 'pulseboard_feed_reads_total');
  sql(database, `NOTIFY pulseboard_changes, '${who.id}:999999';`);
  const changes = 20;
  for (let i = 0; i < changes; ++i) {
    sql(database, `UPDATE businesses SET name = 'after ${i}' WHERE id = '${business.id}';`);
    await wait_for(() => names.at(-1) === `after ${i}`, `change ${i}`);
  }
  const reads = await metric(server, 'pulseboard_feed_reads_total') - before;
  assert.ok(reads <= 3 * changes + 5, `${reads} reads for ${changes} changes`);
  await server.stop();
});
