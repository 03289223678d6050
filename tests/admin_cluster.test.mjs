// The admin namespace of a cluster: two nodes of examples/cluster_server and a Node server with the stock
// instrument() of @socket.io/admin-ui, over a real Redis. Whoever signs in at one of them sees all.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import { createAdapter } from '@socket.io/redis-adapter';
import { createClient } from 'redis';
import { Server } from 'socket.io';
import { start_redis } from '../deploy/local/backends.mjs';
import { assert, build, client, disconnect_all, Program, wait_for, within } from './harness.mjs';

const { instrument } = createRequire(import.meta.url)('@socket.io/admin-ui');

let redis;
let one;
let two;
let node;

async function start_ours(name) {
  const server = new Program(join(build, 'examples/cluster_server'),
    ['--port', '0', '--redis', redis.url, '--admin', name]);
  const [, url] = await server.line(/listening on (http:\/\/\S+)/);
  return Object.assign(server, { url });
}

async function start_node() {
  const made = () => createClient({ url: redis.url }).on('error', () => {}).connect();
  const clients = [await made(), await made()];
  const http = createServer();
  const io = new Server(http, { adapter: createAdapter(...clients, { requestsTimeout: 2000 }) });
  instrument(io, { auth: false, mode: 'development', serverId: 'node' });
  await new Promise((done) => http.listen(0, '127.0.0.1', done));
  return {
    io,
    url: `http://127.0.0.1:${http.address().port}`,
    stop: async () => {
      io.of('/admin').emit = () => true; // instrument() would go on, with a Redis that is gone
      await new Promise((done) => io.close(done));
      for (const each of clients) await each.quit();
    },
  };
}

async function connect(server, nsp) {
  const socket = client(server, { nsp });
  socket.told = [];
  socket.onAny((name, ...args) => socket.told.push({ name, args }));
  await within(new Promise((done, fail) => {
    socket.once('connect', done);
    socket.once('connect_error', fail);
  }), 'to connect');
  return socket;
}

const told = (admin, name, wanted) => wait_for(
  () => admin.told.find((each) => each.name === name && wanted(...each.args))?.args,
  () => `${name}; was told ${JSON.stringify(admin.told).slice(0, 3000)}`,
);

before(async () => {
  redis = await start_redis();
  [one, two, node] = await Promise.all([start_ours('one'), start_ours('two'), start_node()]);
  await wait_for(async () => (await node.io.of('/admin').adapter.serverCount()) === 3, 'three servers in the cluster');
});
afterEach(disconnect_all);
after(async () => {
  disconnect_all();
  await node?.stop();
  await one?.stop();
  await two?.stop();
  await redis?.stop();
});

for (const where of ['one', 'node'])
  test(`an admin at ${where} sees every server, and the sockets of all`, async () => {
    const people = await Promise.all([connect(one, '/'), connect(two, '/'), connect(node, '/')]);
    const admin = await connect(where === 'one' ? one : node, '/admin');
    for (const id of ['one', 'two', 'node']) await told(admin, 'server_stats', (stats) => stats.serverId === id);
    const [sockets] = await told(admin, 'all_sockets', () => true);
    for (const { id } of people) {
      const listed = sockets.find((each) => each.id === id);
      assert.ok(listed, JSON.stringify(sockets));
      assert.equal(listed.nsp, '/');
      assert.equal(listed.transport, 'websocket');
      assert.ok(listed.clientId);
      assert.equal(listed.data._admin, undefined);
    }
  });

test('what happens on other nodes is told as it happens, and commands reach them', async () => {
  const admin = await connect(one, '/admin');
  await told(admin, 'config', () => true);
  // By its next sums, a node that is watched has heard of it.
  await told(admin, 'server_stats', (stats) => stats.serverId === 'two');
  await told(admin, 'server_stats', (stats) => stats.serverId === 'node');
  for (const server of [two, node]) {
    const socket = await connect(server, '/');
    await told(admin, 'socket_connected', (each) => each.id === socket.id);
    admin.emit('join', '/', 'a room', socket.id);
    await told(admin, 'room_joined', (nsp, room, id) => room === 'a room' && id === socket.id);
    admin.emit('emit', '/', 'a room', 'hello', 1);
    await wait_for(() => socket.told.some((each) => each.name === 'hello'), 'the event');
    admin.emit('_disconnect', '/', false, socket.id);
    await wait_for(() => !socket.connected, 'the end');
    await told(admin, 'socket_disconnected', (nsp, id, reason) => reason === 'server namespace disconnect');
  }
});
