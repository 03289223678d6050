// The REST contract, row by row: statuses and codes, businesses, trends, metrics.
import { after, before, describe, test } from 'node:test';
import {
  api, assert, create_business, record, sqlite, start_server, tenant, token_for, uuid,
} from './harness.mjs';

let server;
before(async () => { server = await start_server(); });
after(() => server?.stop());

const call = (who, method, path, body, more) => api(server, method, path, { token: who?.token, body, ...more });

function assert_failure(answer, status, code, what) {
  assert.equal(answer.status, status, `${what}: ${JSON.stringify(answer.body)}`);
  assert.equal(answer.body.success, false, what);
  assert.equal(answer.body.error.code, code, what);
  assert.equal(typeof answer.body.error.message, 'string', what);
  assert.deepEqual(Object.keys(answer.body).sort(), ['error', 'success']);
}

function assert_invalid(answer, field, what) {
  assert_failure(answer, 400, 'VALIDATION_ERROR', what);
  const { details } = answer.body.error;
  if (!field && details === undefined) return;   // it is about the body as a whole
  assert.ok(Array.isArray(details), what);
  for (const detail of details) assert.deepEqual(Object.keys(detail).sort(), ['field', 'message']);
  if (field) assert.ok(details.some((d) => d.field === field), `${what}: ${JSON.stringify(details)} names ${field}`);
}

const guarded = [
  ['GET', '/api/dashboard/tenant'], ['GET', '/api/dashboard/tenant/kpis'], ['GET', '/api/dashboard/tenant/trends'],
  ['GET', '/api/businesses'], ['POST', '/api/businesses', { name: 'a', category: 'b' }],
  ['GET', `/api/businesses/${uuid()}`], ['PATCH', `/api/businesses/${uuid()}`, { name: 'a' }],
  ['DELETE', `/api/businesses/${uuid()}`], ['GET', `/api/businesses/${uuid()}/metrics`],
  ['POST', '/api/activity', { events: [] }],
];

describe('who may', () => {
  test('401 without a token and with a bad one', async () => {
    for (const [method, path, body] of guarded) {
      const without = await call(null, method, path, body);
      assert_failure(without, 401, 'UNAUTHORIZED', `${method} ${path}`);
      assert.equal(without.body.error.message, 'Access token is required');
      const bad = await call({ token: 'bad' }, method, path, body);
      assert_failure(bad, 401, 'UNAUTHORIZED', `${method} ${path}`);
      assert.equal(bad.body.error.message, 'Invalid or expired access token');
    }
  });

  test('403 with another role, known or not', async () => {
    for (const [method, path, body] of guarded) {
      const needs = path === '/api/activity' ? 'service' : 'tenant';
      for (const role of ['tenant', 'landlord', 'broker', 'service', 'emperor']) {
        if (role === needs) continue;
        assert_failure(await call({ token: token_for(uuid(), { role }) }, method, path, body), 403, 'FORBIDDEN', `${role} ${method} ${path}`);
      }
    }
  });

  test('the cookie goes before the Authorization header', async () => {
    const who = tenant();
    const cookie = (token) => ({ headers: { cookie: `a=b; accessToken=${token}` } });
    assert.equal((await call(null, 'GET', '/api/businesses', undefined, cookie(who.token))).status, 200);
    assert.equal((await call({ token: 'bad' }, 'GET', '/api/businesses', undefined, cookie(who.token))).status, 200);
    assert.equal((await call(who, 'GET', '/api/businesses', undefined, cookie('bad'))).status, 401);
    assert.equal((await call(null, 'GET', '/api/businesses', undefined, { headers: { authorization: `bearer ${who.token}` } })).status, 200);
    assert.equal((await call(null, 'GET', '/api/businesses', undefined, { headers: { authorization: `Basic ${who.token}` } })).status, 401);
  });

  test('404 for a foreign business, exactly as for an unknown or malformed id', async () => {
    const [owner, stranger] = [tenant(), tenant()];
    const business = await create_business(server, owner);
    for (const [method, suffix, body] of [['GET', ''], ['PATCH', '', { name: 'Mine' }], ['DELETE', ''], ['GET', '/metrics']]) {
      const answers = [];
      for (const id of [business.id, uuid(), '42', `${business.id}0`, '%00', '..%2f'])
        answers.push(await call(stranger, method, `/api/businesses/${id}${suffix}`, body));
      for (const answer of answers) {
        assert_failure(answer, 404, 'NOT_FOUND', `${method}${suffix}`);
        assert.deepEqual(answer.body, answers[0].body);
      }
    }
    assert.equal((await call(owner, 'GET', `/api/businesses/${business.id}`)).body.data.business.name, 'Corner Shop');
  });
});

describe('paths and methods', () => {
  test('404 for an unknown path, token or not', async () => {
    for (const path of ['/api/nothing', '/api/dashboard', '/api/dashboard/tenant/', '/api', '/nothing', '/api/businesses/a/b/c'])
      for (const who of [null, tenant(), { token: 'bad' }])
        assert_failure(await call(who, 'GET', path), 404, 'NOT_FOUND', path);
  });

  test('405 names what is allowed', async () => {
    const rows = [
      ['POST', '/api/dashboard/tenant', ['GET']], ['DELETE', '/api/dashboard/tenant/kpis', ['GET']],
      ['PUT', '/api/businesses', ['GET', 'POST']], ['POST', `/api/businesses/${uuid()}`, ['GET', 'PATCH', 'DELETE']],
      ['GET', '/api/activity', ['POST']], ['POST', '/health', ['GET']], ['PATCH', `/api/businesses/${uuid()}/metrics`, ['GET']],
    ];
    for (const [method, path, allowed] of rows) {
      const answer = await call(tenant(), method, path, method === 'GET' ? undefined : {});
      assert_failure(answer, 405, 'METHOD_NOT_ALLOWED', `${method} ${path}`);
      const named = (answer.headers.get('allow') ?? '').split(/\s*,\s*/);
      for (const name of allowed) assert.ok(named.includes(name), `${path} allows ${named}`);
      assert.ok(!named.includes(method), `${path} allows ${named}`);
    }
  });

  test('GET /health and GET /ready answer anybody', async () => {
    for (const path of ['/health', '/ready']) assert.equal((await call(null, 'GET', path)).status, 200, path);
  });

  test('metrics are not served beside the API', async () => {
    assert.equal((await call(null, 'GET', '/metrics')).status, 404);
  });

  test('what a tenant sees is not kept by caches between us', async () => {
    const answer = await call(tenant(), 'GET', '/api/dashboard/tenant');
    assert.match(answer.headers.get('content-type'), /^application\/json/);
    assert.match(answer.headers.get('cache-control') ?? '', /no-store|private/);
  });
});

describe('bodies', () => {
  const post = (raw, type = 'application/json') =>
    call(tenant(), 'POST', '/api/businesses', undefined, { raw, headers: type ? { 'content-type': type } : {} });

  test('400 INVALID_JSON for what is no JSON', async () => {
    for (const raw of ['', '{', '{"name":"a",}', 'name=a', '{"a":1}{"b":2}', '\u0000', "{'name':1}", '[1', 'nul',
      '{"name":"\\ud83d', '['.repeat(100_000)])
      assert_failure(await post(raw), 400, 'INVALID_JSON', raw.slice(0, 40));
    assert_failure(await post(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), 400, 'INVALID_JSON', 'no UTF-8');
  });

  test('400 VALIDATION_ERROR for JSON that is no object', async () => {
    for (const raw of ['[]', '1', '"text"', 'null', 'true', '[{"name":"a"}]'])
      assert_invalid(await post(raw), undefined, raw);
  });

  test('413 for more than 1 MiB, said or sent', async () => {
    const large = JSON.stringify({ name: 'x'.repeat(1024 * 1024), category: 'a' });
    assert_failure(await post(large), 413, 'PAYLOAD_TOO_LARGE', 'with a length');
    const fits = JSON.stringify({ name: 'x'.repeat(1024 * 1024 - 100), category: 'a' });
    assert.equal((await post(fits)).status, 400, 'just below the limit it is read, and the name found too long');
  });

  test('415 for a body that is not JSON', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonp'])
      assert_failure(await post('{"name":"a","category":"b"}', type), 415, 'UNSUPPORTED_MEDIA_TYPE', type);
    for (const type of ['application/json', 'application/json; charset=utf-8', 'Application/JSON'])
      assert.equal((await post('{"name":"a","category":"b"}', type)).status, 201, type);
  });
});

describe('businesses', () => {
  test('created, read, changed and deleted', async () => {
    const who = tenant();
    const created = await call(who, 'POST', '/api/businesses', {
      name: '  Bakery Søren  ', category: ' food ', logo_url: 'https://cdn.example/logo.png', status: 'active',
    });
    assert.equal(created.status, 201);
    const { business } = created.body.data;
    assert.deepEqual(Object.keys(created.body.data), ['business']);
    assert.deepEqual(
      { ...business, id: 0, created_at: 0, updated_at: 0 },
      { id: 0, user_id: who.id, name: 'Bakery Søren', category: 'food', logo_url: 'https://cdn.example/logo.png',
        status: 'active', is_verified: false, stealth_mode_enabled: false, created_at: 0, updated_at: 0 });
    assert.match(business.id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    for (const time of [business.created_at, business.updated_at])
      assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

    const path = `/api/businesses/${business.id.toUpperCase()}`;
    assert.deepEqual((await call(who, 'GET', path)).body.data, { business });
    const changed = await call(who, 'PATCH', path, { logo_url: null, stealth_mode_enabled: true, status: 'stealth_mode' });
    assert.equal(changed.status, 200);
    const now = changed.body.data.business;
    assert.deepEqual(
      { ...now, updated_at: 0 },
      { ...business, logo_url: null, stealth_mode_enabled: true, status: 'stealth_mode', updated_at: 0 });
    assert.ok(now.updated_at >= business.updated_at);
    const deleted = await call(who, 'DELETE', path);
    assert.equal(deleted.status, 200);
    assert.deepEqual(deleted.body.data, { businessId: business.id });
    for (const method of ['GET', 'DELETE']) assert_failure(await call(who, method, path), 404, 'NOT_FOUND', method);
  });

  test('the default status is pending_verification', async () => {
    const answer = await call(tenant(), 'POST', '/api/businesses', { name: 'a', category: 'b' });
    assert.equal(answer.body.data.business.status, 'pending_verification');
    assert.equal(answer.body.data.business.logo_url, null);
  });

  const good = { name: 'Shop', category: 'retail' };
  const bad_fields = {
    name: [undefined, null, 7, '', '   ', 'x'.repeat(256), 'a\nb', 'a\u0000b', 'a\u0085b', [], {}],
    category: [undefined, null, 7, '', ' ', 'x'.repeat(101), 'a\tb'],
    logo_url: ['', 'nothing', 'ftp://a.example/x', 'javascript:alert(1)', `https://a.example/${'x'.repeat(500)}`, 7, 'https://', '/x.png'],
    status: ['', 'ACTIVE', 'deleted', null, 1],
    surprise: [1, null, 'x'],
    id: [uuid()],
    is_verified: [true],
    user_id: [uuid()],
  };

  test('what a new business may not be', async () => {
    const who = tenant();
    for (const [field, values] of Object.entries(bad_fields))
      for (const value of values) {
        const body = { ...good, [field]: value };
        assert_invalid(await call(who, 'POST', '/api/businesses', body), field, `${field} = ${JSON.stringify(value)?.slice(0, 40)}`);
      }
    assert.equal((await call(who, 'GET', '/api/businesses')).body.data.total, 0);
  });

  test('every wrong field is named at once', async () => {
    const answer = await call(tenant(), 'POST', '/api/businesses', { name: '', category: 7, status: 'x' });
    assert.deepEqual(answer.body.error.details.map((d) => d.field).sort(), ['category', 'name', 'status']);
  });

  test('what a change may not be', async () => {
    const who = tenant();
    const business = await create_business(server, who, { name: 'Same' });
    const path = `/api/businesses/${business.id}`;
    for (const [field, values] of Object.entries({ ...bad_fields, stealth_mode_enabled: ['true', 1, null] }))
      for (const value of values)
        if (value !== undefined)
          assert_invalid(await call(who, 'PATCH', path, { [field]: value }), field, `${field} = ${JSON.stringify(value).slice(0, 40)}`);
    assert_invalid(await call(who, 'PATCH', path, {}), undefined, 'nothing to change');
    assert.deepEqual((await call(who, 'GET', path)).body.data.business, business);
  });

  test('lengths are counted in code points', async () => {
    const who = tenant();
    const name = '🏡'.repeat(255);
    const answer = await call(who, 'POST', '/api/businesses', { name, category: 'é'.repeat(100) });
    assert.equal(answer.status, 201);
    assert.equal(answer.body.data.business.name, name);
    assert_invalid(await call(who, 'POST', '/api/businesses', { name: `${name}a`, category: 'a' }), 'name', '256 code points');
  });

  test('pages, newest first', async () => {
    const who = tenant();
    for (let i = 1; i <= 25; ++i) await create_business(server, who, { name: `Shop ${i}` });
    const page = async (query) => (await call(who, 'GET', `/api/businesses${query}`)).body.data;
    const first = await page('');
    assert.deepEqual(Object.keys(first).sort(), ['businesses', 'hasMore', 'limit', 'page', 'total']);
    assert.deepEqual({ ...first, businesses: first.businesses.length }, { businesses: 20, total: 25, page: 1, limit: 20, hasMore: true });
    const second = await page('?page=2');
    assert.deepEqual({ ...second, businesses: second.businesses.length }, { businesses: 5, total: 25, page: 2, limit: 20, hasMore: false });
    assert.deepEqual(await page('?page=99'), { businesses: [], total: 25, page: 99, limit: 20, hasMore: false });
    const all = await page('?limit=100');
    assert.deepEqual(all.businesses, [...first.businesses, ...second.businesses]);
    const order = all.businesses.map((b) => b.created_at);
    assert.deepEqual(order, [...order].sort().reverse());
    assert.equal((await page('?limit=25')).hasMore, false);
  });

  test('those created at the same time are ordered by id', async () => {
    const who = tenant();
    await create_business(server, who);
    const ids = Array.from({ length: 5 }, () => uuid());
    const rows = ids.map((id) => `('${id}', '${who.id}', 'Twin', 'retail', '2020-01-01T00:00:00.000Z')`);
    sqlite(server.database, `INSERT INTO businesses(id, user_id, name, category, created_at) VALUES ${rows.join(',')};`);
    const { businesses } = (await call(who, 'GET', '/api/businesses')).body.data;
    assert.deepEqual(businesses.slice(1).map((b) => b.id), [...ids].sort());
  });

  test('search takes a part of the name in any case, and nothing else literally', async () => {
    const who = tenant();
    for (const name of ['Ärztehaus STRASSE', '100% Wool', 'snake_case', 'snakeXcase', 'Öl & Essig', "O'Hara"])
      await create_business(server, who, { name });
    const found = async (query) =>
      (await call(who, 'GET', `/api/businesses?search=${encodeURIComponent(query)}`)).body.data.businesses.map((b) => b.name).sort();
    assert.deepEqual(await found('ärzte'), ['Ärztehaus STRASSE']);
    assert.deepEqual(await found('ÖL'), ['Öl & Essig']);
    assert.deepEqual(await found('straße'), ['Ärztehaus STRASSE']);
    assert.deepEqual(await found('%'), ['100% Wool']);
    assert.deepEqual(await found('e_c'), ['snake_case']);
    assert.deepEqual(await found("o'h"), ["O'Hara"]);
    assert.deepEqual(await found('nothing like it'), []);
    assert.equal((await found('')).length, 6);
  });

  test('the status narrows the list', async () => {
    const who = tenant();
    await create_business(server, who, { status: 'active', name: 'A' });
    await create_business(server, who, { status: 'stealth_mode', name: 'S' });
    const data = (await call(who, 'GET', '/api/businesses?status=stealth_mode')).body.data;
    assert.deepEqual(data.businesses.map((b) => b.name), ['S']);
    assert.equal(data.total, 1);
    assert.equal((await call(who, 'GET', '/api/businesses?status=')).body.data.total, 2);
  });

  test('400 for a query that means nothing', async () => {
    for (const [query, field] of [
      ['limit=0', 'limit'], ['limit=101', 'limit'], ['limit=ten', 'limit'], ['limit=-1', 'limit'], ['limit=1.5', 'limit'],
      ['page=0', 'page'], ['page=x', 'page'], ['page=99999999999999999999', 'page'], ['status=open', 'status']])
      assert_invalid(await call(tenant(), 'GET', `/api/businesses?${query}`), field, query);
  });

  test('409 if the address of the token belongs to another user', async () => {
    const first = tenant();
    await create_business(server, first);
    const second = { id: uuid() };
    second.token = token_for(second.id, { email: first.email });
    assert_failure(await call(second, 'POST', '/api/businesses', good), 409, 'CONFLICT', 'the address is taken');
    const nameless = { id: uuid() };
    nameless.token = token_for(nameless.id, { email: undefined });
    assert.equal((await call(nameless, 'POST', '/api/businesses', good)).status, 201, 'without an address');
  });
});

describe('trends and metrics', () => {
  const day = (ago) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
  const insert = (business, date, counts) => {
    const names = Object.keys(counts);
    sqlite(server.database, `INSERT INTO business_metrics(id, business_id, metric_date, ${names.join(', ')})
      VALUES ('${uuid()}', '${business.id}', '${date}', ${names.map((n) => counts[n]).join(', ')});`);
  };

  test('trends have every day, oldest first, and the sums of both periods', async () => {
    const who = tenant();
    const [one, two] = [await create_business(server, who), await create_business(server, who)];
    const today = day(0);
    insert(one, today, { views_count: 5, clicks_count: 2 });
    insert(two, today, { views_count: 1, qfps_submitted_count: 3 });
    insert(one, day(6), { property_invites_count: 4, declined_count: 1, messages_count: 2 });
    insert(one, day(7), { views_count: 100 });
    insert(one, day(13), { views_count: 10 });
    insert(one, day(14), { views_count: 1000 });
    const answer = await call(who, 'GET', '/api/dashboard/tenant/trends?days=7');
    assert.equal(answer.status, 200);
    const { days, previous, current } = answer.body.data;
    if (day(0) !== today) return;   // midnight passed under the test
    const zeros = { views: 0, clicks: 0, invites: 0, declined: 0, messages: 0, qfps: 0 };
    assert.deepEqual(days.map((d) => d.date), [6, 5, 4, 3, 2, 1, 0].map(day));
    assert.deepEqual(days.at(-1), { date: today, ...zeros, views: 6, clicks: 2, qfps: 3 });
    assert.deepEqual(days[0], { date: day(6), ...zeros, invites: 4, declined: 1, messages: 2 });
    assert.deepEqual(days[1], { date: day(5), ...zeros });
    assert.deepEqual(current, { views: 6, clicks: 2, invites: 4, declined: 1, messages: 2, qfps: 3 });
    assert.deepEqual(previous, { ...zeros, views: 110 });
  });

  test('trends cover 30 days unless asked otherwise, 1 to 365', async () => {
    const who = tenant();
    const length = async (query) => (await call(who, 'GET', `/api/dashboard/tenant/trends${query}`)).body.data.days.length;
    assert.equal(await length(''), 30);
    assert.equal(await length('?days=1'), 1);
    assert.equal(await length('?days=365'), 365);
    for (const days of ['0', '366', '-1', 'x', '7.5'])
      assert_invalid(await call(who, 'GET', `/api/dashboard/tenant/trends?days=${days}`), 'days', days);
  });

  test('metrics of a business: sums of all time, and the days of the window, newest first', async () => {
    const who = tenant();
    const business = await create_business(server, who);
    insert(business, day(0), { views_count: 3 });
    insert(business, day(2), { messages_count: 4, declined_count: 1 });
    insert(business, day(200), { views_count: 50 });
    const read = async (query) => (await call(who, 'GET', `/api/businesses/${business.id}/metrics${query}`)).body.data;
    const zeros = {
      views_count: 0, clicks_count: 0, property_invites_count: 0, declined_count: 0, messages_count: 0, qfps_submitted_count: 0,
    };
    const totals = { ...zeros, views_count: 53, messages_count: 4, declined_count: 1 };
    assert.deepEqual(await read(''), {
      totals,
      history: [
        { date: day(0), ...zeros, views_count: 3 },
        { date: day(2), ...zeros, messages_count: 4, declined_count: 1 },
      ],
    });
    assert.deepEqual((await read('?days=1')).history.map((d) => d.date), [day(0)]);
    assert.equal((await read('?days=365')).history.length, 3);
    for (const days of ['0', '366', 'x'])
      assert_invalid(await call(who, 'GET', `/api/businesses/${business.id}/metrics?days=${days}`), 'days', days);
  });

  test('deleting a business deletes its metrics', async () => {
    const who = tenant();
    const business = await create_business(server, who);
    await record(server, business, { view: 3 });
    await call(who, 'DELETE', `/api/businesses/${business.id}`);
    assert.equal(sqlite(server.database, `SELECT count(*) FROM business_metrics WHERE business_id = '${business.id}';`), '0');
    const second = await create_business(server, who);
    sqlite(server.database, `INSERT INTO business_metrics(id, business_id, metric_date, views_count) VALUES ('${uuid()}', '${second.id}', date('now'), 1);
                             DELETE FROM businesses WHERE id = '${second.id}';`);
    assert.equal(sqlite(server.database, `SELECT count(*) FROM business_metrics WHERE business_id = '${second.id}';`), '0');
  });
});

test('service tokens leave no row behind', async () => {
  const id = uuid();
  const answer = await api(server, 'POST', '/api/activity', {
    token: token_for(id, { role: 'service' }),
    body: { events: [{ id: uuid(), businessId: uuid(), type: 'view' }] },
  });
  assert.equal(answer.status, 200);
  assert.equal(sqlite(server.database, `SELECT count(*) FROM users WHERE id = '${id}';`), '0');
});
