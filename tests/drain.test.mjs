// Ending and starting: SIGTERM, a taken port, a database that is not there.
import { createServer } from 'node:net';
import { after, afterEach, describe, test } from 'node:test';
import {
  assert, connected, create_business, disconnect_all, once, Program, program, run_program, secret, sql, start_server, temporary_folder,
  tenant, uuid, wait_for, within,
} from './harness.mjs';
import { close_all_raw, Connection, exchange, head_of, upgraded } from './raw.mjs';

afterEach(() => {
  disconnect_all();
  close_all_raw();
});

describe('on SIGTERM', () => {
  test('clients get transport close, so that they come back by themselves', async () => {
    const server = await start_server();
    const who = tenant();
    const sockets = await Promise.all(['websocket', 'polling', 'upgrade'].map((transport) =>
      connected(server, { token: who.token, transport })));
    const reasons = sockets.map((socket) => once(socket, 'disconnect'));
    await server.stop();
    for (const [reason] of await within(Promise.all(reasons), 'the end of every socket'))
      assert.match(reason, /^transport (close|error)$/);
  });

  test('a request that has begun is answered', async () => {
    const server = await start_server();
    const who = tenant();
    const body = JSON.stringify({ name: 'Last order', category: 'food' });
    const connection = new Connection(server.port).write(head_of('POST', '/api/businesses', {
      Authorization: `Bearer ${who.token}`, 'Content-Type': 'application/json', 'Content-Length': body.length,
    }) + body.slice(0, 5));
    // Its head has been read when a later request on another connection is answered.
    await exchange(server.port, head_of('GET', '/health'));
    await exchange(server.port, head_of('GET', '/health'));
    server.child.kill('SIGTERM');
    connection.write(body.slice(5));
    assert.equal((await connection.response()).status, 201);
    await connection.closed();
    const name = await within(server.exited, 'the end', 20_000).then(() => sql(server.database, 'SELECT name FROM businesses;'));
    assert.equal(name, 'Last order');
    await server.stop();
  });

  test('idle connections do not hold it up, and nobody new is let in', async () => {
    const server = await start_server();
    const idle = new Connection(server.port).write(head_of('GET', '/health'));
    assert.equal((await idle.response()).status, 200);
    const started = Date.now();
    await server.stop(10_000);
    assert.ok(Date.now() - started < 10_000);
    await idle.closed();
    const late = new Connection(server.port);
    await late.closed();
    assert.equal(late.received.length, 0);
  });

  test('sockets are closed first; until they are, /ready is answered, with 503, also to who comes new', async () => {
    const server = await start_server();
    const ready = () => exchange(server.port, head_of('GET', '/ready'));
    assert.equal((await ready()).status, 200);
    const who = tenant();
    const socket = await connected(server, { token: who.token });
    const gone = once(socket, 'disconnect');
    // A peer that leaves the server's close unanswered: waiting for it keeps the drain in its first part.
    const silent = await upgraded(server.port, '/socket.io/?EIO=4&transport=websocket');
    await wait_for(() => silent.received.length > 0, 'the handshake');
    server.child.kill('SIGTERM');
    const [reason] = await within(gone, 'the end of the socket');
    assert.match(reason, /^transport (close|error)$/);
    const answer = await ready();
    assert.equal(answer.status, 503);
    assert.match(answer.headers['retry-after'], /^\d+$/);
    assert.equal((await exchange(server.port, head_of('GET', '/health'))).status, 200);
    silent.socket.destroy();
    assert.deepEqual(await within(server.exited, 'the end', 20_000), { code: 0, signal: null }, server.said());
    const late = new Connection(server.port);
    await late.closed();
    assert.equal(late.received.length, 0);
  });

  test('SIGINT does the same', async () => {
    const server = await start_server();
    server.child.kill('SIGINT');
    assert.deepEqual(await within(server.exited, 'the end', 20_000), { code: 0, signal: null }, server.said());
    await server.stop();
  });

  test('writes that were answered are there afterwards', async () => {
    const server = await start_server();
    const who = tenant();
    const names = [];
    for (let i = 0; i < 20; ++i) names.push((await create_business(server, who, { name: `Kept ${i}` })).name);
    server.child.kill('SIGKILL');   // not even a goodbye
    await within(server.exited, 'the end');
    assert.deepEqual(sql(server.database, 'SELECT name FROM businesses ORDER BY name;').split('\n'), [...names].sort());
    const again = await start_server({ settings: server.settings });
    await again.stop();
  });
});

const start = (env, args = ['serve']) => new Program(program, args, {
  cwd: temporary_folder(),
  env: { PORT: '0', ADMIN_PORT: '0', JWT_SECRET: secret, DATABASE_URL: 'sqlite:test.db', ...env },
});

async function assert_refuses_to_start(env, code, says) {
  const child = start(env);
  const exit = await within(child.exited, 'the program gives up', 20_000);
  child.assert_clean();
  assert.equal(exit.code, code, child.said());
  assert.match(child.stderr, says);
  assert.doesNotMatch(child.stdout, /listening on/);
}

describe('starting', () => {
  const taken = createServer();
  after(() => taken.close());

  test('on a taken port: exit 1 and a line that names it', async () => {
    taken.listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address();
    await assert_refuses_to_start({ PORT: String(port) }, 1, new RegExp(String(port)));
  });

  test('on the port of another pulseboard: exit 1, not half of its connections', async () => {
    const server = await start_server();
    await assert_refuses_to_start({ PORT: String(server.port) }, 1, new RegExp(String(server.port)));
    await server.stop();
  });

  test('with a taken ADMIN_PORT: a warning, and on without', async () => {
    taken.listening || (taken.listen(0, '127.0.0.1'), await once(taken, 'listening'));
    const child = start({ ADMIN_PORT: String(taken.address().port) });
    await child.line(/listening on/);
    await wait_for(() => /ADMIN_PORT|admin|metrics/i.test(child.stderr + child.stdout), 'a warning');
    await child.stop();
  });

  test('without JWT_SECRET: exit 2 and its name', async () => {
    await assert_refuses_to_start({ JWT_SECRET: '' }, 2, /JWT_SECRET/);
  });

  test('with a short JWT_SECRET: a warning, and on', async () => {
    const child = start({ JWT_SECRET: 'hush-hush' });
    await child.line(/listening on/);
    assert.match(child.stderr + child.stdout, /JWT_SECRET/);
    assert.doesNotMatch(child.stderr + child.stdout, /hush-hush/);
    await child.stop();
  });

  test('with a database that cannot be opened: exit 1 and its path', async () => {
    await assert_refuses_to_start({ DATABASE_URL: 'sqlite:/nowhere/at/all.db' }, 1, /nowhere/);
  });

  test('with a URL that cannot be one: exit 2', async () => {
    await assert_refuses_to_start({ DATABASE_URL: 'postgresql://localhost/x?sslmod=require' }, 2, /DATABASE_URL/);
    await assert_refuses_to_start({ REDIS_URL: 'rediss://localhost' }, 2, /REDIS_URL/);
  });

  test('with AUTO_MIGRATE=false it is not ready until somebody has migrated', async () => {
    const server = await start_server({ env: { AUTO_MIGRATE: 'false' } });
    const ready = async () => (await fetch(`${server.url}/ready`)).status;
    assert.equal(await ready(), 503);
    assert.equal((await fetch(`${server.url}/health`)).status, 200);
    assert.equal(run_program(['migrate'], { env: server.settings }).code, 0);
    await wait_for(async () => (await ready()) === 200, 'ready');
    const who = tenant();
    await create_business(server, who);
    const socket = await connected(server, { token: who.token });
    await create_business(server, who);
    await wait_for(() => socket.received.some((r) => r.event === 'business:created'), 'the feed has begun too');
    disconnect_all();
    await server.stop();
  });

  test('a token never reaches the log', async () => {
    const server = await start_server({ env: { LOG_LEVEL: 'debug' } });
    const who = tenant();
    const unknown = uuid();
    await connected(server, { token: who.token });
    await connected(server, { query: { token: who.token } });
    await fetch(`${server.url}/api/nothing?token=${who.token}`, { headers: { cookie: `accessToken=${who.token}` } });
    await fetch(`${server.url}/api/businesses/${unknown}`, { headers: { authorization: `Bearer ${who.token}` } });
    disconnect_all();
    await server.stop();
    const log = server.stdout + server.stderr;
    assert.ok(!log.includes(who.token.split('.')[2]), 'the token is in the log');
    assert.ok(!log.includes(secret), 'the secret is in the log');
  });
});
