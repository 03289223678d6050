// 2,000 random writes over three nodes and a SQL prompt, with readers at all of them.
import { after, before, test } from 'node:test';
import { api, assert, backend, create_business, disconnect_all, kpis_of, service_token, settle, slow, tenant, uuid, wait_for } from './harness.mjs';
import { assert_versions_grow, counted_kpis, dashboards, last_kpis, Prompt, start_nodes, stop_nodes } from './nodes.mjs';

const writes = 2000;
const tenants = 6;
const types = ['view', 'click', 'invite', 'decline', 'message', 'qfp'];

let nodes;
let prompt;
before(async () => {
  assert.equal(backend, 'postgres');
  nodes = await start_nodes(3);
  prompt = new Prompt(nodes[0].database);
});
after(async () => {
  prompt?.close();
  disconnect_all();
  await stop_nodes(nodes);
});

const below = (n) => Math.floor(Math.random() * n);
const one_of = (list) => list[below(list.length)];

// A tenant with businesses that stay, which get the messages, and others that come and go: so messagesTotal only
// grows, and tells an older state from a newer one.
async function person() {
  const who = tenant();
  const staying = [];
  for (let i = 0; i < 3; ++i) staying.push(await create_business(nodes[i], who, { name: `Stays ${i}` }));
  return { who, staying, passing: [], sockets: await dashboards(nodes, who), checks: 0 };
}

async function fine(answer, ...statuses) {
  const { status, body } = await answer;
  assert.ok(statuses.includes(status), `${status} ${JSON.stringify(body)}`);
  return body.data;
}

const actions = {
  activity: ({ staying, passing }, node) => {
    const events = Array.from({ length: 1 + below(5) }, () => {
      const type = one_of(types);
      const business = type === 'message' ? one_of(staying) : one_of([...staying, ...passing]);
      return { id: uuid(), businessId: business.id, type, count: 1 + below(3) };
    });
    return fine(api(node, 'POST', '/api/activity', { token: service_token(), body: { events } }), 200);
  },
  create: async ({ who, passing }, node) => {
    passing.push(await create_business(node, who, { name: `Passes ${below(1000)}`, status: one_of(['active', 'stealth_mode']) }));
  },
  patch: ({ who, staying }, node) => {
    const status = one_of(['active', 'pending_verification', 'stealth_mode']);
    return fine(api(node, 'PATCH', `/api/businesses/${one_of(staying).id}`, { token: who.token, body: { status } }), 200);
  },
  remove: ({ who, passing }, node) => {
    const business = passing.splice(below(passing.length), 1)[0];
    return business && fine(api(node, 'DELETE', `/api/businesses/${business.id}`, { token: who.token }), 200);
  },
  sql: ({ staying, passing }) => prompt.run(one_of([
    `UPDATE businesses SET status = 'active' WHERE id IN ('${staying[0].id}', '${staying[1].id}');`,
    `INSERT INTO business_metrics(id, business_id, metric_date, views_count, messages_count)
     VALUES (gen_random_uuid(), '${one_of(staying).id}', date '2020-01-01' + ${below(1_000_000)}, 2, 1);`,
    `UPDATE business_metrics SET views_count = views_count + 1 WHERE business_id = '${one_of([...staying, ...passing]).id}';`,
  ])),
};
const weighted = ['activity', 'activity', 'activity', 'activity', 'create', 'patch', 'patch', 'remove', 'sql'];

// Whoever saw an event of a node asks that node: it must not answer with an older state.
function read_after_events({ who, sockets }, checks) {
  for (const [n, socket] of sockets.entries()) {
    socket.on('kpi:update', ({ kpis }) => {
      if (below(4) !== 0) return;
      const check = kpis_of(nodes[n], who).then((now) =>
        assert.ok(now.messagesTotal >= kpis.messagesTotal, `node ${n} answered ${now.messagesTotal} after an event with ${kpis.messagesTotal}`));
      check.catch(() => {});
      checks.push(check);
    });
  }
}

test('every client ends in the state of a full aggregate, and no answer is older than an event', { timeout: 120_000 * slow }, async () => {
  const people = await Promise.all(Array.from({ length: tenants }, person));
  const checks = [];
  for (const p of people) read_after_events(p, checks);

  let left = writes;
  const writer = async () => {
    while (left-- > 0) await actions[one_of(weighted)](one_of(people), one_of(nodes));
  };
  await Promise.all(Array.from({ length: 8 }, writer));

  for (const { who, sockets } of people) {
    const right = counted_kpis(nodes[0].database, who);
    const same = (kpis) => JSON.stringify(kpis) === JSON.stringify(right);
    for (const socket of sockets)
      await wait_for(() => same(last_kpis(socket)?.kpis), () => `${JSON.stringify(right)}, is ${JSON.stringify(last_kpis(socket))}`, 5000);
    for (const node of nodes) assert.deepEqual(await kpis_of(node, who), right);
    const states = await Promise.all(sockets.map(settle));
    for (const state of states) {
      assert.deepEqual(state.kpis, right);
      assert.equal(state.version, states[0].version);
    }
    sockets.forEach(assert_versions_grow);
  }
  assert.ok(checks.length > 20, `${checks.length} reads after an event`);
  await Promise.all(checks);
});
