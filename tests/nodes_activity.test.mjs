// A node is killed in the middle of activity batches, and the senders repeat through the others what was not
// acknowledged: each event counts once.
import { after, before, test } from 'node:test';
import { assert, create_business, disconnect_all, event, kpis_of, service_token, slow, start_server, tenant, wait_for } from './harness.mjs';
import { counted_kpis, dashboards, deliver, start_nodes, stop_nodes, view_of } from './nodes.mjs';

let nodes;
before(async () => { nodes = await start_nodes(3); });
after(async () => {
  disconnect_all();
  await stop_nodes(nodes);
});

test('each event counts once', { timeout: 90_000 * slow }, async () => {
  const who = tenant();
  const businesses = [await create_business(nodes[0], who), await create_business(nodes[0], who)];
  const [, , socket] = await dashboards(nodes, who);
  const token = service_token();
  let writing = true;
  let events = 0;
  let repeats = 0;
  const senders = Array.from({ length: 12 }, async (_, i) => {
    while (writing) {
      // Each begins at another node; who meets the dead one goes on to the next.
      const at = [...nodes.slice(i % 3), ...nodes.slice(0, i % 3)];
      const batch = Array.from({ length: 20 }, (_, n) => view_of(businesses[n % 2], 1 + n % 3));
      repeats += await deliver(() => at, token, batch);
      events += batch.reduce((sum, { count }) => sum + count, 0);
    }
  });
  for (const victim of [0, 1]) {
    const target = events + 5000;
    await wait_for(() => events > target, 'many events', 20_000);
    const { settings } = nodes[victim];
    nodes[victim].child.kill('SIGKILL');
    await nodes[victim].exited;
    const met = repeats + 3;
    await wait_for(() => repeats > met, 'senders who met the dead node', 20_000);
    nodes[victim] = await start_server({ settings });
  }
  writing = false;
  await Promise.all(senders);
  assert.equal(counted_kpis(nodes[2].database, who).landlordViews, events);
  await event(socket, 'kpi:update', (p) => p.kpis.landlordViews === events);
  for (const node of nodes) assert.equal((await kpis_of(node, who)).landlordViews, events);
});
