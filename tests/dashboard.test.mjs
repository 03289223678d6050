// The dashboard as its users know it: numbers, polling, sign-in to the socket, reconnecting, caching.
import { after, afterEach, before, describe, test } from 'node:test';
import {
  api, assert, connected, create_business, disconnect_all, event, jwt, kpis_of, metric, record, refusal, seconds_now,
  settle, sql, start_server, tenant, uuid, wait_for,
} from './harness.mjs';

let server;
before(async () => { server = await start_server({ admin: true }); });
afterEach(disconnect_all);
after(() => server?.stop());

const dashboard = (who) => api(server, 'GET', '/api/dashboard/tenant', { token: who.token });

test('dashboard data with KPI arithmetic', async () => {
  const who = tenant();
  const first = await create_business(server, who, { name: 'First', status: 'active' });
  const second = await create_business(server, who, { name: 'Second', status: 'stealth_mode' });
  await create_business(server, who, { name: 'Third', status: 'pending_verification' });
  await record(server, first, { view: 120, invite: 10, message: 3, click: 7 });
  await record(server, second, { view: 30, invite: 6, message: 2, decline: 1 });

  const answer = await dashboard(who);
  assert.equal(answer.status, 200);
  assert.equal(answer.body.success, true);
  const { kpis, businesses, total } = answer.body.data;
  assert.deepEqual(Object.keys(answer.body.data).sort(), ['businesses', 'kpis', 'total']);
  // 5 messages to 16 invites: 31.25 %, half rounded up to one decimal.
  assert.deepEqual(kpis, { activeBusinesses: 1, responseRate: 31.3, landlordViews: 150, messagesTotal: 5 });
  assert.equal(total, 3);
  assert.deepEqual(businesses.map((b) => b.name), ['Third', 'Second', 'First']);
  assert.deepEqual(Object.keys(businesses[0]).sort(), [
    'category', 'created_at', 'id', 'is_verified', 'logo_url', 'name', 'status', 'stealth_mode_enabled',
    'updated_at', 'user_id',
  ]);
});

test('the response rate is rounded half up and never above 100', async () => {
  for (const [messages, invites, rate] of [
    [0, 4, 0], [1, 16, 6.3], [1, 3, 33.3], [2, 3, 66.7], [151, 200, 75.5], [1, 1, 100], [9, 4, 100], [7, 0, 0],
    [1, 80, 1.3], [1, 2001, 0], [1999, 2000, 100], [9994, 10000, 99.9],
  ]) {
    const who = tenant();
    const business = await create_business(server, who);
    const counts = { message: messages, invite: invites };
    for (const type of Object.keys(counts)) if (counts[type] === 0) delete counts[type];
    await record(server, business, counts);
    assert.equal((await kpis_of(server, who)).responseRate, rate, `${messages} messages, ${invites} invites`);
  }
});

test('the dashboard lists the first 20 businesses, newest first, and the total', async () => {
  const who = tenant();
  for (let i = 0; i < 23; ++i) await create_business(server, who, { name: `Shop ${i}` });
  const { businesses, total, kpis } = (await dashboard(who)).body.data;
  assert.equal(total, 23);
  assert.equal(kpis.activeBusinesses, 23);
  assert.equal(businesses.length, 20);
  const created = businesses.map((b) => b.created_at);
  assert.deepEqual(created, [...created].sort().reverse());
});

test('KPIs only, for polling', async () => {
  const who = tenant();
  const business = await create_business(server, who);
  await record(server, business, { view: 5, invite: 4, message: 1 });
  const answer = await api(server, 'GET', '/api/dashboard/tenant/kpis', { token: who.token });
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body, {
    success: true,
    data: { activeBusinesses: 1, responseRate: 25, landlordViews: 5, messagesTotal: 1 },
  });
});

test('websocket authentication with a valid token', async () => {
  const who = tenant();
  const socket = await connected(server, { token: who.token });
  assert.equal(socket.connected, true);
  const { kpis, version, timestamp } = socket.received[0].payload;
  assert.deepEqual(kpis, { activeBusinesses: 0, responseRate: 0, landlordViews: 0, messagesTotal: 0 });
  assert.equal(version, 0);
  assert.match(timestamp, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
});

test('refusal without a token', async () => {
  const error = await refusal(server, {});
  assert.equal(error.message, 'Authentication token required');
});

describe('refusal with an invalid token', () => {
  const id = uuid();
  const now = seconds_now();
  const claims = { userId: id, email: 'a@example.org', role: 'tenant', iat: now, exp: now + 600 };
  const without = (name) => Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));
  const refused = {
    'no token at all': 'not-a-token',
    'two parts': 'e30.e30',
    'another secret': jwt(claims, { key: 'another secret, also longer than 32 bytes' }),
    'expired': jwt({ ...claims, exp: now - 1 }),
    'not yet valid': jwt({ ...claims, nbf: now + 60 }),
    'without exp': jwt(without('exp')),
    'without user': jwt(without('userId')),
    'user no UUID': jwt({ ...claims, userId: '42' }),
    'alg none': jwt(claims, { header: { alg: 'none', typ: 'JWT' }, key: null }),
    'alg none, signed': jwt(claims, { header: { alg: 'none', typ: 'JWT' } }),
    'alg in other case': jwt(claims, { header: { alg: 'hs256', typ: 'JWT' } }),
    'alg HS512': jwt(claims, { header: { alg: 'HS512', typ: 'JWT' } }),
    'alg RS256, signed with the secret': jwt(claims, { header: { alg: 'RS256', typ: 'JWT' } }),
    'claims changed': (() => {
      const [head, , signature] = jwt(claims).split('.');
      return `${head}.${Buffer.from(JSON.stringify({ ...claims, userId: uuid() })).toString('base64url')}.${signature}`;
    })(),
  };
  for (const [why, token] of Object.entries(refused)) {
    test(why, async () => {
      assert.equal((await refusal(server, { token })).message, 'Invalid authentication token');
      const answer = await api(server, 'GET', '/api/dashboard/tenant', { token });
      assert.equal(answer.status, 401);
      assert.deepEqual(answer.body, {
        success: false,
        error: { code: 'UNAUTHORIZED', message: 'Invalid or expired access token' },
      });
    });
  }
});

test('the reconnection event', async () => {
  const who = tenant();
  const business = await create_business(server, who, { name: 'Before' });
  const socket = await connected(server, { token: who.token, reconnection: true, reconnectionDelay: 50 });
  // The network goes away under the client; it comes back by itself.
  socket.io.engine.close();
  await wait_for(() => !socket.connected, 'the loss of the connection');
  await record(server, business, { view: 4, invite: 2, message: 1 });
  await wait_for(() => socket.connected, 'the way back');

  const answered = await settle(socket);
  const state = await event(socket, 'reconnected');
  assert.deepEqual(answered, state);
  assert.deepEqual(Object.keys(state).sort(), ['businesses', 'kpis', 'timestamp', 'total', 'version']);
  assert.deepEqual(state.kpis, { activeBusinesses: 1, responseRate: 50, landlordViews: 4, messagesTotal: 1 });
  assert.equal(state.total, 1);
  assert.equal(state.businesses[0].name, 'Before');
  assert.ok(Number.isInteger(state.version) && state.version > 0);
});

test('request:current-state is answered without a callback too', async () => {
  const socket = await connected(server, { token: tenant().token });
  socket.emit('request:current-state');
  const state = await event(socket, 'reconnected');
  assert.deepEqual(state.businesses, []);
  assert.equal(state.total, 0);
});

test('a user without businesses', async () => {
  const who = tenant();
  const zeros = { activeBusinesses: 0, responseRate: 0, landlordViews: 0, messagesTotal: 0 };
  assert.deepEqual((await dashboard(who)).body.data, { kpis: zeros, businesses: [], total: 0 });
  assert.deepEqual(await kpis_of(server, who), zeros);
});

describe('caching', () => {
  const reads = () => metric(server, 'pulseboard_store_reads_total');

  test('a second read does not touch the database', async () => {
    const who = tenant();
    await create_business(server, who);
    await kpis_of(server, who);
    const before_it = await reads();
    for (let i = 0; i < 5; ++i) assert.equal((await kpis_of(server, who)).activeBusinesses, 1);
    assert.equal(await reads(), before_it);
  });

  test('a write is seen by the next read', async () => {
    const who = tenant();
    const business = await create_business(server, who);
    for (let views = 1; views <= 5; ++views) {
      assert.equal((await kpis_of(server, who)).landlordViews, views - 1);
      await record(server, business, { view: 1 });
    }
    assert.equal((await kpis_of(server, who)).landlordViews, 5);
  });

  test('a write of another program is seen within a second', async () => {
    const who = tenant();
    const business = await create_business(server, who);
    assert.equal((await kpis_of(server, who)).landlordViews, 0);
    sql(server.database, `INSERT INTO business_metrics(id, business_id, metric_date, views_count)
                             VALUES ('${uuid()}', '${business.id}', date('now'), 9);`);
    await wait_for(async () => (await kpis_of(server, who)).landlordViews === 9, 'the new number', 1000);
  });

  test('concurrent misses of one user read once', async () => {
    const who = tenant();
    await create_business(server, who);
    const before_it = await reads();
    await Promise.all(Array.from({ length: 20 }, () => kpis_of(server, who)));
    const after_it = await reads();
    assert.ok(after_it - before_it <= 2, `${after_it - before_it} reads for 20 requests`);
  });
});

test('what the cache holds expires after KPI_CACHE_TTL', async () => {
  const short = await start_server({ admin: true, env: { KPI_CACHE_TTL: '1' } });
  try {
    const who = tenant();
    await create_business(short, who);
    await kpis_of(short, who);
    const filled = Date.now();
    const before_it = await metric(short, 'pulseboard_store_reads_total');
    await wait_for(async () => {
      await kpis_of(short, who);
      return (await metric(short, 'pulseboard_store_reads_total')) > before_it;
    }, 'a read of the database after a second', 5000);
    assert.ok(Date.now() - filled >= 900, 'read again before its time was up');
  } finally {
    await short.stop();
  }
});
