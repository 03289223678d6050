// The admin namespace of the Socket.IO library, against examples/admin: the stock client plays the part of
// @socket.io/admin-ui (its protocol: socket.io/docs/v4/admin-ui).
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { assert, build, client, disconnect_all, Program, wait_for, within } from './harness.mjs';

const credentials = { username: 'admin', password: 'the password of the tests' };

async function start_chat(...options) {
  const program = new Program(join(build, 'examples/admin'),
    ['--port', '0', '--password', credentials.password, ...options]);
  const [, url] = await program.line(/listening on (http:\/\/127\.0\.0\.1:\d+)/);
  return Object.assign(program, { url });
}

async function sign_in(server, auth = credentials) {
  const admin = client(server, { nsp: '/admin', auth });
  admin.told = [];
  admin.onAny((name, ...args) => admin.told.push({ name, args }));
  await within(new Promise((done, fail) => {
    admin.once('connect', done);
    admin.once('connect_error', fail);
  }), 'to sign in');
  return admin;
}

async function chat(server, options = {}) {
  const socket = client(server, { nsp: '/', ...options });
  await within(new Promise((done, fail) => {
    socket.once('connect', done);
    socket.once('connect_error', fail);
  }), 'to connect');
  return socket;
}

const told = (admin, name, wanted = () => true) => wait_for(
  () => admin.told.find((one) => one.name === name && wanted(...one.args))?.args,
  () => `${name}; was told ${JSON.stringify(admin.told).slice(0, 3000)}`,
);

const is_now = (timestamp) => assert.ok(Math.abs(Date.parse(timestamp) - Date.now()) < 60_000, timestamp);

afterEach(() => disconnect_all());

describe('in development mode', () => {
  let server;
  before(async () => { server = await start_chat('--development'); });
  after(() => server?.stop());

  test('who signs in is given a session, the features, the sums and all sockets', async () => {
    const socket = await chat(server, { transport: 'polling', query: { token: 'secret' }, auth: { token: 'secret' } });
    await socket.emitWithAck('enter', 'room');
    const admin = await sign_in(server);
    const [session] = await told(admin, 'session');
    assert.equal(typeof session, 'string');
    const [config] = await told(admin, 'config');
    assert.deepEqual(config, { supportedFeatures: [
      'EMIT', 'JOIN', 'LEAVE', 'DISCONNECT', 'MJOIN', 'MLEAVE', 'MDISCONNECT', 'AGGREGATED_EVENTS', 'ALL_EVENTS',
    ] });
    const [stats] = await told(admin, 'server_stats');
    assert.equal(stats.pid, server.child.pid);
    assert.equal(stats.serverId, `${stats.hostname}#${stats.pid}`);
    assert.equal(stats.clientsCount, 2);
    assert.equal(stats.pollingClientsCount, 1);
    assert.ok(stats.uptime > 0 && stats.uptime < 600);
    assert.deepEqual(stats.namespaces, [{ name: '/', socketsCount: 1 }, { name: '/admin', socketsCount: 1 }]);
    const [sockets] = await told(admin, 'all_sockets');
    const listed = sockets.find((one) => one.id === socket.id);
    assert.equal(listed.nsp, '/');
    assert.equal(listed.transport, 'polling');
    assert.match(listed.clientId, /^[0-9a-f]{16}$/);
    assert.deepEqual(listed.data, {});
    assert.deepEqual(listed.rooms.sort(), [socket.id, 'room'].sort());
    assert.equal(listed.handshake.address, '127.0.0.1');
    assert.equal(listed.handshake.secure, false);
    assert.ok(Math.abs(listed.handshake.issued - Date.now()) < 60_000);
    assert.ok(!JSON.stringify(sockets).includes('secret'), 'tokens stay where they are');
    assert.ok(!JSON.stringify(sockets).includes(credentials.password));
    const [later] = await told(admin, 'server_stats', (one) => one.aggregatedEvents.length > 0);
    for (const { timestamp, type, count } of later.aggregatedEvents) {
      assert.match(type, /^(rawConnection|rawDisconnection|packetsIn|packetsOut|bytesIn|bytesOut)$/);
      assert.ok(count > 0);
      assert.equal(timestamp % 1000, 0);
    }

    // The session lets in what has no password, and is good for nothing else.
    admin.disconnect();
    const again = await sign_in(server, { sessionId: session });
    await told(again, 'config');
    assert.ok(!again.told.some((one) => one.name === 'session'));
  });

  test('what sockets do is told as it happens', async () => {
    const admin = await sign_in(server);
    await told(admin, 'all_sockets');
    const socket = await chat(server, { transport: 'upgrade' });
    const [connected, at] = await told(admin, 'socket_connected', (one) => one.id === socket.id);
    assert.equal(connected.nsp, '/');
    assert.equal(connected.transport, 'polling');
    is_now(at);
    await told(admin, 'room_joined', (nsp, room, id) => nsp === '/' && room === socket.id && id === socket.id);
    assert.deepEqual(await told(admin, 'socket_updated'), [{ id: socket.id, nsp: '/', transport: 'websocket' }]);

    await socket.emitWithAck('enter', 'lobby');
    const joined = await told(admin, 'room_joined', (nsp, room) => room === 'lobby');
    assert.deepEqual(joined.slice(0, 3), ['/', 'lobby', socket.id]);
    is_now(joined[3]);
    await socket.emitWithAck('say', 'lobby', { text: 'hi', file: Buffer.from('abc') });
    const received = await told(admin, 'event_received', (nsp, id, args) => args[0] === 'say');
    assert.deepEqual(received.slice(0, 3),
      ['/', socket.id, ['say', 'lobby', { text: 'hi', file: '<3 bytes>' }]]);
    is_now(received[3]);
    const sent = await told(admin, 'event_sent');
    assert.deepEqual(sent.slice(0, 3), ['/', socket.id, ['said', { text: 'hi', file: '<3 bytes>' }]]);
    is_now(sent[3]);

    const { id } = socket;
    socket.disconnect();
    const gone = await told(admin, 'socket_disconnected');
    assert.deepEqual(gone.slice(0, 3), ['/', id, 'client namespace disconnect']);
    is_now(gone[3]);
    await told(admin, 'room_left', (nsp, room) => nsp === '/' && room === 'lobby');
    // What is said among admins is not told to them.
    assert.ok(!admin.told.some((one) => one.name.startsWith('event_') && one.args[0] === '/admin'));
  });

  test('an admin can emit, let join and leave, and disconnect', async () => {
    const admin = await sign_in(server);
    const one = await chat(server);
    const two = await chat(server);
    const received = (socket, name) => wait_for(() => socket.received.find((r) => r.event === name), name);
    admin.emit('emit', '/', undefined, 'to all', 1);
    assert.equal((await received(one, 'to all')).payload, 1);
    assert.equal((await received(two, 'to all')).payload, 1);
    admin.emit('join', '/', 'team', one.id);
    await told(admin, 'room_joined', (nsp, room, id) => room === 'team' && id === one.id);
    admin.emit('emit', '/', 'team', 'to the team', Buffer.from('bytes'));
    assert.equal(String((await received(one, 'to the team')).payload), 'bytes');
    admin.emit('leave', '/', 'team');
    await told(admin, 'room_left', (nsp, room, id) => room === 'team' && id === one.id);
    // None of these does anything.
    admin.emit('emit', '/nowhere', null, 'x');
    admin.emit('emit', '/', null, 'disconnect');
    admin.emit('emit', '/', 7, 'nobody', 1);
    admin.emit('emit');
    admin.emit('join', '/', { not: 'a room' });
    admin.emit('_disconnect');
    admin.emit('_disconnect', '/', true, two.id);
    await wait_for(() => !two.connected, 'the second one is disconnected');
    assert.ok(one.connected);
    assert.ok(!one.received.some((r) => ['x', 'nobody'].includes(r.event)));
    assert.ok(!two.received.some((r) => r.event === 'to the team'));
    assert.ok(admin.connected);
  });
});

// One change a second, so that however slow the machine is, a hundred are too many.
describe('in development mode, sparing', () => {
  let server;
  before(async () => { server = await start_chat('--development', '--sparing'); });
  after(() => server?.stop());

  test('what is more than may be told leaves the list complete', async () => {
    const admin = await sign_in(server);
    await told(admin, 'all_sockets');
    const socket = await chat(server);
    const before = admin.told.length;
    for (let i = 0; i < 100; ++i) socket.emit('enter', `room ${i}`);
    await socket.emitWithAck('enter', 'last');
    await wait_for(() => admin.told.slice(before).some(({ name, args }) => name === 'all_sockets'
      && args[0].find((one) => one.id === socket.id)?.rooms.includes('last')), 'all sockets anew', 20_000);
    assert.ok(admin.told.filter((one) => one.name === 'room_joined').length < 100);
    assert.ok(admin.connected);
  });
});

describe('in production mode', () => {
  let server;
  before(async () => { server = await start_chat(); });
  after(() => server?.stop());

  test('an admin is told sums, and nothing of single sockets', async () => {
    const admin = await sign_in(server);
    const [config] = await told(admin, 'config');
    assert.ok(!config.supportedFeatures.includes('ALL_EVENTS'));
    assert.ok(config.supportedFeatures.includes('EMIT'));
    const socket = await chat(server);
    await socket.emitWithAck('enter', 'room');
    await socket.emitWithAck('say', 'room', 'hi');
    const [stats] = await told(admin, 'server_stats', (one) => one.namespaces[0].socketsCount === 1);
    assert.equal(stats.clientsCount, 2);
    const sum = async (type) => {
      const seen = await wait_for(() => admin.told.flatMap((one) => one.name === 'server_stats'
        ? one.args[0].aggregatedEvents.filter((event) => event.type === type) : []).at(0), type);
      return seen.count;
    };
    assert.ok(await sum('rawConnection') >= 1);
    assert.ok(await sum('packetsIn') >= 3);
    assert.ok(await sum('packetsOut') >= 3);
    assert.ok(await sum('bytesIn') >= 10);
    assert.ok(await sum('bytesOut') >= 10);
    socket.io.engine.close();
    await told(admin, 'server_stats',
      (one) => one.aggregatedEvents.some((e) => e.type === 'rawDisconnection' && e.subType === 'transport close'));
    assert.deepEqual([...new Set(admin.told.map((one) => one.name))].sort(), ['config', 'server_stats', 'session']);
  });

  for (const [what, auth] of Object.entries({
    'no credentials': {},
    'a wrong password': { ...credentials, password: 'guessed' },
    'a wrong name': { ...credentials, username: 'root' },
    'no password': { username: 'admin' },
    'a session that nobody gave': { sessionId: 'AAAAAAAAAAAAAAAAAAAA.tlw8zg..aaaaaaaaaaaaaaaaaaaaaaaaaaa' },
    'something else than text': { username: 'admin', password: { toString: 1 }, sessionId: 7 },
  }))
    test(`${what} is refused`, async () => {
      await assert.rejects(sign_in(server, auth), { message: 'invalid credentials' });
    });
});

describe('read only', () => {
  let server;
  before(async () => { server = await start_chat('--development', '--read-only'); });
  after(() => server?.stop());

  test('no command does anything', async () => {
    const admin = await sign_in(server);
    const [config] = await told(admin, 'config');
    assert.deepEqual(config, { supportedFeatures: ['AGGREGATED_EVENTS', 'ALL_EVENTS'] });
    const socket = await chat(server);
    admin.emit('emit', '/', null, 'x');
    admin.emit('join', '/', 'room');
    admin.emit('leave', '/', socket.id);
    admin.emit('_disconnect', '/', true);
    // Two sums later all of it would have happened.
    const from = admin.told.length;
    await wait_for(() => admin.told.slice(from).filter((one) => one.name === 'server_stats').length >= 2, 'sums');
    assert.ok(socket.connected);
    assert.deepEqual(socket.received, []);
    assert.ok(!admin.told.some((one) => one.args[1] === 'room'));
  });
});
