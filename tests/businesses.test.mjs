// REST of businesses: created, changed, listed, searched, and what they may not be.
import { after, before, describe, test } from 'node:test';
import { assert_failure, assert_invalid } from './answers.mjs';
import {
  api, assert, create_business, sql, start_server, tenant, token_for, uuid,
} from './harness.mjs';

let server;
before(async () => { server = await start_server(); });
after(() => server?.stop());

const call = (who, method, path, body, more) => api(server, method, path, { token: who?.token, body, ...more });

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
    sql(server.database, `INSERT INTO businesses(id, user_id, name, category, created_at) VALUES ${rows.join(',')};`);
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
