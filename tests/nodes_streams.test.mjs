// One cluster of two of examples/cluster_server and of a Node server with the stock streams adapter, over a real
// Redis: what goes through the stream, and what is asked beside it.
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { createAdapter } from '@socket.io/redis-streams-adapter';
import { createClient } from 'redis';
import { Server } from 'socket.io';
import { start_redis } from '../deploy/local/backends.mjs';
import { assert, build, client, disconnect_all, Program, wait_for, within } from './harness.mjs';

let redis;
let ours;
let other;
let node;
let prompt;

async function redis_client() {
  const made = createClient({ url: redis.url, socket: { reconnectStrategy: () => 50 } });
  made.on('error', () => {});
  return made.connect();
}

async function start_ours() {
  const server = new Program(join(build, 'examples/cluster_server'), ['--port', '0', '--redis', redis.url, '--adapter', 'streams']);
  const [, url] = await server.line(/listening on (http:\/\/\S+)/);
  const stats = async () => (await fetch(`${url}/stats`)).json();
  return Object.assign(server, { url, stats });
}

// A Node server with the events of examples/cluster_server that the tests use on both sides.
async function start_node() {
  const made = await redis_client();
  const http = createServer();
  const io = new Server(http, { adapter: createAdapter(made, { blockTimeInMs: 200 }) });
  io.on('connection', (socket) => {
    socket.data.name = socket.handshake.auth.name;
    socket.on('join', async (...args) => { const ack = args.pop(); await socket.join(args); ack(); });
    socket.on('say', (room, ...args) => socket.to(room).emit('said', ...args));
  });
  await new Promise((done) => http.listen(0, '127.0.0.1', done));
  return {
    io,
    url: `http://127.0.0.1:${http.address().port}`,
    stop: async () => {
      await new Promise((done) => io.close(done));
      await made.disconnect();
    },
  };
}

// A client of a server, in rooms.
async function person(server, name, ...rooms) {
  const socket = client(server, { nsp: '/', auth: { name } });
  await within(new Promise((done) => socket.once('connect', done)), `${name} connects`);
  await call(socket, 'join', 'everybody', ...rooms);
  return socket;
}

const call = (socket, ...args) => within(new Promise((done) => socket.emit(...args, done)), `an answer to ${args[0]}`);
const ask_ours = (socket, wish, ...rest) => call(socket, 'do', wish, ...rest);
const heard = (socket, event) => socket.received.filter((one) => one.event === event).map((one) => one.payload);
const hears = (socket, event, payload, bound) =>
  wait_for(() => heard(socket, event).includes(payload), () => `${event} ${payload}: ${JSON.stringify(socket.received)}`, bound);

// Each server reads the stream, and hears what is said beside it.
const joined = () =>
  wait_for(async () => {
    const { 'socket.io#/#': servers } = await prompt.pubSubNumSub('socket.io#/#');
    const readers = (await prompt.sendCommand(['CLIENT', 'LIST'])).split('\n').filter((line) => / cmd=xread /.test(line));
    return servers === 3 && readers.length === 3;
  }, 'three servers in the cluster', 20_000);

before(async () => {
  redis = await start_redis();
  prompt = await redis_client();
  [ours, other, node] = await Promise.all([start_ours(), start_ours(), start_node()]);
  await joined();
});
afterEach(disconnect_all);
after(async () => {
  disconnect_all();
  await node?.stop();
  await Promise.all([ours?.stop(), other?.stop()]);
  await prompt?.disconnect();
  await redis?.stop();
});

test('broadcasts reach the sockets of all servers, from each', async () => {
  const a = await person(ours, 'a', 'red');
  const b = await person(node, 'b', 'red');
  const c = await person(other, 'c', 'red');
  await ask_ours(a, { to: ['red'], volatile: true, emit: ['e', 'volatile'] });
  for (const socket of [a, b, c]) await hears(socket, 'e', 'volatile'); // before anything waits for them
  node.io.to('red').emit('e', 'from node');
  node.io.to('red').except(a.id).emit('e', 'not for a');
  node.io.local.emit('e', 'only node');
  await ask_ours(a, { to: ['red'], emit: ['e', 'from ours'] });
  await ask_ours(a, { except: [b.id], emit: ['e', 'not for b'] });
  await ask_ours(a, { to: [b.id, 'nowhere'], emit: ['e', 'for b'] });
  await ask_ours(a, { local: true, emit: ['e', 'only ours'] });
  await ask_ours(c, { emit: ['e', 'the end'] });
  for (const socket of [a, b, c]) await hears(socket, 'e', 'the end');
  assert.deepEqual(heard(a, 'e').sort(), ['from node', 'from ours', 'not for b', 'only ours', 'the end', 'volatile']);
  assert.deepEqual(heard(b, 'e').sort(), ['for b', 'from node', 'from ours', 'not for a', 'only node', 'the end', 'volatile']);
  assert.deepEqual(heard(c, 'e').sort(), ['from node', 'from ours', 'not for a', 'not for b', 'the end', 'volatile']);
  b.emit('say', 'red', 'from b');
  for (const socket of [a, c]) await hears(socket, 'said', 'from b');
});

test('binary, dates and any JSON go both ways', async () => {
  const a = await person(ours, 'a', 'red');
  const b = await person(node, 'b', 'red');
  const said = (socket) => within(new Promise((done) => socket.once('said', (...args) => done(args))), 'what was said');
  const [by_b, by_a] = [said(a), said(b)];
  b.emit('say', 'red', Buffer.from([1, 2]), { deep: [{ bytes: Buffer.from('x') }], n: -1.5, none: null, big: 2 ** 40 });
  a.emit('say', 'red', Buffer.from([3]), { deep: Buffer.from([4]), text: 'ä{' });
  const [bytes, rest] = await by_b;
  assert.deepEqual([...bytes], [1, 2]);
  assert.equal(String(rest.deep[0].bytes), 'x');
  delete rest.deep;
  assert.deepEqual(rest, { n: -1.5, none: null, big: 2 ** 40 });
  const [three, more] = await by_a;
  assert.deepEqual([[...three], [...more.deep], more.text], [[3], [4], 'ä{']);
});

test('all sockets of our servers have one order, and each sender its own everywhere', async () => {
  const people = [await person(ours, 'a', 'red'), await person(other, 'c', 'red'), await person(node, 'b', 'red')];
  const [a, c, b] = people;
  const all = 300;
  for (let i = 0; i < all; ++i) {
    node.io.to('red').emit('n', `node ${i}`);
    a.emit('do', { to: ['red'], emit: ['n', `a ${i}`] });
    c.emit('do', { to: ['red'], emit: ['n', `c ${i}`] });
  }
  for (const socket of people) await wait_for(() => heard(socket, 'n').length === 3 * all, () => `all: ${heard(socket, 'n').length}`);
  assert.deepEqual(heard(a, 'n'), heard(c, 'n'));
  for (const name of ['node', 'a', 'c'])
    assert.deepEqual(heard(b, 'n').filter((one) => one.startsWith(name)), Array.from({ length: all }, (_, i) => `${name} ${i}`));
});

test('each server knows the sockets of all', async () => {
  const a = await person(ours, 'a', 'red');
  const b = await person(node, 'b', 'red');
  await person(other, 'c', 'red');
  for (const sockets of [await node.io.in('red').fetchSockets(), (await ask_ours(a, { to: ['red'], fetch: true })).sockets]) {
    const found = Object.fromEntries(sockets.map((one) => [one.data.name, one]));
    assert.deepEqual(Object.keys(found).sort(), ['a', 'b', 'c']);
    assert.deepEqual([...found.a.rooms].sort(), [a.id, 'everybody', 'red'].sort());
    assert.deepEqual([...found.b.rooms].sort(), [b.id, 'everybody', 'red'].sort());
    for (const one of Object.values(found))
      assert.deepEqual(Object.keys(one.handshake).sort(),
        ['address', 'auth', 'headers', 'issued', 'query', 'secure', 'time', 'url', 'xdomain']);
  }
  const { sockets, complete } = await ask_ours(a, { to: ['everybody'], except: ['red'], fetch: true });
  assert.deepEqual([sockets, complete], [[], true]);
});

test('each server moves and disconnects the sockets of all', async () => {
  const a = await person(ours, 'a', 'red');
  const b = await person(node, 'b', 'red');
  const c = await person(other, 'c', 'red');
  const all = (check) => wait_for(async () => {
    const sockets = await node.io.in('everybody').fetchSockets();
    return sockets.length === 3 && sockets.every((one) => check([...one.rooms]));
  }, 'all are moved');
  node.io.in('red').socketsJoin(['by node', 'too']);
  await ask_ours(a, { to: ['red'], join: 'by ours' });
  await all((rooms) => ['by node', 'too', 'by ours'].every((room) => rooms.includes(room)));
  node.io.in('red').socketsLeave('by ours');
  await ask_ours(a, { leave: 'by node' });
  await all((rooms) => rooms.includes('too') && !rooms.includes('by ours') && !rooms.includes('by node'));
  // A command and an event have one order too.
  await ask_ours(a, { to: ['red'], join: 'late' });
  await ask_ours(a, { to: ['late'], emit: ['e', 'to who came last'] });
  for (const socket of [a, b, c]) await hears(socket, 'e', 'to who came last');
  await ask_ours(a, { to: [b.id], disconnect: true });
  await wait_for(() => !b.connected, 'b is disconnected by ours');
  node.io.in('red').disconnectSockets();
  await wait_for(() => !a.connected && !c.connected, 'a and c are disconnected by node');
});

test('servers tell and ask each other', async () => {
  const a = await person(ours, 'a');
  const c = await person(other, 'c');
  node.io.serverSideEmit('note', 'from node');
  for (const socket of [a, c]) await hears(socket, 'noted', 'from node');
  assert.deepEqual(await node.io.serverSideEmitWithAck('sockets'), [1, 1]);
  assert.deepEqual(await node.io.serverSideEmitWithAck('nobody knows this'), [null, null]);
  const told = within(new Promise((done) => node.io.once('note', done)), 'what ours told');
  await ask_ours(a, { tell: ['note', 'from ours'] });
  assert.equal(await told, 'from ours');
  await hears(c, 'noted', 'from ours');
  node.io.on('sockets', (ack) => ack(7));
  const { answers, complete } = await ask_ours(a, { consult: ['sockets'] });
  assert.deepEqual([answers.sort(), complete], [[1, 7], true]);
  node.io.of('/').removeAllListeners('sockets');
});

test('acknowledgements come from the sockets of all', async () => {
  const people = { a: await person(ours, 'a', 'red'), b: await person(node, 'b', 'red'), c: await person(other, 'c', 'red') };
  for (const [name, socket] of Object.entries(people)) socket.on('q', (n, ack) => ack(`${name}${n}`));
  assert.deepEqual((await node.io.to('red').timeout(5000).emitWithAck('q', 1)).sort(), ['a1', 'b1', 'c1']);
  const ask = (n, to = 'red') => within(
    new Promise((done) => people.a.emit('do', { to: [to], ask: ['q', n] }, (...got) => done(got))), 'the answers');
  const [result, ...answers] = await ask(2);
  assert.deepEqual([result, answers.sort()], [{ asked: 3 }, ['a2', 'b2', 'c2']]);
  assert.deepEqual(await node.io.to('nobody').timeout(5000).emitWithAck('q', 3), []);
  people.b.off('q');
  const [late, ...some] = await ask(4);
  assert.deepEqual([late, some.sort()], [{ asked: 3 }, ['a4', 'c4']]);
});

test('what no adapter of this kind writes is dropped, and what emitters write is taken', async () => {
  const a = await person(ours, 'a', 'red');
  const { invalid } = await ours.stats();
  const data = (packet) => JSON.stringify({ packet, opts: { rooms: ['red'], except: [], flags: {} } });
  const add = (fields) => prompt.xAdd('socket.io', '*', { uid: 'emitter', nsp: '/', ...fields });
  await add({ type: '3', data: 'not base64!' });
  await add({ type: '3', data: '{"packet":{"type":2,"data":["disconnect"]},"opts":{}}' });
  await add({ type: '3', data: `${'{"packet":'.repeat(2000)}` });
  await add({ type: 'three', data: '{}' });
  await add({ type: '1' });
  await prompt.xAdd('socket.io', '*', { something: 'else' });
  await prompt.publish('socket.io#/#', '{"uid":"x"}');
  await prompt.publish('socket.io#/#', 'x');
  await add({ type: '3', data: data({ type: 2, data: ['e', 'of an emitter'], nsp: '/' }) });
  await hears(a, 'e', 'of an emitter');
  await wait_for(async () => (await ours.stats()).invalid === invalid + 7, async () => JSON.stringify(await ours.stats()));
});

test('a connection to Redis that breaks loses nothing', async () => {
  const a = await person(ours, 'a', 'red');
  const b = await person(node, 'b', 'red');
  // Those that read for our servers, wherever they are at the moment.
  const reading = async () => {
    const list = (await prompt.sendCommand(['CLIENT', 'LIST', 'TYPE', 'normal'])).split('\n');
    const found = list.filter((line) => / name=pulseboard-stream /.test(line)).map((line) => /id=(\d+)/.exec(line)[1]);
    return found.length === 2 && found;
  };
  for (let i = 0; i < 400; ++i) {
    node.io.to('red').emit('n', i);
    if (i % 100 === 50)
      for (const id of await wait_for(reading, 'both read'))
        await prompt.sendCommand(['CLIENT', 'KILL', 'ID', id]).catch(() => {});
  }
  await hears(b, 'n', 399);
  await hears(a, 'n', 399, 20_000);
  assert.deepEqual(heard(a, 'n'), Array.from({ length: 400 }, (_, i) => i));
  await joined();
});

test('without Redis each server serves its own, and they find each other again', async () => {
  const a = await person(ours, 'a', 'red');
  const b = await person(node, 'b', 'red');
  const c = await person(other, 'c', 'red');
  const told = ours.stderr.length;
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
  await joined();
  node.io.to('red').emit('e', 'together');
  for (const socket of [a, c]) await hears(socket, 'e', 'together', 20_000);
  // A server says it to its own only until it can write to Redis again.
  await wait_for(async () => {
    await ask_ours(a, { to: ['green', 'red'], emit: ['e', 'again'] });
    return [a, b, c].every((socket) => heard(socket, 'e').includes('again'));
  }, 'all hear ours again', 20_000);
  const lines = ours.stderr.slice(told).split('\n').filter((line) => /\(stream\)/.test(line));
  assert.ok(lines.length >= 2 && lines.length <= 6, lines.join('\n'));
});
