// One cluster of examples/cluster_server and of a Node server with the stock adapter, over a real Redis, and
// the stock emitter beside it. What docs/cluster.md shows is run here.
import { createServer } from 'node:http';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { createAdapter } from '@socket.io/redis-adapter';
import { Emitter } from '@socket.io/redis-emitter';
import { createClient } from 'redis';
import { Server } from 'socket.io';
import { start_redis } from '../deploy/local/backends.mjs';
import { assert, build, client, disconnect_all, Program, root, temporary_folder, wait_for, within } from './harness.mjs';

let redis;
let ours;
let node;
let emitter;

async function redis_client() {
  const made = createClient({ url: redis.url, socket: { reconnectStrategy: () => 50 } });
  made.on('error', () => {});
  return made.connect();
}

async function start_ours() {
  const server = new Program(join(build, 'examples/cluster_server'), ['--port', '0', '--redis', redis.url]);
  const [, url] = await server.line(/listening on (http:\/\/\S+)/);
  const stats = async () => (await fetch(`${url}/stats`)).json();
  return Object.assign(server, { url, stats });
}

// A Node server with the events of examples/cluster_server that the tests use on both sides.
async function start_node() {
  const clients = [await redis_client(), await redis_client()];
  const http = createServer();
  const io = new Server(http, { adapter: createAdapter(...clients, { requestsTimeout: 2000 }) });
  io.on('connection', (socket) => {
    socket.data.name = socket.handshake.auth.name;
    socket.on('join', async (...args) => { const ack = args.pop(); await socket.join(args); ack(); });
    socket.on('leave', (room, ack) => { socket.leave(room); ack(); });
    socket.on('say', (room, ...args) => socket.to(room).emit('said', ...args));
  });
  await new Promise((done) => http.listen(0, '127.0.0.1', done));
  return {
    io,
    url: `http://127.0.0.1:${http.address().port}`,
    stop: async () => {
      await new Promise((done) => io.close(done));
      for (const made of clients) await made.quit(); // after the answers to what the adapter says in the end
    },
  };
}

// A client of a server, in rooms, and found by the other server too.
async function person(server, name, ...rooms) {
  return member(server, '/', name, ...rooms);
}

async function member(server, nsp, name, ...rooms) {
  const socket = client(server, { nsp, auth: { name } });
  await within(new Promise((done) => socket.once('connect', done)), `${name} connects`);
  await call(socket, 'join', 'everybody', ...rooms);
  return socket;
}

const call = (socket, ...args) => within(new Promise((done) => socket.emit(...args, done)), `an answer to ${args[0]}`);
// What our server does to the whole cluster.
const ask_ours = (socket, wish, ...rest) => call(socket, 'do', wish, ...rest);
const heard = (socket, event) => socket.received.filter((one) => one.event === event).map((one) => one.payload);
const hears = (socket, event, payload, bound) =>
  wait_for(() => heard(socket, event).includes(payload), () => `${event} ${payload}: ${JSON.stringify(socket.received)}`, bound);

// How many servers subscribe to a room's channel.
const subscribers = async (room) => {
  const channel = `socket.io#/#${room}#`;
  return (await emitter.redisClient.pubSubNumSub([channel]))[channel];
};

// Subscriptions follow joins by a moment: the servers hear each other when Redis has confirmed.
const listening = (...rooms) =>
  wait_for(async () => {
    for (const room of rooms) if (!(await subscribers(room))) return false;
    return true;
  }, `somebody listens to ${rooms}`);

before(async () => {
  redis = await start_redis();
  [ours, node, emitter] = await Promise.all([start_ours(), start_node(), redis_client().then((made) => new Emitter(made))]);
  await wait_for(async () => (await node.io.of('/').adapter.serverCount()) === 2, 'two servers in the cluster');
});
afterEach(disconnect_all);
after(async () => {
  disconnect_all();
  await emitter?.redisClient.disconnect();
  await node?.stop();
  await ours?.stop();
  await redis?.stop();
});

test('the stock emitter reaches rooms, all but some, and sockets by their id', async () => {
  const a = await person(ours, 'a', 'red');
  const b = await person(ours, 'b', 'red', 'blue');
  await listening('red', 'blue', a.id);
  emitter.volatile.emit('e', 'volatile');
  for (const socket of [a, b]) await hears(socket, 'e', 'volatile'); // before anything waits for them
  emitter.to('red').emit('e', 'to red');
  emitter.except('blue').emit('e', 'not to blue');
  emitter.to(['red', 'blue']).emit('e', 'to both, once');
  emitter.to(a.id).emit('e', 'to one');
  emitter.emit('e', 'the end');
  await hears(a, 'e', 'the end');
  await hears(b, 'e', 'the end');
  assert.deepEqual(heard(a, 'e'), ['volatile', 'to red', 'not to blue', 'to both, once', 'to one', 'the end']);
  assert.deepEqual(heard(b, 'e'), ['volatile', 'to red', 'to both, once', 'the end']);
});

test('the stock emitter sends binary, dates and any JSON', async () => {
  const a = await person(ours, 'a', 'red');
  await listening('red');
  const got = within(new Promise((done) => a.once('e', (...args) => done(args))), 'the event');
  emitter.to('red').emit('e', Buffer.from([1, 2]), { at: new Date(0), deep: [{ bytes: Buffer.from('x') }], n: -1.5, none: null, big: 2 ** 40 });
  const [bytes, rest] = await got;
  assert.deepEqual([...bytes], [1, 2]);
  assert.equal(String(rest.deep[0].bytes), 'x');
  delete rest.deep;
  assert.deepEqual(rest, { at: '1970-01-01T00:00:00.000Z', n: -1.5, none: null, big: 2 ** 40 });
});

test('the stock emitter moves and disconnects sockets, and tells servers', async () => {
  const a = await person(ours, 'a', 'red');
  emitter.in('red').socketsJoin(['green', 'yellow']);
  await listening('green');
  emitter.to('green').emit('e', 1);
  await hears(a, 'e', 1);
  emitter.serverSideEmit('note', 'psst');
  await hears(a, 'noted', 'psst');
  emitter.in('red').socketsLeave('green');
  await wait_for(async () => !(await subscribers('green')), 'nobody listens to green');
  emitter.in('yellow').disconnectSockets();
  await wait_for(() => !a.connected, 'the socket is disconnected');
});

test('broadcasts reach the sockets of both servers, from both', async () => {
  const a = await person(ours, 'a', 'red');
  const b = await person(node, 'b', 'red');
  await listening('red');
  await ask_ours(a, { to: ['red'], volatile: true, emit: ['e', 'volatile'] });
  for (const socket of [a, b]) await hears(socket, 'e', 'volatile'); // before anything waits for them
  node.io.to('red').emit('e', 'from node');
  node.io.to('red').except(a.id).emit('e', 'not for a');
  node.io.local.emit('e', 'only node');
  await ask_ours(a, { to: ['red'], emit: ['e', 'from ours'] });
  await ask_ours(a, { except: [b.id], emit: ['e', 'not for b'] });
  await ask_ours(a, { local: true, emit: ['e', 'only ours'] });
  node.io.emit('e', 'the end');
  for (const socket of [a, b]) await hears(socket, 'e', 'the end');
  assert.deepEqual(heard(a, 'e').sort(), ['from node', 'from ours', 'not for b', 'only ours', 'the end', 'volatile']);
  assert.deepEqual(heard(b, 'e').sort(), ['from node', 'from ours', 'not for a', 'only node', 'the end', 'volatile']);
  b.emit('say', 'red', 'from b');
  await hears(a, 'said', 'from b');
  a.emit('say', 'red', 'from a');
  await hears(b, 'said', 'from a');
});

test('binary goes both ways', async () => {
  const a = await person(ours, 'a', 'red');
  const b = await person(node, 'b', 'red');
  await listening('red');
  a.emit('say', 'red', Buffer.from([1]), { deep: Buffer.from([2]) });
  b.emit('say', 'red', Buffer.from([3]));
  const said = (socket) => wait_for(() => heard(socket, 'said')[0], 'what was said');
  assert.deepEqual([...(await said(b))], [1]);
  assert.deepEqual([...(await said(a))], [3]);
});

test('what one server publishes keeps its order', async () => {
  const a = await person(ours, 'a', 'red');
  const b = await person(node, 'b', 'red');
  await listening('red');
  for (let i = 0; i < 300; ++i) {
    node.io.to('red').emit('n', i);
    a.emit('do', { to: ['red'], emit: ['m', i] });
  }
  await hears(a, 'n', 299);
  await hears(b, 'm', 299);
  const counted = Array.from({ length: 300 }, (_, i) => i);
  assert.deepEqual(heard(a, 'n'), counted);
  assert.deepEqual(heard(b, 'm'), counted);
});

test('each server knows the sockets of both', async () => {
  const a = await person(ours, 'a', 'red');
  const b = await person(node, 'b', 'red');
  for (const sockets of [await node.io.in('red').fetchSockets(), (await ask_ours(a, { to: ['red'], fetch: true })).sockets]) {
    const found = Object.fromEntries(sockets.map((one) => [one.data.name, one]));
    assert.deepEqual(Object.keys(found).sort(), ['a', 'b']);
    assert.equal(found.a.id, a.id);
    assert.deepEqual([...found.a.rooms].sort(), [a.id, 'everybody', 'red'].sort());
    assert.deepEqual([...found.b.rooms].sort(), [b.id, 'everybody', 'red'].sort());
    for (const one of [found.a, found.b]) {
      assert.deepEqual(Object.keys(one.handshake).sort(),
        ['address', 'auth', 'headers', 'issued', 'query', 'secure', 'time', 'url', 'xdomain']);
      assert.equal(one.handshake.query.EIO, '4');
    }
  }
  const { sockets, complete } = await ask_ours(a, { to: ['everybody'], except: ['red'], fetch: true });
  assert.deepEqual([sockets, complete], [[], true]);
  assert.ok([...(await node.io.of('/').adapter.allRooms())].includes(a.id));
});

test('each server moves and disconnects the sockets of both', async () => {
  const a = await person(ours, 'a', 'red');
  const b = await person(node, 'b', 'red');
  const rooms_of = async (name) => (await node.io.in('everybody').fetchSockets()).find((one) => one.data.name === name)?.rooms;
  const both = (check) => wait_for(async () => {
    const rooms = [await rooms_of('a'), await rooms_of('b')];
    return rooms.every(check);
  }, 'both are moved');
  node.io.in('red').socketsJoin('by node');
  await ask_ours(a, { to: ['red'], join: 'by ours' });
  await both((rooms) => [...rooms].includes('by node'));
  await both((rooms) => [...rooms].includes('by ours'));
  node.io.in('red').socketsLeave('by ours');
  await ask_ours(a, { leave: 'by node' });
  await both((rooms) => !['by node', 'by ours'].some((room) => [...rooms].includes(room)));
  await ask_ours(a, { to: [b.id], disconnect: true });
  await wait_for(() => !b.connected, 'b is disconnected by ours');
  node.io.in('red').disconnectSockets();
  await wait_for(() => !a.connected, 'a is disconnected by node');
});

test('servers tell and ask each other', async () => {
  const a = await person(ours, 'a');
  node.io.serverSideEmit('note', 'from node');
  await hears(a, 'noted', 'from node');
  assert.deepEqual(await node.io.serverSideEmitWithAck('sockets'), [1]);
  assert.deepEqual(await node.io.serverSideEmitWithAck('nobody knows this'), [null]);
  const told = within(new Promise((done) => node.io.once('note', done)), 'what ours told');
  await ask_ours(a, { tell: ['note', 'from ours'] });
  assert.equal(await told, 'from ours');
  node.io.on('square', (n, ack) => ack(n * n));
  assert.deepEqual(await ask_ours(a, { consult: ['square', 5] }), { answers: [25], complete: true });
});

test('acknowledgements come from the sockets of both', async () => {
  const a = await person(ours, 'a', 'red');
  const b = await person(node, 'b', 'red');
  await listening('red');
  a.on('q', (n, ack) => ack(`a${n}`));
  b.on('q', (n, ack) => ack(`b${n}`));
  assert.deepEqual((await node.io.to('red').timeout(5000).emitWithAck('q', 1)).sort(), ['a1', 'b1']);
  const [result, ...answers] = await within(
    new Promise((done) => a.emit('do', { to: ['red'], ask: ['q', 2] }, (...got) => done(got))), 'the answers');
  assert.deepEqual(result, { asked: 2 });
  assert.deepEqual(answers.sort(), ['a2', 'b2']);
  assert.deepEqual(await node.io.to('nobody').timeout(5000).emitWithAck('q', 3), []);
  b.off('q');
  const [late, ...some] = await within(
    new Promise((done) => a.emit('do', { to: ['red'], ask: ['q', 4] }, (...got) => done(got))), 'the answers that came');
  assert.deepEqual([late, some], [{ asked: 2 }, ['a4']]);
});

test('a server receives nothing for rooms that nobody on it is in', async () => {
  const a = await person(ours, 'a', 'red');
  await listening('red');
  assert.equal(await subscribers('elsewhere'), 0);
  const before_it = await ours.stats();
  for (let i = 0; i < 50; ++i) emitter.to('elsewhere').emit('e', i);
  emitter.to('red').emit('e', 'the end');
  await hears(a, 'e', 'the end');
  const after_it = await ours.stats();
  assert.equal(after_it.received - before_it.received, 1);
  assert.equal(after_it.unwanted, before_it.unwanted);
  a.disconnect();
  await wait_for(async () => !(await subscribers('red')) && !(await subscribers(a.id)), 'empty rooms are let go of');
});

test('a process of any kind emits to one user, as docs/cluster.md shows', async () => {
  const page = readFileSync(join(root, 'docs/cluster.md'), 'utf8');
  const found = /<!-- example: emit\.mjs -->\n```js\n([\s\S]*?)\n```/.exec(page);
  assert.ok(found, 'docs/cluster.md has no example emit.mjs');
  const folder = temporary_folder();
  mkdirSync(folder, { recursive: true });
  symlinkSync(join(root, 'tests/node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, 'emit.mjs'), found[1]);
  const { announce } = await import(pathToFileURL(join(folder, 'emit.mjs')));
  const a = await member(ours, '/dashboard', 'a', 'user:42');
  const b = await member(ours, '/dashboard', 'b', 'user:43');
  const channel = 'socket.io#/dashboard#user:42#';
  await wait_for(async () => (await emitter.redisClient.pubSubNumSub([channel]))[channel] === 1, 'the room is listened to');
  await announce(redis.url, '42', { text: 'hello' });
  await wait_for(() => heard(a, 'announcement').length === 1, 'the announcement');
  assert.deepEqual(heard(a, 'announcement'), [{ text: 'hello' }]);
  await call(b, 'join', 'another');
  assert.deepEqual(heard(b, 'announcement'), []);
});

test('without Redis each server serves its own, and they find each other again', async () => {
  const a = await person(ours, 'a', 'red');
  const b = await person(node, 'b', 'red');
  await listening('red');
  await redis.kill();
  await wait_for(async () => {
    await ask_ours(a, { to: ['red'], emit: ['e', 'alone'] });
    return (await ours.stats()).unpublished > 0;
  }, 'ours knows that Redis is gone');
  await hears(a, 'e', 'alone');
  await ask_ours(a, { to: ['red'], join: 'green' });
  await ask_ours(a, { to: ['green'], emit: ['e', 'moved'] });
  await hears(a, 'e', 'moved');
  const { sockets, complete } = await ask_ours(a, { fetch: true });
  assert.deepEqual([sockets.map((one) => one.id), complete], [[a.id], false]);

  await redis.start();
  await wait_for(async () => {
    node.io.to('red').emit('e', 'together');
    return heard(a, 'e').includes('together');
  }, 'ours hears node again', 20_000);
  await wait_for(async () => {
    await ask_ours(a, { to: ['green', 'red'], emit: ['e', 'again'] });
    return heard(b, 'e').includes('again');
  }, 'node hears ours again', 20_000);
});
