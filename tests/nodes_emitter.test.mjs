// A process that is no server reaches open dashboards through Redis, with Node's stock emitter.
import { after, before, test } from 'node:test';
import { Emitter } from '@socket.io/redis-emitter';
import { createClient } from 'redis';
import { assert, connected, create_business, start_server, tenant, wait_for } from './harness.mjs';

let server;
let redis;
let emitter;
before(async () => {
  server = await start_server();
  redis = await createClient({ url: server.settings.REDIS_URL }).connect();
  emitter = new Emitter(redis).of('/dashboard');
});
after(async () => {
  await redis?.quit();
  await server?.stop();
});

test('it reaches the dashboards of one user and nobody else\'s', async () => {
  const anna = tenant();
  const socket = await connected(server, { token: anna.token });
  const other = await connected(server, { token: tenant().token });
  const got = [];
  const strays = [];
  socket.on('announcement', (value) => got.push(value));
  other.on('announcement', (value) => strays.push(value));
  // The room's channel is subscribed to once somebody is in it; how soon cannot be seen from outside.
  let sent = 0;
  await wait_for(() => {
    emitter.to(`user:${anna.id}`).emit('announcement', { text: 'hello', number: ++sent });
    return got.length > 0;
  }, 'the announcement');
  assert.equal(got[0].text, 'hello');
  assert.deepEqual(strays, []);
  socket.close();
  other.close();
});

test('the dashboard\'s own events are not sent through Redis a second time', async () => {
  const anna = tenant();
  const nodes = [server, await start_server({ settings: server.settings })];
  const sockets = await Promise.all(nodes.map((node) => connected(node, { token: anna.token })));
  const got = sockets.map(() => []);
  sockets.forEach((socket, i) => socket.on('business:created', ({ business }) => got[i].push(business.name)));
  const names = ['one', 'two', 'three'];
  for (const name of names) await create_business(server, anna, { name });
  // Each node reads the log itself; a copy through Redis would stand beside or behind what is expected.
  await wait_for(() => got.every((list) => list.includes('three')), 'the last of them on both nodes');
  assert.deepEqual(got, [names, names]);
  for (const socket of sockets) socket.close();
  await nodes[1].stop();
});
