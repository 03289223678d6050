// Clients of a cluster over a Redis stream come back to any node, ours or Node's, and get what they missed.
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { createAdapter } from '@socket.io/redis-streams-adapter';
import { createClient } from 'redis';
import { io } from 'socket.io-client';
import { Server } from 'socket.io';
import { start_redis } from '../deploy/local/backends.mjs';
import { assert, build, disconnect_all, Program, wait_for, within } from './harness.mjs';

let redis;
let prompt;
const servers = {};

async function redis_client() {
  const made = createClient({ url: redis.url, socket: { reconnectStrategy: () => 50 } });
  made.on('error', () => {});
  return made.connect();
}

async function start_ours() {
  const server = new Program(join(build, 'examples/cluster_server'),
    ['--port', '0', '--redis', redis.url, '--adapter', 'streams', '--away', '60']);
  const [, url] = await server.line(/listening on (http:\/\/\S+)/);
  return Object.assign(server, { url, stats: async () => (await fetch(`${url}/stats`)).json() });
}

async function start_node() {
  const made = await redis_client();
  const http = createServer();
  const server = new Server(http, { adapter: createAdapter(made, { blockTimeInMs: 200 }), connectionStateRecovery: {} });
  server.on('connection', (socket) => {
    if (!socket.recovered) socket.data.name = socket.handshake.auth.name;
    socket.on('join', async (...args) => { const ack = args.pop(); await socket.join(args); ack(); });
    socket.on('rooms', (ack) => ack([...socket.rooms]));
  });
  await new Promise((done) => http.listen(0, '127.0.0.1', done));
  return {
    io: server,
    url: `http://127.0.0.1:${http.address().port}`,
    stop: async () => {
      await new Promise((done) => server.close(done));
      await made.disconnect();
    },
  };
}

const people = new Set();

// A stock client, which is led to another server when it comes back.
async function person(server, name, ...rooms) {
  const socket = io(server.url, {
    forceNew: true, transports: ['websocket'], auth: { name },
    reconnectionDelay: 10, reconnectionDelayMax: 50, randomizationFactor: 0,
  });
  people.add(socket);
  socket.heard = [];
  socket.returns = [];
  socket.on('connect', () => socket.returns.push(socket.recovered));
  socket.onAny((event, payload) => socket.heard.push(payload));
  await wait_for(() => socket.connected, `${name} connects`);
  if (rooms.length) await call(socket, 'join', ...rooms);
  return socket;
}

const call = (socket, ...args) => within(new Promise((done) => socket.emit(...args, done)), `an answer to ${args[0]}`);
const hears = (socket, ...all) =>
  wait_for(() => socket.heard.length >= all.length, () => JSON.stringify(socket.heard)).then(() => assert.deepEqual(socket.heard, all));
// Somebody of our first server says something to all servers.
const emit = (who, rooms, ...event) => call(who, 'do', { to: rooms, emit: event });

// The client's connection breaks, and it comes back there. Gives whether it was recovered.
async function moves(socket, server, meanwhile) {
  const times = socket.returns.length;
  socket.io.reconnection(false);
  socket.io.engine.close();
  await wait_for(() => !socket.connected, 'the client notices');
  await meanwhile?.();
  socket.io.uri = server.url;
  socket.io.reconnection(true);
  socket.connect();
  await wait_for(() => socket.returns.length > times, 'the client comes back');
  return socket.returns.at(-1);
}

// Servers save a session when they notice that its client is gone.
const saved = (n = 1) => wait_for(async () => (await prompt.keys('sio:session:*')).length === n, 'the session is saved');
const reading = (n) =>
  wait_for(async () => (await prompt.sendCommand(['CLIENT', 'LIST'])).split('\n').filter((line) => / cmd=xread /.test(line)).length === n,
    `${n} servers read`, 20_000);

before(async () => {
  redis = await start_redis();
  prompt = await redis_client();
  [servers.ours, servers.other, servers.node] = await Promise.all([start_ours(), start_ours(), start_node()]);
  await reading(3);
});
afterEach(async () => {
  for (const socket of people) socket.disconnect();
  people.clear();
  disconnect_all();
  await prompt.del([...(await prompt.keys('sio:session:*')), 'none']);
});
after(async () => {
  await servers.node?.stop();
  await Promise.all([servers.ours?.stop(), servers.other?.stop()]);
  await prompt?.disconnect();
  await redis?.stop();
});

// Which pairs of servers a client may come and go between; Node's own rules hold at Node's.
for (const [from, to] of [['ours', 'ours'], ['ours', 'other'], ['ours', 'node'], ['node', 'ours'], ['node', 'other']]) {
  test(`from ${from} to ${to}: rooms, data and id are kept, and what was missed comes once and in order`, async () => {
    const speaker = await person(servers.ours, 'speaker');
    const a = await person(servers[from], 'a', 'red', 'blue');
    const { id } = a;
    await emit(speaker, ['red'], 'e', 'before');
    await hears(a, 'before');
    assert.equal(await moves(a, servers[to], async () => {
      await saved();
      await emit(speaker, ['red'], 'e', 'missed 1');
      servers.node.io.to(['red', 'blue']).emit('e', 'missed 2');
      await emit(speaker, ['green'], 'e', 'for others');
      await call(speaker, 'do', { except: ['blue'], emit: ['e', 'not for blue'] });
      servers.node.io.of('/another').emit('e', 'elsewhere');
      servers.node.io.to('red').emit('e', Buffer.from([1, 2]));
      await emit(speaker, [id], 'e', 'to its id');
      await wait_for(async () => (await prompt.xRevRange('socket.io', '+', '-', { COUNT: 9 })).some((one) => one.message.data?.includes('to its id')), 'all is said');
    }), true);
    await emit(speaker, ['blue'], 'e', 'after');
    await wait_for(() => a.heard.includes('after'), () => JSON.stringify(a.heard));
    assert.equal(a.id, id);
    // Two senders that are not on one server have no order between them until the stream gives them one.
    assert.deepEqual(new Set(a.heard.map(String)), new Set(['before', 'missed 1', 'missed 2', '\x01\x02', 'to its id', 'after']));
    assert.equal(a.heard.length, 6);
    const found = (await servers.node.io.in(id).fetchSockets())[0];
    assert.deepEqual([[...found.rooms].sort(), found.data.name], [[id, 'blue', 'red'].sort(), 'a']);
  });
}

test('there and back again, with something to catch up each time', async () => {
  const speaker = await person(servers.ours, 'speaker');
  const a = await person(servers.ours, 'a', 'red');
  const said = [];
  const say = async (what) => { said.push(what); await emit(speaker, ['red'], 'e', what); };
  await say('first');
  await hears(a, ...said);
  for (const [i, to] of ['other', 'node', 'ours', 'node', 'other', 'ours'].entries()) {
    assert.equal(await moves(a, servers[to], async () => { await saved(); await say(`away ${i}`); }), true, `to ${to}`);
    await say(`there ${i}`);
    await hears(a, ...said);
  }
});

test('a quiet client is recovered: before its first event, and after its last one has left the stream', async () => {
  const speaker = await person(servers.ours, 'speaker');
  const a = await person(servers.ours, 'a', 'red');
  assert.equal(await moves(a, servers.other, async () => { await saved(); await emit(speaker, ['red'], 'e', 'first'); }), true);
  await hears(a, 'first');
  for (let i = 0; i < 30; ++i) await emit(speaker, ['elsewhere'], 'e', i);
  await prompt.sendCommand(['XTRIM', 'socket.io', 'MAXLEN', '10']);
  assert.equal(await moves(a, servers.ours, async () => { await saved(); await emit(speaker, ['red'], 'e', 'second'); }), true);
  await hears(a, 'first', 'second');
});

test('an event without an offset does not spoil it', async () => {
  const speaker = await person(servers.ours, 'speaker');
  const a = await person(servers.ours, 'a', 'red');
  await emit(speaker, ['red'], 'e', 'one');
  await call(speaker, 'do', { to: ['red'], volatile: true, emit: ['e', 'volatile'] });
  await call(speaker, 'do', { to: ['red'], local: true, emit: ['e', 'local'] });
  await wait_for(() => a.heard.length >= 3, () => JSON.stringify(a.heard));
  assert.equal(await moves(a, servers.other, async () => { await saved(); await emit(speaker, ['red'], 'e', 'missed'); }), true);
  await wait_for(() => a.heard.length >= 4, () => JSON.stringify(a.heard));
  assert.deepEqual(a.heard.sort(), ['local', 'missed', 'one', 'volatile']);
});

test('a session is restored once, and not for a made-up one', async () => {
  const speaker = await person(servers.ours, 'speaker');
  const a = await person(servers.ours, 'a', 'red');
  await emit(speaker, ['red'], 'e', 'one');
  await hears(a, 'one');
  const key = async () => (await prompt.keys('sio:session:*'))[0];
  let session;
  assert.equal(await moves(a, servers.other, async () => {
    await saved();
    session = await prompt.get(await key());
    assert.ok((await prompt.pTTL(await key())) > 50_000);
  }), true);
  assert.equal(await key(), undefined);
  // The same again, with what is not a session any more.
  assert.equal(await moves(a, servers.ours, async () => { await saved(); await prompt.set(await key(), 'AAAA'); }), false);
  await prompt.del(await key());
  assert.equal(await moves(a, servers.ours, async () => { await saved(); await prompt.set(await key(), `${session}!`); }), false);
  // What an earlier session got is no offset of this one: nothing comes twice.
  assert.deepEqual(a.heard, ['one']);
});

test('who stayed away until the stream had lost what came meanwhile begins anew', async () => {
  const speaker = await person(servers.ours, 'speaker');
  const a = await person(servers.ours, 'a', 'red');
  await emit(speaker, ['red'], 'e', 'one');
  await hears(a, 'one');
  const fresh = await start_ours(); // has nothing at hand
  try {
    await reading(4);
    const away = async () => {
      await saved();
      for (let i = 0; i < 20; ++i) await emit(speaker, ['red'], 'e', i);
    };
    assert.equal(await moves(a, fresh, async () => { await away(); }), true);
    await wait_for(() => a.heard.length === 21, 'all');
    const last = await start_ours();
    try {
      await reading(5);
      assert.equal(await moves(a, last, async () => {
        await away();
        await last.stop();
        servers.last = await start_ours();
        await prompt.sendCommand(['XTRIM', 'socket.io', 'MAXLEN', '5']);
        last.url = servers.last.url;
        await reading(5);
      }), false);
    } finally {
      await servers.last?.stop();
      delete servers.last;
    }
  } finally {
    await fresh.stop();
  }
});

test('a server that was not there when it was said recovers from the stream', async () => {
  const speaker = await person(servers.ours, 'speaker');
  const crowd = await Promise.all(Array.from({ length: 20 }, (_, i) => person(servers.ours, `a${i}`, 'red')));
  await emit(speaker, ['red'], 'e', 'before');
  for (const one of crowd) await hears(one, 'before');
  let fresh;
  const back = (async () => {
    for (const one of crowd) { one.io.reconnection(false); one.io.engine.close(); }
    await saved(crowd.length);
    for (let i = 0; i < 1200; ++i) speaker.emit('do', { to: [i % 100 ? 'elsewhere' : 'red'], emit: ['e', i] }, () => {});
    await emit(speaker, ['red'], 'e', 'last');
    fresh = await start_ours();
    await reading(4);
    for (const one of crowd) { one.io.uri = fresh.url; one.io.reconnection(true); one.connect(); }
  })();
  await back;
  try {
    for (const one of crowd) await hears(one, 'before', ...Array.from({ length: 12 }, (_, i) => i * 100), 'last');
    assert.ok(crowd.every((one) => one.recovered));
    assert.ok((await fresh.stats()).from_redis <= 3, JSON.stringify(await fresh.stats())); // read once for all
  } finally {
    for (const one of crowd) one.disconnect();
    await fresh.stop();
  }
});

test('in the middle of traffic nothing is missed and nothing comes twice', async () => {
  const speaker = await person(servers.ours, 'speaker');
  const a = await person(servers.ours, 'a', 'red');
  let n = 0;
  let ended = false;
  const talking = (async () => {
    while (!ended) {
      await emit(speaker, ['red'], 'n', n++);
      if (n % 7 === 0) servers.node.io.to('red').emit('x', `node ${n}`);
    }
  })();
  for (const to of ['other', 'ours', 'other', 'ours', 'other', 'ours'])
    assert.equal(await moves(a, servers[to], () => saved()), true);
  ended = true;
  await talking;
  const numbers = () => a.heard.filter((one) => typeof one === 'number');
  await wait_for(() => numbers().at(-1) === n - 1, () => `${numbers().at(-1)} of ${n}`);
  assert.deepEqual(numbers(), Array.from({ length: n }, (_, i) => i));
  const words = a.heard.filter((one) => typeof one === 'string');
  assert.deepEqual(words, [...new Set(words)]);
});

test('Redis is killed and comes back empty: clients begin anew, and are recovered again later', async () => {
  const speaker = await person(servers.ours, 'speaker');
  const a = await person(servers.ours, 'a', 'red');
  await emit(speaker, ['red'], 'e', 'one');
  await hears(a, 'one');
  await redis.kill();
  assert.equal(await moves(a, servers.other), false);
  await redis.start();
  await reading(3);
  await call(a, 'join', 'red');
  // A server says it to its own only until it can write to Redis again.
  await wait_for(async () => { await emit(speaker, ['red'], 'e', 'back'); return a.heard.includes('back'); }, 'both are back', 20_000);
  a.heard = a.heard.filter((one) => one !== 'back');
  await emit(speaker, ['red'], 'e', 'two');
  await wait_for(() => a.heard.includes('two'), 'it goes on');
  assert.equal(await moves(a, servers.ours, async () => { await saved(); await emit(speaker, ['red'], 'e', 'three'); }), true);
  await wait_for(() => a.heard.includes('three'), 'what was missed');
  assert.deepEqual(a.heard.filter((one) => one !== 'back'), ['one', 'two', 'three']);
});
