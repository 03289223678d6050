// Who gets a socket, which one, and for how long.
import { after, before, describe, test } from 'node:test';
import {
  assert, client, connected, disconnect_all, event, jwt, refusal, seconds_now, start_server, tenant, token_for, uuid,
  wait_for, within,
} from './harness.mjs';
import { close_all_raw, closed, Connection, head_of, next_message, Polling, refused_websocket, websocket } from './raw.mjs';

let server;
before(async () => { server = await start_server(); });
after(async () => {
  disconnect_all();
  close_all_raw();
  await server?.stop();
});

describe('the token', { concurrency: 4 }, () => {
  test('is taken from the cookie accessToken', async () => {
    const who = tenant();
    await connected(server, { extraHeaders: { cookie: `other=1; accessToken=${who.token}; more=2` } });
  });

  test('is taken from the handshake auth', async () => {
    await connected(server, { token: tenant().token });
  });

  test('is taken from the query', async () => {
    await connected(server, { query: { token: tenant().token } });
  });

  test('in the cookie goes before the one in auth, that before the one in the query', async () => {
    const cookie = (token) => ({ cookie: `accessToken=${token}` });
    const good = tenant().token;
    assert.equal((await refusal(server, { token: good, extraHeaders: cookie('bad') })).message, 'Invalid authentication token');
    assert.equal((await refusal(server, { token: 'bad', query: { token: good } })).message, 'Invalid authentication token');
    await connected(server, { token: 'bad', extraHeaders: cookie(good) });
    await connected(server, { token: good, query: { token: 'bad' } });
  });

  test('names the user by userId before sub', async () => {
    const [id, other] = [uuid(), uuid()];
    const now = seconds_now();
    for (const claims of [{ userId: id, sub: other }, { sub: id }]) {
      const socket = await connected(server, { token: jwt({ ...claims, role: 'tenant', iat: now, exp: now + 600 }) });
      assert.ok(socket.connected);
    }
  });

  test('of a landlord, a broker, a service or an unknown role: Insufficient permissions', async () => {
    for (const role of ['landlord', 'broker', 'service', 'emperor', ''])
      assert.equal((await refusal(server, { token: token_for(uuid(), { role }) })).message, 'Insufficient permissions', role);
  });

  test('of the wrong type: refused, not misread', async () => {
    for (const token of [42, true, {}, ['x'], null]) {
      const { message } = await refusal(server, { token });
      assert.match(message, /^(Authentication token required|Invalid authentication token)$/, JSON.stringify(token));
    }
  });
});

test('every namespace but /dashboard is refused with Invalid namespace', async () => {
  const { token } = tenant();
  for (const nsp of ['', '/admin', '/dashboards', '/dashboard/', '/Dashboard'])
    for (const transport of ['websocket', 'polling'])
      assert.equal((await refusal(server, { token, nsp, transport })).message, 'Invalid namespace', nsp);
  // The client keeps a query for itself, so that one goes by hand.
  const polling = await Polling.open(`${server.url}/socket.io/`);
  await polling.post(`40/dashboard?x=1,${JSON.stringify({ token })}`);
  const seen = await polling.read_until((packet) => packet.startsWith('4'));
  assert.deepEqual(seen, ['44/dashboard?x=1,{"message":"Invalid namespace"}']);
});

test('after a refusal the same connection may try again', async () => {
  const socket = websocket(`${server.url}/socket.io/?EIO=4&transport=websocket`);
  await socket.opened;
  assert.match(await next_message(socket), /^0\{/);
  socket.send('40/dashboard,{"token":"bad"}');
  assert.equal(await next_message(socket), '44/dashboard,{"message":"Invalid authentication token"}');
  socket.send(`40/dashboard,${JSON.stringify({ token: tenant().token })}`);
  assert.match(await next_message(socket), /^40\/dashboard,\{"sid":"[\w-]{20}","pid":"[\w.~-]+"\}$/);
  assert.match(await next_message(socket), /^42\/dashboard,\["kpi:update",\{/);
});

test('the handshake says the contract\'s numbers', async () => {
  const { handshake } = await Polling.open(`${server.url}/socket.io/`);
  assert.deepEqual(
    { ...handshake, sid: undefined },
    { sid: undefined, upgrades: ['websocket'], pingInterval: 25000, pingTimeout: 20000, maxPayload: 1000000 });
  assert.match(handshake.sid, /^[\w-]{20}$/);
});

describe('Origin', () => {
  const own = () => server.url;
  const target = '/socket.io/?EIO=4&transport=';

  test('a foreign one is refused on websocket and on polling', async () => {
    for (const origin of ['http://evil.example', 'null', `${own()}.evil.example`, 'http://127.0.0.1']) {
      const ws = await refused_websocket(`${server.url}${target}websocket`, { headers: { origin } });
      assert.equal(ws.status, 400, origin);
      const polling = await fetch(`${server.url}${target}polling`, { headers: { origin } });
      assert.equal(polling.status, 403, origin);
      assert.equal((await polling.json()).code, 4);
      assert.equal(polling.headers.get('access-control-allow-origin'), null);
    }
  });

  test('our own and none at all are let in', async () => {
    await connected(server, { token: tenant().token, extraHeaders: { origin: own() } });
    await connected(server, { token: tenant().token, transport: 'polling', extraHeaders: { origin: own() } });
  });

  test('those of FRONTEND_URL are let in, with CORS headers that allow credentials', async () => {
    const two = 'http://one.example, https://two.example:8443';
    const fronted = await start_server({ env: { FRONTEND_URL: two } });
    try {
      for (const origin of ['http://one.example', 'https://two.example:8443']) {
        const answer = await fetch(`${fronted.url}${target}polling`, { headers: { origin } });
        assert.equal(answer.status, 200);
        assert.equal(answer.headers.get('access-control-allow-origin'), origin);
        assert.equal(answer.headers.get('access-control-allow-credentials'), 'true');
        assert.match(answer.headers.get('vary') ?? '', /origin/i);
        await connected(fronted, { token: tenant().token, extraHeaders: { origin } });
        const rest = await fetch(`${fronted.url}/api/dashboard/tenant`, { headers: { origin } });
        assert.equal(rest.status, 401);
        assert.equal(rest.headers.get('access-control-allow-origin'), origin);
        assert.equal(rest.headers.get('access-control-allow-credentials'), 'true');
      }
      const origin = 'http://three.example';
      assert.equal((await fetch(`${fronted.url}${target}polling`, { headers: { origin } })).status, 403);
      const rest = await fetch(`${fronted.url}/health`, { headers: { origin } });
      assert.equal(rest.headers.get('access-control-allow-origin'), null);

      for (const path of ['/api/businesses', `${target}polling`]) {
        const preflight = await fetch(`${fronted.url}${path}`, {
          method: 'OPTIONS',
          headers: {
            origin: 'http://one.example', 'access-control-request-method': 'POST',
            'access-control-request-headers': 'content-type',
          },
        });
        assert.equal(preflight.status, 204, path);
        assert.equal(preflight.headers.get('access-control-allow-origin'), 'http://one.example', path);
        assert.match(preflight.headers.get('access-control-allow-methods') ?? '', /POST/, path);
        assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /content-type/i, path);
      }
    } finally {
      disconnect_all();
      await fronted.stop();
    }
  });
});

// The slow ones wait for the server's own clocks; they do it together.
describe('time', { concurrency: 4 }, () => {
  test('a socket is closed within 25 seconds of its token\'s expiry', async () => {
    const { token } = tenant({ ttl: 3 });
    const expires = Date.now() + 3000;
    const sockets = await Promise.all(['websocket', 'polling'].map((transport) => connected(server, { token, transport })));
    for (const socket of sockets) {
      await wait_for(() => !socket.connected, 'the end of a socket whose token expired', 30_000);
      assert.ok(Date.now() >= expires - 1000, 'closed while its token was valid');
    }
  });

  test('a connection that joins no namespace is closed after 10 seconds', async () => {
    const opened = Date.now();
    const socket = websocket(`${server.url}/socket.io/?EIO=4&transport=websocket`);
    await socket.opened;
    await closed(socket, 15_000);
    assert.ok(Date.now() - opened >= 8000, `closed after ${Date.now() - opened} ms`);
  });

  test('a connection that sends no headers, or half of them, is closed after 10 seconds', async () => {
    const opened = Date.now();
    const silent = new Connection(server.port);
    const half = new Connection(server.port).write(head_of('GET', '/health').slice(0, -4));
    await Promise.all([silent.closed(20_000), half.closed(20_000)]);
    assert.ok(Date.now() - opened >= 8000, `closed after ${Date.now() - opened} ms`);
  });

  test('a socket lives on while others come and go', async () => {
    const who = tenant();
    const socket = await connected(server, { token: who.token });
    for (let i = 0; i < 20; ++i) {
      const other = client(server, { token: who.token, transport: i % 2 ? 'polling' : 'websocket' });
      await within(new Promise((done) => other.once('connect', done)), 'connect');
      other.disconnect();
    }
    socket.emit('request:current-state');
    await event(socket, 'reconnected');
  });
});
