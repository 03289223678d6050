// REST for everybody: who may, which paths and methods, which bodies.
import { after, before, describe, test } from 'node:test';
import { assert_failure, assert_invalid } from './answers.mjs';
import {
  api, assert, create_business, sql, start_server, tenant, token_for, uuid,
} from './harness.mjs';

let server;
before(async () => { server = await start_server(); });
after(() => server?.stop());

const call = (who, method, path, body, more) => api(server, method, path, { token: who?.token, body, ...more });

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

  test('GET /ready names each check, its time and whether it works', async () => {
    const { status, checks } = (await call(null, 'GET', '/ready')).body.data;
    assert.equal(status, 'ready');
    assert.ok(checks.some(({ name }) => name === 'database'));
    for (const check of checks) {
      assert.equal(check.ok, true, check.name);
      assert.ok(Number.isInteger(check.ms) && check.ms < 2000, `${check.name} took ${check.ms} ms`);
    }
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

test('service tokens leave no row behind', async () => {
  const id = uuid();
  const answer = await api(server, 'POST', '/api/activity', {
    token: token_for(id, { role: 'service' }),
    body: { events: [{ id: uuid(), businessId: uuid(), type: 'view' }] },
  });
  assert.equal(answer.status, 200);
  assert.equal(sql(server.database, `SELECT count(*) FROM users WHERE id = '${id}';`), '0');
});
