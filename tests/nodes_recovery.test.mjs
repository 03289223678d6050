// A client that comes back to another node of the cluster than the one it left.
import { after, afterEach, before, test } from 'node:test';
import {
  assert, client, create_business, disconnect_all, event, record, slow, tenant, wait_for, within,
} from './harness.mjs';
import { assert_versions_grow, start_nodes, stop_nodes } from './nodes.mjs';
import { FlakyProxy } from './flaky_proxy.mjs';

let nodes;
let proxy;
before(async () => {
  nodes = await start_nodes(3);
  proxy = await FlakyProxy.start(nodes[0]);
});
afterEach(() => {
  disconnect_all();
  Object.assign(proxy, { lifetime: () => Infinity, refusing: false, target: nodes[0] });
});
after(() => { proxy.stop(); return stop_nodes(nodes); });

async function at_proxy(who) {
  const socket = client(proxy, {
    token: who.token, reconnection: true, reconnectionDelay: 10, reconnectionDelayMax: 50, randomizationFactor: 0,
    timeout: 500 * slow,
  });
  socket.returns = [];
  socket.on('connect', () => socket.returns.push(socket.recovered));
  await event(socket, 'kpi:update');
  return socket;
}

const names = (socket) => socket.received.filter((r) => r.event.startsWith('business:')).map((r) => r.payload.business.name);

test('it gets what it missed from another node, also while the first one thinks it is there', async () => {
  const who = tenant();
  const socket = await at_proxy(who);
  const { id } = socket;
  await create_business(nodes[1], who, { name: 'seen' });
  await event(socket, 'business:created');
  for (const [n, cut] of [() => proxy.cut(), () => proxy.cut_half()].entries()) {
    const name = `missed ${n}`;
    proxy.refusing = true;
    cut();
    await wait_for(() => !socket.connected, 'the client notices');
    await create_business(nodes[2], who, { name });
    Object.assign(proxy, { target: nodes[n + 1], refusing: false });
    await event(socket, 'business:created', (p) => p.business.name === name);
    assert.equal(socket.recovered, true);
    assert.equal(socket.id, id);
  }
  const state = await within(socket.emitWithAck('request:current-state'), 'an answer');
  assert.equal(state.total, 3);
  assert.deepEqual(names(socket), ['seen', 'missed 0', 'missed 1']);
  assert_versions_grow(socket);
});

test('thrown from node to node at random bytes, it gets every event once and in order', { timeout: 60_000 * slow }, async () => {
  const who = tenant();
  const shop = await create_business(nodes[0], who, { name: 'shop' });
  const socket = await at_proxy(who);
  proxy.lifetime = () => {
    proxy.target = nodes[Math.floor(Math.random() * 3)];
    return 300 + Math.floor(Math.random() * 3000);
  };
  proxy.cut();
  const written = [];
  const until = Date.now() + 8_000;
  for (let n = 0; Date.now() < until; ++n) {
    const name = `business ${n}`;
    await create_business(nodes[n % 3], who, { name });
    written.push(name);
    if (n % 3 === 0) await record(nodes[n % 3], shop, { view: 1 });
    await new Promise((done) => setTimeout(done, Math.random() * 20));
  }
  proxy.lifetime = () => Infinity;
  await create_business(nodes[0], who, { name: 'last' });
  await event(socket, 'business:created', (p) => p.business.name === 'last', { bound: 20_000 });
  assert.ok(proxy.broken >= 5, `${proxy.broken} cuts`);
  assert.deepEqual(new Set(socket.returns.slice(1)), new Set([true]));
  assert.deepEqual(names(socket), [...written, 'last']);
  assert_versions_grow(socket);
});
