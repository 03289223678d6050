// docs/openapi.json against the program: the document is valid OpenAPI 3.1, and whatever the server answers, and
// whatever it refuses, is what the document says.
import { Validator } from '@seriousme/openapi-schema-validator';
import Ajv2020 from 'ajv/dist/2020.js';
import add_formats from 'ajv-formats';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  assert, create_business, jwt, record, root, run_program, secret, seconds_now, service_token, start_server, tenant, token_for, uuid,
} from './harness.mjs';

const text = readFileSync(join(root, 'docs/openapi.json'), 'utf8');
const document = JSON.parse(text);
const ajv = new Ajv2020({ strict: false, allErrors: true });
add_formats(ajv);
ajv.addSchema(document, 'openapi');

// The schema at a path of the document.
const compiled = new Map();
function matches(path, value) {
  const pointer = `openapi#/${path.map((part) => String(part).replaceAll('~', '~0').replaceAll('/', '~1')).map(encodeURIComponent).join('/')}`;
  if (!compiled.has(pointer)) compiled.set(pointer, ajv.compile({ $ref: pointer }));
  const validate = compiled.get(pointer);
  return validate(value) ? null : ajv.errorsText(validate.errors);
}

const operations = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item).filter(([method]) => method !== 'parameters').map(([method, operation]) => ({ path, method, operation })));
const find = (id) => operations.find(({ operation }) => operation.operationId === id);
const seen = new Set();

let server;
let who;
let shop;
before(async () => {
  server = await start_server();
  who = tenant();
  shop = await create_business(server, who);
  await record(server, shop, { view: 3, invite: 3, message: 1 });  // 33.3 is no multiple of 0.1 in floating point
});
after(() => server?.stop());

// Calls an operation and checks the answer against the document; gives {status, body, headers}.
async function call(id, { params = {}, query = '', token, cookie, body, raw, headers = {}, at = server } = {}) {
  const { path, method, operation } = find(id);
  const target = path.replace(/\{(\w+)\}/g, (_, name) => params[name]);
  const sent = { ...headers };
  if (token) sent.authorization = `Bearer ${token}`;
  if (cookie) sent.cookie = cookie;
  if (body !== undefined) sent['content-type'] ??= 'application/json';
  const answer = await fetch(at.url + target + query, {
    method: method.toUpperCase(), headers: sent, body: raw ?? (body === undefined ? undefined : JSON.stringify(body)),
  });
  const said = await answer.text();
  const status = String(answer.status);
  const where = `${id} ${status} ${said.slice(0, 500)}`;
  let at_path = ['paths', path, method, 'responses', status];
  let described = operation.responses[status];
  assert.ok(described, `not in the document: ${where}`);
  if (described.$ref) {
    at_path = described.$ref.slice(2).split('/');
    described = document.components.responses[at_path[2]];
  }
  for (const [name, { required }] of Object.entries(described.headers ?? {}))
    if (required) assert.ok(answer.headers.get(name), `${name} in ${where}`);
  const parsed = said === '' ? undefined : JSON.parse(said);
  if (described.content) {
    assert.match(answer.headers.get('content-type'), /^application\/json/, where);
    assert.equal(matches([...at_path, 'content', 'application/json', 'schema'], parsed), null, where);
  }
  seen.add(`${id} ${status}`);
  return { status: answer.status, headers: answer.headers, body: parsed };
}

const expect = async (status, id, options) => {
  const answer = await call(id, options);
  assert.equal(answer.status, status, `${id}: ${JSON.stringify(answer.body)}`);
  return answer;
};

test('the document is valid OpenAPI 3.1 and is what the server gives', async () => {
  const validator = new Validator();
  const result = await validator.validate(structuredClone(document));
  assert.ok(result.valid, JSON.stringify(result.errors, null, 1));
  assert.equal(validator.version, '3.1');
  const given = await fetch(`${server.url}/api/openapi.json`);
  assert.equal(await given.text(), text);
  await expect(200, 'getOpenApi');
  await expect(304, 'getOpenApi', { headers: { 'if-none-match': given.headers.get('etag') } });
});

test('every operation answers what the document says', async () => {
  const token = who.token;
  const params = { id: shop.id };
  for (const id of ['getDashboard', 'getKpis', 'getTrends', 'listBusinesses', 'getMe', 'getHealth', 'getReady'])
    await expect(200, id, { token });
  await expect(200, 'getTrends', { token, query: '?days=7' });
  await expect(200, 'listBusinesses', { token, query: '?page=1&limit=100&status=active&search=corner' });
  const { body } = await expect(201, 'createBusiness', { token, body: { name: 'One', category: 'food', logo_url: 'https://x.example/l.png', status: 'active' } });
  const made = { id: body.data.business.id };
  await expect(200, 'getBusiness', { token, params: made });
  await expect(200, 'updateBusiness', { token, params: made, body: { logo_url: null, stealth_mode_enabled: true } });
  await expect(200, 'deleteBusiness', { token, params: made });
  await expect(404, 'getBusiness', { token, params: made });
  await expect(404, 'updateBusiness', { token, params: made, body: { name: 'x' } });
  await expect(404, 'deleteBusiness', { token, params: made });
  await expect(404, 'getBusinessMetrics', { token, params: made });
  await expect(200, 'getBusinessMetrics', { token, params });
  const event = { id: uuid(), businessId: shop.id, type: 'view' };
  const recorded = await expect(200, 'recordActivity', { token: service_token(), body: { events: [event, event, {}, { ...event, id: uuid(), businessId: uuid() }] } });
  assert.deepEqual(recorded.body.data.rejected.map(({ code }) => code), ['VALIDATION_ERROR', 'NOT_FOUND']);
});

test('every guarded operation refuses no token, a bad one, and the wrong role', async () => {
  const params = { id: shop.id };
  const body = { name: 'x', category: 'y', events: [] };
  for (const { operation, method } of operations.filter(({ operation: { security } }) => security.some((way) => way.bearer))) {
    const sent = ['post', 'patch'].includes(method) ? { params, body } : { params };
    await expect(401, operation.operationId, sent);
    await expect(401, operation.operationId, { ...sent, token: jwt({ userId: uuid(), role: 'tenant', exp: seconds_now() + 60 }, { key: `not ${secret}` }) });
    const wrong = operation.operationId === 'getMe' ? 'nobody' : operation.operationId === 'recordActivity' ? 'tenant' : 'landlord';
    await expect(403, operation.operationId, { ...sent, token: token_for(uuid(), { role: wrong }) });
  }
});

test('sessions', async () => {
  const { email } = tenant();
  const password = 'correct horse battery';
  const added = run_program(['user', 'add', '--email', email, '--role', 'landlord', '--password-stdin'], { env: server.settings, input: password });
  assert.equal(added.code, 0, added.stderr);
  const cookies = (answer) => answer.headers.getSetCookie().map((line) => line.split(';')[0]).join('; ');
  const first = cookies(await expect(200, 'login', { body: { email, password } }));
  await expect(200, 'getMe', { cookie: first });
  const second = cookies(await expect(200, 'refresh', { cookie: first }));
  await expect(200, 'logout', { cookie: second });
  await expect(401, 'refresh', { cookie: second });
  await expect(401, 'refresh');
  for (const id of ['login', 'refresh', 'logout'])
    await expect(403, id, { body: { email, password }, headers: { origin: 'https://evil.example' } });
  for (let i = 0; i < 5; ++i) await expect(401, 'login', { body: { email, password: 'wrong password' } });
  await expect(429, 'login', { body: { email, password } });
});

// What a schema refuses the server refuses with 400, and what it takes the server takes.
describe('bodies', () => {
  const long = (n) => 'x'.repeat(n);
  const values = {
    name: ['One', ' padded ', long(255), '', '   ', long(256), 7, null, ['x']],
    category: ['food', long(100), '', long(101), 1, null],
    logo_url: ['https://x.example/a', 'HTTP://x.example', null, 'ftp://x.example', `https://x.example/${long(500)}`, 7],
    status: ['active', 'pending_verification', 'stealth_mode', 'Active', '', null, 1],
    stealth_mode_enabled: [true, false, null, 'true', 0],
    id: [uuid()],
  };
  const good = { name: 'One', category: 'food' };
  const bodies = [{}, good, ...Object.entries(values).flatMap(([name, list]) => list.map((value) => ({ ...good, [name]: value }))),
    ...Object.entries(values).flatMap(([name, list]) => list.map((value) => ({ [name]: value }))), [], 'text', 7, null];

  for (const [id, status] of [['createBusiness', 201], ['updateBusiness', 200]]) {
    test(id, async () => {
      const { path, method } = find(id);
      for (const body of bodies) {
        const problem = matches(['paths', path, method, 'requestBody', 'content', 'application/json', 'schema'], body);
        await expect(problem === null ? status : 400, id, { token: who.token, params: { id: shop.id }, body });
      }
    });
  }

  test('recordActivity and login', async () => {
    const token = service_token();
    const one = { id: uuid(), businessId: shop.id, type: 'click' };
    for (const body of [{}, { events: [] }, { events: {} }, { events: null }, { events: Array(1001).fill(one) }, { events: [one], more: 1 }, { events: [one] }, { events: [7] }]) {
      const problem = matches(['components', 'schemas', 'ActivityBatch'], body);
      await expect(problem === null ? 200 : 400, 'recordActivity', { token, body });
    }
    for (const event of [one, { ...one, count: 10_000 }, { ...one, count: 0 }, { ...one, count: 1.5 }, { ...one, count: '1' }, { ...one, type: 'look' },
      { ...one, id: 'x' }, { ...one, occurredAt: new Date().toISOString() }, { ...one, occurredAt: 'yesterday' }, { ...one, more: 1 }, {}]) {
      const problem = matches(['components', 'schemas', 'ActivityEvent'], event);
      const { body } = await expect(200, 'recordActivity', { token, body: { events: [event.id === one.id ? { ...event, id: uuid() } : event] } });
      assert.equal(body.data.accepted === 1, problem === null, `${JSON.stringify(event)} ${problem}`);
    }
    for (const body of [{}, { email: 'a@b.c' }, { email: 7, password: 'x' }, { email: '', password: 'x' }, { email: 'a@b.c', password: '' }, { email: 'a@b.c', password: 'x', more: 1 }]) {
      assert.notEqual(matches(['components', 'schemas', 'Credentials'], body), null);
      await expect(400, 'login', { body });
    }
  });

  test('that are no JSON object of the size and kind that is wanted', async () => {
    for (const [id, token] of [['createBusiness', who.token], ['updateBusiness', who.token], ['recordActivity', service_token()], ['login', undefined]]) {
      const options = { token, params: { id: shop.id } };
      await expect(400, id, { ...options, raw: '{"name":', headers: { 'content-type': 'application/json' } });
      await expect(415, id, { ...options, raw: 'name=x', headers: { 'content-type': 'text/plain' } });
      await expect(413, id, { ...options, raw: `{"name":"${long(1_100_000)}"}`, headers: { 'content-type': 'application/json' } });
    }
  });
});

test('parameters out of bounds are refused', async () => {
  const { token } = who;
  for (const [id, name] of [['getTrends', 'days'], ['getBusinessMetrics', 'days'], ['listBusinesses', 'page'], ['listBusinesses', 'limit'], ['listBusinesses', 'status']]) {
    const { path, method, operation } = find(id);
    const index = operation.parameters.findIndex((each) => each.name === name);
    const { schema } = operation.parameters[index];
    for (const value of ['1', '365', '100', '0', '-1', '366', '101', '1.5', 'x', 'active', 'Active']) {
      const read = schema.type === 'integer' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value;
      const problem = matches(['paths', path, method, 'parameters', index, 'schema'], read);
      await expect(problem === null ? 200 : 400, id, { token, params: { id: shop.id }, query: `?${name}=${value}` });
    }
  }
});

test('an address of somebody else, too many requests, a database out of reach', async () => {
  const other = uuid();
  await expect(409, 'createBusiness', { token: token_for(other, { email: who.email }), body: { name: 'x', category: 'y' } });
  const limited = await start_server({ env: { RATE_LIMIT: '4' } });
  try {
    const { token } = tenant();
    let answer;
    for (let i = 0; i < 20 && answer?.status !== 429; ++i) answer = await call('getKpis', { token, at: limited });
    assert.equal(answer.status, 429);
  } finally {
    await limited.stop();
  }
});

after(() => {
  // Every operation was seen to succeed. What a test cannot cause from here, a 500 and a database that is gone, is
  // answered by the same code on every path.
  for (const { operation: { operationId, responses } } of operations)
    assert.ok(Object.keys(responses).some((status) => status < 300 && seen.has(`${operationId} ${status}`)), `${operationId} never succeeded`);
});
