// Redis is absent, killed, emptied and frozen: requests are served all the while, and nothing stale is shown.
import { after, afterEach, before, test } from 'node:test';
import {
  api, assert, backends, create_business, disconnect_all, event, free_port, kpis_of, new_database, record, slow, start_server, tenant, wait_for,
} from './harness.mjs';
import { start_redis } from '../deploy/local/backends.mjs';
import { counted_kpis, dashboards, start_nodes, stop_nodes } from './nodes.mjs';

let redis;
let nodes;
before(async () => {
  ({ redis } = await backends());
  nodes = await start_nodes(3);
});
afterEach(disconnect_all);
after(() => stop_nodes(nodes));

// Writes at each node in turn; after an event of a node, that node answers with what the event said.
async function writes_are_seen(who, business, sockets, views) {
  for (const node of nodes) {
    await record(node, business, { view: 1, invite: 2, message: 1 });
    ++views;
    for (const [n, socket] of sockets.entries()) {
      await event(socket, 'kpi:update', (p) => p.kpis.landlordViews === views);
      const began = Date.now();
      assert.equal((await kpis_of(nodes[n], who)).landlordViews, views, `node ${n} after its own event`);
      assert.ok(Date.now() - began < 2000 * slow, `answered after ${Date.now() - began} ms`);
    }
  }
  return views;
}

test('killed and replaced by an empty one', async () => {
  const who = tenant();
  const business = await create_business(nodes[0], who);
  const sockets = await dashboards(nodes, who);
  let views = await writes_are_seen(who, business, sockets, 0);
  for (let round = 0; round < 2; ++round) {
    await redis.kill();
    views = await writes_are_seen(who, business, sockets, views);
    await redis.start();
    views = await writes_are_seen(who, business, sockets, views);
  }
  assert.equal(counted_kpis(nodes[0].database, who).landlordViews, views);
  // It is used again, and holds what is right.
  await wait_for(async () => (await kpis_of(nodes[1], who)) && (await redis.command('EXISTS', `dashboard:kpis:${who.id}`)) === ':1', 'a cached KPI');
  assert.equal(JSON.parse((await redis.command('GET', `dashboard:kpis:${who.id}`)).split('\r\n')[1]).landlordViews, views);
});

test('frozen: slow, but never stale, also not when it goes on', async () => {
  const who = tenant();
  const business = await create_business(nodes[0], who);
  const sockets = await dashboards(nodes, who);
  let views = await writes_are_seen(who, business, sockets, 0);
  for (const node of nodes) await kpis_of(node, who);   // cached
  redis.freeze();
  try {
    views = await writes_are_seen(who, business, sockets, views);
  } finally {
    redis.thaw();
  }
  // What it held from before is older than what every node has already told.
  for (let i = 0; i < 20; ++i)
    for (const node of nodes) assert.equal((await kpis_of(node, who)).landlordViews, views);
  views = await writes_are_seen(who, business, sockets, views);
  assert.equal(counted_kpis(nodes[0].database, who).landlordViews, views);
});

test('absent at the start: served, and used once it is there', async () => {
  const port = await free_port();
  const settings = { ...await new_database(), REDIS_URL: `redis://127.0.0.1:${port}` };
  const server = await start_server({ settings });
  const who = tenant();
  const business = await create_business(server, who);
  await record(server, business, { view: 2 });
  assert.equal((await kpis_of(server, who)).landlordViews, 2);
  const [socket] = await dashboards([server], who);
  const late = await start_redis({ port });
  try {
    await wait_for(async () => (await kpis_of(server, who)) && (await late.command('EXISTS', `dashboard:kpis:${who.id}`)) === ':1', 'a cached KPI', 20_000);
    await record(server, business, { view: 3 });
    await event(socket, 'kpi:update', (p) => p.kpis.landlordViews === 5);
    assert.equal((await kpis_of(server, who)).landlordViews, 5);
    assert.equal((await api(server, 'GET', '/ready')).status, 200);
    // One line for each change of its state, however many requests met it.
    disconnect_all();
    await server.stop();
    const lines = server.stderr.split('\n').filter((line) => /redis/i.test(line));
    assert.ok(lines.length >= 1 && lines.length <= 4, lines.join('\n'));
  } finally {
    await late.stop();
  }
});
