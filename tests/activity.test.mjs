// POST /api/activity: what landlords do, counted once.
import { after, before, test } from 'node:test';
import {
  api, assert, create_business, kpis_of, service_token, sql, start_server, tenant, uuid,
} from './harness.mjs';

let server;
let who;
let business;
before(async () => {
  server = await start_server();
  who = tenant();
  business = await create_business(server, who);
});
after(() => server?.stop());

const token = service_token();
const post = (body) => api(server, 'POST', '/api/activity', { token, body });
const send = async (...events) => {
  const answer = await post({ events });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body.data;
};
const one = (fields = {}) => ({ id: uuid(), businessId: business.id, type: 'view', ...fields });
const metrics = async () =>
  (await api(server, 'GET', `/api/businesses/${business.id}/metrics?days=365`, { token: who.token })).body.data;

test('each type counts in its own column, once or `count` times', async () => {
  const before_it = (await metrics()).totals;
  const columns = {
    view: 'views_count', click: 'clicks_count', invite: 'property_invites_count', decline: 'declined_count',
    message: 'messages_count', qfp: 'qfps_submitted_count',
  };
  for (const [type, column] of Object.entries(columns)) {
    assert.deepEqual(await send(one({ type }), one({ type, count: 10_000 })), { accepted: 2, duplicates: 0, rejected: [] });
    before_it[column] += 10_001;
    assert.deepEqual((await metrics()).totals, before_it, type);
  }
});

test('an id counts once, in one request and over many, in any case of its letters', async () => {
  const views = (await kpis_of(server, who)).landlordViews;
  const event = one({ count: 3 });
  assert.deepEqual(await send(event, event), { accepted: 1, duplicates: 1, rejected: [] });
  assert.deepEqual(await send({ ...event, id: event.id.toUpperCase() }), { accepted: 0, duplicates: 1, rejected: [] });
  assert.deepEqual(await send({ ...event, type: 'message', count: 9 }), { accepted: 0, duplicates: 1, rejected: [] });
  const many = await Promise.all(Array.from({ length: 10 }, () => send(event)));
  assert.deepEqual(many, Array(10).fill({ accepted: 0, duplicates: 1, rejected: [] }));
  assert.equal((await kpis_of(server, who)).landlordViews, views + 3);
});

test('of concurrent requests with one new id exactly one counts', async () => {
  const event = one();
  const answers = await Promise.all(Array.from({ length: 16 }, () => send(event)));
  assert.equal(answers.reduce((sum, a) => sum + a.accepted, 0), 1);
  assert.equal(answers.reduce((sum, a) => sum + a.duplicates, 0), 15);
});

test('a bad event is rejected alone, with its index', async () => {
  const now = Date.now();
  const iso = (offset) => new Date(now + offset).toISOString();
  const rows = [
    [one({ businessId: uuid() }), 'NOT_FOUND'],
    [one({ businessId: '42' }), /NOT_FOUND|VALIDATION_ERROR/],
    [one({ id: 'x' }), 'VALIDATION_ERROR'],
    [one({ id: undefined }), 'VALIDATION_ERROR'],
    [one({ type: 'stare' }), 'VALIDATION_ERROR'],
    [one({ type: undefined }), 'VALIDATION_ERROR'],
    [one({ type: 7 }), 'VALIDATION_ERROR'],
    [one({ count: 0 }), 'VALIDATION_ERROR'],
    [one({ count: 10_001 }), 'VALIDATION_ERROR'],
    [one({ count: 1.5 }), 'VALIDATION_ERROR'],
    [one({ count: '1' }), 'VALIDATION_ERROR'],
    [one({ count: null }), 'VALIDATION_ERROR'],
    [one({ occurredAt: 'yesterday' }), 'VALIDATION_ERROR'],
    [one({ occurredAt: iso(-31 * 86_400_000) }), 'VALIDATION_ERROR'],
    [one({ occurredAt: iso(6 * 60_000) }), 'VALIDATION_ERROR'],
    [one({ occurredAt: '2026-02-30T00:00:00Z' }), 'VALIDATION_ERROR'],
    [one({ occurredAt: now }), 'VALIDATION_ERROR'],
    [one({ surprise: 1 }), 'VALIDATION_ERROR'],
    [7, 'VALIDATION_ERROR'],
    [null, 'VALIDATION_ERROR'],
    [[], 'VALIDATION_ERROR'],
  ];
  const data = await send(one(), ...rows.map(([event]) => event), one());
  assert.equal(data.accepted, 2);
  assert.equal(data.duplicates, 0);
  assert.deepEqual(data.rejected.map((r) => r.index), rows.map((_, i) => i + 1));
  for (const [i, [event, code]] of rows.entries()) {
    assert.deepEqual(Object.keys(data.rejected[i]).sort(), ['code', 'index', 'message']);
    assert.match(data.rejected[i].code, code instanceof RegExp ? code : new RegExp(`^${code}$`), JSON.stringify(event));
  }
});

test('the id of a rejected event stays usable', async () => {
  const event = one({ count: 0 });
  assert.equal((await send(event)).rejected.length, 1);
  assert.deepEqual(await send({ ...event, count: 1 }), { accepted: 1, duplicates: 0, rejected: [] });
  const early = one({ businessId: uuid() });
  assert.equal((await send(early)).rejected.length, 1);
  assert.deepEqual(await send({ ...early, businessId: business.id }), { accepted: 1, duplicates: 0, rejected: [] });
});

test('the request fails only if `events` is missing, no list, empty or too long', async () => {
  for (const body of [{}, { events: null }, { events: {} }, { events: 'x' }, { events: [] },
    { events: Array.from({ length: 1001 }, () => one()) }]) {
    const answer = await post(body);
    assert.equal(answer.status, 400, JSON.stringify(body).slice(0, 60));
    assert.equal(answer.body.error.code, 'VALIDATION_ERROR');
  }
  assert.equal((await send(...Array.from({ length: 1000 }, () => one()))).accepted, 1000);
});

test('occurredAt counts for its day in UTC, with any offset', async () => {
  const before_it = new Map((await metrics()).history.map((d) => [d.date, d.clicks_count]));
  const ago = (days) => new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
  const after_of = async (date) => (await metrics()).history.find((d) => d.date === date)?.clicks_count ?? 0;
  const day = ago(10);
  const next = ago(9);
  await send(
    one({ type: 'click', occurredAt: `${day}T12:00:00Z` }),
    one({ type: 'click', occurredAt: `${day}T23:59:59.999Z` }),
    one({ type: 'click', occurredAt: `${next}T01:30:00+02:00` }),     // still `day` in UTC
    one({ type: 'click', occurredAt: `${day}T22:30:00-05:00` }),      // already `next` in UTC
  );
  assert.equal(await after_of(day), (before_it.get(day) ?? 0) + 3);
  assert.equal(await after_of(next), (before_it.get(next) ?? 0) + 1);
});

test('what was accepted is in the database when the answer is here', async () => {
  const views = () => Number(sql(server.database,
    `SELECT sum(views_count) FROM business_metrics WHERE business_id = '${business.id}';`));
  const before_it = views();
  await send(one({ count: 5 }));
  assert.equal(views(), before_it + 5);
});
