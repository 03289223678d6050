// PostgreSQL is killed and restarted while three nodes write: 503 meanwhile, back by themselves within 10 s, and
// what was acknowledged is there once.
import { after, before, test } from 'node:test';
import {
  api, assert, backends, create_business, disconnect_all, event, kpis_of, service_token, slow, sql, tenant, wait_for,
} from './harness.mjs';
import { assert_versions_grow, counted_kpis, dashboards, deliver, last_kpis, start_nodes, stop_nodes, view_of } from './nodes.mjs';

let postgres;
let nodes;
before(async () => {
  ({ postgres } = await backends());
  nodes = await start_nodes(3);
});
after(async () => {
  disconnect_all();
  await stop_nodes(nodes);
});

const status_of = async (node, path) => (await fetch(node.url + path)).status;

test('every acknowledged write is counted once, and the nodes come back by themselves', { timeout: 120_000 * slow }, async () => {
  const who = tenant();
  const business = await create_business(nodes[0], who);
  const sockets = await dashboards(nodes, who);
  const token = service_token();

  let writing = true;
  let delivered = 0;
  const acknowledged = [];
  const refused = [];
  // Careful senders, who repeat what was not acknowledged …
  const senders = nodes.map(async (_, n) => {
    while (writing) {
      await deliver(() => [nodes[n], nodes[(n + 1) % 3]], token, Array.from({ length: 5 }, () => view_of(business)));
      delivered += 5;
    }
  });
  // … and people, who look at the answer.
  let named = 0;
  const people = nodes.map(async (node) => {
    while (writing) {
      const name = `Business ${++named}`;
      const answer = await api(node, 'POST', '/api/businesses', { token: who.token, body: { name, category: 'retail' } });
      if (answer.status === 201) acknowledged.push(name);
      else refused.push(answer);
      await new Promise((done) => setTimeout(done, 10));
    }
  });

  await wait_for(() => delivered > 100 && acknowledged.length > 10, 'some writes');
  for (let round = 0; round < 2; ++round) {
    refused.length = 0;
    await postgres.kill();
    await wait_for(() => refused.length >= 3, 'refusals while it is away', 20_000);
    for (const node of nodes) {
      await wait_for(async () => (await status_of(node, '/ready')) === 503, 'not ready');
      assert.equal(await status_of(node, '/health'), 200);
    }
    const before_it = { delivered, acknowledged: acknowledged.length };
    await postgres.start();
    const back = Date.now();
    await wait_for(() => delivered > before_it.delivered + 30 && acknowledged.length > before_it.acknowledged + 6, 'writes again');
    for (const node of nodes) await wait_for(async () => (await status_of(node, '/ready')) === 200, 'ready again');
    assert.ok(Date.now() - back < 10_000 * slow, `back after ${Date.now() - back} ms`);
    for (const answer of refused) {
      assert.equal(answer.status, 503, JSON.stringify(answer.body));
      assert.equal(answer.body.error.code, 'UNAVAILABLE');
      assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/);
    }
  }
  writing = false;
  await Promise.all([...senders, ...people]);

  // The senders were all acknowledged in the end: exactly their events are there.
  const right = counted_kpis(nodes[0].database, who);
  assert.equal(right.landlordViews, delivered);
  const names = sql(nodes[0].database, `SELECT name FROM businesses WHERE user_id = '${who.id}';`).split('\n');
  for (const name of acknowledged) assert.equal(names.filter((n) => n === name).length, 1, name);

  // The sockets were open all the time, and have missed nothing.
  for (const [n, socket] of sockets.entries()) {
    assert.ok(socket.connected, `the socket at node ${n}`);
    await event(socket, 'kpi:update', (p) => p.kpis.landlordViews === delivered);
    assert.deepEqual(last_kpis(socket).kpis, right);
    assert_versions_grow(socket);
    const created = socket.received.filter((r) => r.event === 'business:created').map((r) => r.payload.business.name);
    assert.deepEqual(created.sort(), names.filter((name) => name !== business.name).sort());
    assert.deepEqual(await kpis_of(nodes[n], who), right);
  }
});
