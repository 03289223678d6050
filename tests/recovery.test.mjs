// Connection state recovery of the stock client through a network that breaks: what was missed comes once and
// in order, or the client is told that it is a newcomer.
import { after, afterEach, before, test } from 'node:test';
import {
  api, assert, client, create_business, disconnect_all, event, record, slow, sql, start_server, tenant, token_for,
  wait_for, within,
} from './harness.mjs';
import { assert_versions_grow } from './nodes.mjs';
import { FlakyProxy } from './flaky_proxy.mjs';

let server;
let proxy;
before(async () => {
  server = await start_server({ admin: true });
  proxy = await FlakyProxy.start(server);
});
afterEach(() => {
  disconnect_all();
  Object.assign(proxy, { lifetime: () => Infinity, refusing: false, target: server });
});
after(() => { proxy.stop(); return server.stop(); });

// A connection that breaks between its 101 and its open packet is noticed by the client's timeout only.
const impatient = {
  reconnection: true, reconnectionDelay: 10, reconnectionDelayMax: 50, randomizationFactor: 0, timeout: 500 * slow,
};

// Connected through the proxy, and shown the current state. `returns` counts its connects.
async function at_proxy(who, options = {}) {
  const socket = client(proxy, { token: who.token, ...impatient, ...options });
  socket.returns = [];
  socket.on('connect', () => socket.returns.push(socket.recovered));
  await event(socket, 'kpi:update');
  return socket;
}

const returned = async (socket, times = 1) => {
  await wait_for(() => socket.returns.length >= times + 1, 'the client comes back');
  return socket.returns.at(-1);
};

const names = (socket) => socket.received.filter((r) => r.event.startsWith('business:'))
  .map((r) => r.payload.business?.name ?? r.payload.businessId);

// Breaks the connection, lets `meanwhile` happen, and gives whether the client was recovered.
async function away(socket, meanwhile = async () => {}, cut = () => proxy.cut()) {
  const times = socket.returns.length;
  proxy.refusing = true;
  cut();
  await wait_for(() => !socket.connected, 'the client notices');
  await meanwhile();
  proxy.refusing = false;
  return returned(socket, times);
}

for (const transport of ['websocket', 'polling', 'upgrade']) {
  test(`what was missed comes in order and once, the state after it (${transport})`, async () => {
    const who = tenant();
    const shop = await create_business(server, who, { name: 'first' });
    const socket = await at_proxy(who, { transport });
    if (transport === 'upgrade') await wait_for(() => socket.io.engine?.transport.name === 'websocket', 'the upgrade');
    await create_business(server, who, { name: 'seen' });
    await event(socket, 'business:created', (p) => p.business.name === 'seen');
    const { id } = socket;
    const recovered = await away(socket, async () => {
      await create_business(server, who, { name: 'missed' });
      await record(server, shop, { view: 1 });
      await record(server, shop, { view: 2 });
      await api(server, 'PATCH', `/api/businesses/${shop.id}`, { token: who.token, body: { name: 'renamed' } });
    });
    assert.equal(recovered, true);
    assert.equal(socket.id, id);
    await event(socket, 'kpi:update', (p) => p.kpis.landlordViews === 3 && p.kpis.activeBusinesses === 3);
    assert.deepEqual(names(socket), ['seen', 'missed', 'renamed']);
    const metrics = socket.received.filter((r) => r.event === 'metrics:updated').map((r) => r.payload);
    assert.equal(metrics.length, 1, 'the latest metrics only');
    await create_business(server, who, { name: 'live again' });
    await event(socket, 'business:created', (p) => p.business.name === 'live again');
    assert.deepEqual(names(socket), ['seen', 'missed', 'renamed', 'live again']);
    assert_versions_grow(socket);
  });
}

test('a quiet session is recovered, before its first event too, and twice in a row', async () => {
  const who = tenant();
  const socket = await at_proxy(who);
  assert.equal(await away(socket), true);
  assert.equal(await away(socket), true);
  socket._lastOffset = undefined;   // as if nothing had come yet
  assert.equal(await away(socket, () => create_business(server, who, { name: 'missed' })), true);
  await event(socket, 'business:created');
  assert.equal(await away(socket), true);
  assert.deepEqual(names(socket), ['missed']);
});

test('a connection that the server thinks alive is ended, and what it swallowed is not lost', async () => {
  const who = tenant();
  const socket = await at_proxy(who);
  const recovered = await away(socket, () => create_business(server, who, { name: 'into the void' }), () => proxy.cut_half());
  assert.equal(recovered, true);
  await event(socket, 'business:created');
  const state = await within(socket.emitWithAck('request:current-state'), 'an answer');
  assert.equal(state.total, 1);
  assert.deepEqual(names(socket), ['into the void']);
});

test('a session survives a restart of the server', async () => {
  const who = tenant();
  const first = await start_server();
  proxy.target = first;
  const socket = await at_proxy(who);
  await create_business(first, who, { name: 'before' });
  await event(socket, 'business:created');
  let second;
  const recovered = await away(socket, async () => {
    await first.stop();
    second = await start_server({ settings: first.settings });
    await create_business(second, who, { name: 'while away' });
    proxy.target = second;
  });
  assert.equal(recovered, true);
  await event(socket, 'business:created', (p) => p.business.name === 'while away');
  assert.deepEqual(names(socket), ['before', 'while away']);
  disconnect_all();
  await second.stop();
});

test('nobody takes another user\'s session, and a token is checked again', async () => {
  const [ann, bob] = [tenant(), tenant()];
  const socket = await at_proxy(ann);
  const pid = socket._pid;
  socket.auth = { token: bob.token };
  assert.equal(await away(socket, () => create_business(server, ann, { name: 'of Ann' })), false);
  assert.notEqual(socket._pid, pid);
  await create_business(server, bob, { name: 'of Bob' });
  await event(socket, 'business:created');
  assert.deepEqual(names(socket), ['of Bob']);
  // Bob's client still had Ann's offset until then; from here on it is his.
  assert.equal(await away(socket, () => create_business(server, bob, { name: 'also of Bob' })), true);
  await event(socket, 'business:created', (p) => p.business.name === 'also of Bob');

  socket.auth = { token: token_for(bob.id, { ttl: -10 }) };
  const refused = new Promise((done) => socket.once('connect_error', done));
  proxy.cut();
  assert.equal((await within(refused, 'a refusal')).message, 'Invalid authentication token');
});

test('a session that was made up, or whose log was trimmed, begins anew and is shown the state', async () => {
  const who = tenant();
  const socket = await at_proxy(who);
  socket._pid = `${socket._pid.slice(0, -1)}!`;
  assert.equal(await away(socket), false);
  assert.equal(await away(socket), true);
  const shown = socket.received.length;
  const recovered = await away(socket, async () => {
    await create_business(server, who, { name: 'trimmed' });
    await create_business(server, who, { name: 'left' });
    const log = server.database.startsWith('postgres') ? 'pulseboard.tenant_changes' : 'tenant_changes';
    sql(server.database, `DELETE FROM ${log} WHERE user_id = '${who.id}' AND version = 1;`);
  });
  assert.equal(recovered, false);
  const state = await event(socket, 'kpi:update', undefined, { from: shown });
  assert.equal(state.kpis.activeBusinesses, 2);
  assert.deepEqual(names(socket), []);
});

test('cut at random bytes, every event comes once and in order', { timeout: 60_000 * slow }, async () => {
  const who = tenant();
  const shop = await create_business(server, who, { name: 'shop' });
  const socket = await at_proxy(who);
  proxy.lifetime = () => 300 + Math.floor(Math.random() * 4000);
  proxy.cut();
  const written = [];
  const until = Date.now() + 10_000;
  let writing = true;
  const writes = (async () => {
    for (let n = 0; Date.now() < until; ++n) {
      const name = `name ${n}`;
      await api(server, 'PATCH', `/api/businesses/${shop.id}`, { token: who.token, body: { name } });
      written.push(name);
      if (n % 3 === 0) await record(server, shop, { view: 1 });
      await new Promise((done) => setTimeout(done, Math.random() * 20));
    }
    writing = false;
  })();
  await within(writes, 'the writes', 30_000);
  proxy.lifetime = () => Infinity;
  await create_business(server, who, { name: 'last' });
  await event(socket, 'business:created', (p) => p.business.name === 'last', { bound: 20_000 });
  assert.equal(writing, false);
  assert.ok(proxy.broken >= 10, `${proxy.broken} cuts`);
  assert.deepEqual(new Set(socket.returns.slice(1)), new Set([true]));
  assert.deepEqual(names(socket), [...written, 'last']);
  assert_versions_grow(socket);
});
