// docs/asyncapi.yaml against the program: the document is valid AsyncAPI 3, and whatever goes over a socket of the
// dashboard is a message of it. docs/websocket.md shows the same messages.
import specs from '@asyncapi/specs';
import Ajv from 'ajv';
import add_formats from 'ajv-formats';
import yaml from 'js-yaml';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import {
  api, assert, client, create_business, disconnect_all, event, record, root, run_program, sql, start_server, tenant,
  token_for, transports, uuid, wait_for, within,
} from './harness.mjs';

const read = (path) => readFileSync(join(root, 'docs', path), 'utf8');
const document = yaml.load(read('asyncapi.yaml'));
const { messages, schemas } = document.components;
const ajv = new Ajv({ strict: false, allErrors: true });
add_formats(ajv);
ajv.addSchema({ components: { schemas } }, 'asyncapi');

// Null, or what is wrong with the payload of the message with this key.
const compiled = new Map();
function problem(key, payload) {
  if (!messages[key].payload) return payload === undefined ? null : 'has no payload';
  if (!compiled.has(key)) compiled.set(key, ajv.compile({ $ref: `asyncapi${messages[key].payload.$ref}` }));
  const validate = compiled.get(key);
  return validate(payload) ? null : ajv.errorsText(validate.errors);
}

const key_of = (reference) => reference.$ref.split('/').at(-1);
const operations = Object.values(document.operations);
const answers = (operation) => (operation.reply?.messages ?? []).map(key_of);
const events_sent = operations.filter(({ action }) => action === 'send').flatMap((operation) => operation.messages.map(key_of));
const events_taken = operations.filter(({ action }) => action === 'receive');

const seen = new Map(Object.keys(messages).map((key) => [key, []]));
function see(key, payload, what) {
  assert.equal(problem(key, payload), null, `${what}: ${JSON.stringify(payload)}`);
  seen.get(key).push(payload);
}

let server;
const problems = [];
before(async () => { server = await start_server(); });
afterEach(() => {
  disconnect_all();
  assert.deepEqual(problems.splice(0), []);
});
after(() => server?.stop());

// What the server sent, packet by packet (Socket.IO protocol 5).
function take_packet({ type, data }) {
  if (type === 0) return see('connected', data, 'CONNECT');
  if (type === 4) return see('connectError', data, 'CONNECT_ERROR');
  if (type !== 2) return undefined;  // an acknowledgement is looked at by who asked; DISCONNECT carries nothing
  const [name, payload, offset, ...more] = data;
  const key = events_sent.find((each) => messages[each].name === name);
  assert.ok(key, `the event ${name} is not in the document`);
  assert.deepEqual(more, []);
  assert.ok(offset === undefined || typeof offset === 'string', `the offset of ${name}: ${offset}`);
  return see(key, payload, name);
}

// A socket all of whose packets are checked; what is wrong fails the test at its end.
function watched(options, at = server) {
  const socket = client(at, options);
  if (options.token) see('connect', { token: options.token }, 'auth');
  socket.io.on('packet', (packet) => {
    try {
      take_packet(packet);
    } catch (error) {
      problems.push(error.message);
    }
  });
  return socket;
}

async function joined(options, at) {
  const socket = watched(options, at);
  await event(socket, 'kpi:update');
  return socket;
}

async function refused(options, message) {
  watched(options);
  await wait_for(() => seen.get('connectError').some((payload) => payload.message === message), message);
}

// Sends an event; the acknowledgement has to be one that the document names for it. Gives its key and payload.
async function ask(socket, name, payload) {
  const operation = events_taken.find(({ messages: [message] }) => messages[key_of(message)].name === name);
  const sent = key_of(operation.messages[0]);
  const valid = problem(sent, payload) === null;
  if (valid) see(sent, payload, name);
  const answer = await within(
    new Promise((done) => socket.emit(name, ...(payload === undefined ? [] : [payload]), (...args) => done(args))), `the answer to ${name}`);
  assert.equal(answer.length, 1);
  const key = answers(operation).find((each) => problem(each, answer[0]) === null);
  assert.ok(key, `${name} ${JSON.stringify(payload)} was answered ${JSON.stringify(answer[0])}`);
  see(key, answer[0], name);
  return { key, valid, payload: answer[0] };
}

const rest = async (who, method, path, body) => {
  const answer = await api(server, method, path, { token: who.token, body });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
};

describe('the document', () => {
  test('is valid AsyncAPI 3.0', () => {
    const whole = new Ajv({ strict: false, allErrors: true, meta: false, validateSchema: false });  // it brings its own
    add_formats(whole);
    const validate = whole.compile(specs.schemas['3.0.0']);
    assert.ok(validate(document), JSON.stringify(validate.errors?.slice(0, 20), null, 1));
    assert.equal(document.asyncapi, '3.0.0');
  });

  test('refers to what exists, and uses all it has', () => {
    const used = new Set();
    JSON.stringify(document, (name, value) => {
      if (name !== '$ref') return value;
      const found = value.slice(2).split('/').reduce((at, part) => at?.[part], document);
      assert.ok(value.startsWith('#/') && found, value);
      used.add(value);
      return value;
    });
    for (const kind of ['messages', 'schemas', 'securitySchemes'])
      for (const name of Object.keys(document.components[kind])) assert.ok(used.has(`#/components/${kind}/${name}`), name);
    const in_operations = operations.flatMap((operation) => [...operation.messages.map(key_of), ...answers(operation)]);
    assert.deepEqual(in_operations.sort(), Object.keys(messages).sort());
    assert.deepEqual(Object.keys(document.channels.dashboard.messages).sort(), Object.keys(messages).sort());
  });

  test('has the schemas of docs/openapi.json under the same names', () => {
    const others = JSON.parse(read('openapi.json')).components.schemas;
    const shared = Object.keys(schemas).filter((name) => others[name]);
    assert.deepEqual(shared.sort(), ['Business', 'BusinessStatus', 'Kpis', 'Metrics']);
    for (const name of shared) assert.deepEqual(schemas[name], others[name], name);
  });

  test('has valid examples, and schemas that refuse all but them', () => {
    for (const [key, { payload, examples = [] }] of Object.entries(messages)) {
      assert.equal(examples.length > 0, payload !== undefined, key);
      for (const example of examples) assert.equal(problem(key, example.payload), null, key);
    }
    for (const key of [...events_sent, ...operations.flatMap(answers)]) {
      const [{ payload }] = messages[key].examples;
      const wrong = spoilt(payload);
      assert.ok(wrong.length > Object.keys(payload).length);
      for (const [what, value] of wrong) assert.ok(problem(key, value), `${key} with ${what}: ${JSON.stringify(value)}`);
    }
  });

  test('says what docs/websocket.md shows', () => {
    const shown = [...read('websocket.md').matchAll(/^### (.*)\n+([\s\S]*?)(?=^##)/gm)].flatMap(([, heading, section]) =>
      [...section.matchAll(/```json\n([\s\S]*?)```/g)].flatMap(([, text]) =>
        [...heading.matchAll(/`([^`]+)`/g)].map(([, name]) => [name, JSON.parse(text)])));
    const known = Object.keys(messages).filter((key) => messages[key].payload);
    for (const [name, payload] of shown) {
      const possible = known.filter((key) => messages[key].name === name);
      assert.ok(possible.some((key) => problem(key, payload) === null), `${name} ${JSON.stringify(payload)}`);
    }
    const names = new Set(shown.map(([name]) => name));
    for (const key of events_sent.filter((each) => each !== 'authExpiring')) assert.ok(names.has(messages[key].name), key);
  });
});

// Everything a payload could become by one mistake: a member missing, one too many, one of another type.
function spoilt(value) {
  if (Array.isArray(value))
    return value.flatMap((each, i) => spoilt(each).map(([what, wrong]) => [what, value.map((old, n) => (n === i ? wrong : old))]));
  if (value === null || typeof value !== 'object') return [];
  const list = [['one member more', { ...value, more: 1 }]];
  for (const [name, member] of Object.entries(value)) {
    const { [name]: _, ...without } = value;
    list.push([`no ${name}`, without], [`${name} of another type`, { ...value, [name]: { other: 1 } }]);
    list.push([`${name} of another type`, { ...value, [name]: typeof member === 'number' ? String(member) : 7 }]);
    for (const [what, wrong] of spoilt(member)) list.push([what, { ...value, [name]: wrong }]);
  }
  return list;
}

describe('a session', () => {
  for (const transport of Object.keys(transports)) {
    test(`of every kind of change, over ${transport}`, async () => {
      const who = tenant();
      const socket = await joined({ token: who.token, transport });
      const shop = await create_business(server, who, { name: 'Café “Ünïcode” 🏪', logo_url: 'https://x.example/l.png' });
      await rest(who, 'PATCH', `/api/businesses/${shop.id}`, { logo_url: null, stealth_mode_enabled: true, status: 'stealth_mode' });
      await record(server, shop, { view: 10_000, click: 1, invite: 3, decline: 1, message: 1, qfp: 1 });
      await event(socket, 'kpi:update', ({ kpis }) => kpis.responseRate === 33.3);
      sql(server.database, `INSERT INTO businesses(id, user_id, name, category) VALUES ('${uuid()}', '${who.id}', 'Prompt', 'retail');`);
      await event(socket, 'business:created', ({ business }) => business.name === 'Prompt');
      assert.equal((await ask(socket, 'request:current-state')).key, 'currentState');
      const from = socket.received.length;
      await rest(who, 'DELETE', `/api/businesses/${shop.id}`);
      await event(socket, 'business:deleted');
      await event(socket, 'kpi:update', ({ kpis }) => kpis.landlordViews === 0, { from });
      const names = new Set(socket.received.map((each) => each.event));
      for (const key of events_sent.filter((each) => each !== 'authExpiring')) assert.ok(names.has(messages[key].name), key);
    });
  }

  test('with more businesses than a state shows', async () => {
    const who = tenant();
    for (let i = 0; i < 21; ++i) await create_business(server, who, { name: `Of ${i}`, status: 'pending_verification' });
    const socket = await joined({ token: who.token });
    const { payload } = await ask(socket, 'request:current-state');
    assert.deepEqual([payload.businesses.length, payload.total], [20, 21]);
  });

  test('whose token expires and is renewed', async () => {
    const who = tenant({ ttl: 20 });
    const socket = await joined({ token: who.token });
    await event(socket, 'auth:expiring');
    for (const [payload, code] of [
      [{ token: 'nonsense' }, 'UNAUTHORIZED'],
      [{ token: tenant().token }, 'FORBIDDEN'],
      [{}, 'VALIDATION_ERROR'],
      [{ token: null }, 'VALIDATION_ERROR'],
      [undefined, 'VALIDATION_ERROR'],
      // What the schema refuses, the server refuses.
      [{ token: 7 }, 'VALIDATION_ERROR'],
      [{ token: ['x'] }, 'VALIDATION_ERROR'],
      ['text', 'VALIDATION_ERROR'],
    ]) {
      const answer = await ask(socket, 'auth:refresh', payload);
      assert.equal(answer.payload.error?.code, code, JSON.stringify(payload));
    }
    assert.equal((await ask(socket, 'auth:refresh', { token: token_for(who.id) })).key, 'authRefreshed');
  });

  test('of somebody signed in, asking several times at once', async () => {
    const { email } = tenant();
    const password = 'correct horse battery staple';
    const added = run_program(['user', 'add', '--email', email, '--role', 'tenant', '--password-stdin'], { env: server.settings, input: password });
    assert.equal(added.code, 0, added.stderr);
    const { headers } = await api(server, 'POST', '/api/auth/login', { body: { email, password } });
    const cookie = headers.getSetCookie().map((line) => line.split(';')[0]).join('; ');
    // By polling the second and the third go in one request, so that the third finds the second unanswered.
    const socket = await joined({ extraHeaders: { cookie }, transport: 'polling' });
    const all = await Promise.all([1, 2, 3].map(() => ask(socket, 'auth:refresh', {})));
    const codes = all.map(({ payload }) => payload.error?.code);
    assert.deepEqual([codes[0], codes[2]], [undefined, 'RATE_LIMITED']);
  });
});

test('a client that is not let in is told one of the documented reasons', async () => {
  await refused({}, 'Authentication token required');
  await refused({ token: 'nonsense' }, 'Invalid authentication token');
  await refused({ token: token_for(uuid(), { role: 'landlord' }) }, 'Insufficient permissions');
  await refused({ token: tenant().token, nsp: '/other' }, 'Invalid namespace');
  const reasons = new Set(seen.get('connectError').map(({ message }) => message));
  assert.deepEqual([...reasons].sort(), [...schemas.ConnectError.properties.message.enum].sort());
});

test('every message of the document was seen', () => {
  for (const [key, payloads] of seen) assert.ok(payloads.length > 0, key);
  // A database out of reach (UNAVAILABLE) is the business of faults.test.mjs and nodes_postgres_dies.test.mjs.
  const codes = new Set(seen.get('authRefused').map(({ error }) => error.code));
  const known = schemas.AuthRefused.properties.error.properties.code.enum;
  assert.deepEqual([...codes, 'UNAVAILABLE'].sort(), [...known].sort());
});
