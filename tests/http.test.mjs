// HTTP/1.1 as sent by anybody: framing that two readers could read in two ways, limits, rates, pipelining.
import { after, afterEach, before, describe, test } from 'node:test';
import { api, assert, create_business, kpis_of, service_token, start_server, tenant, uuid } from './harness.mjs';
import { close_all_raw, Connection, exchange, head_of } from './raw.mjs';

let server;
before(async () => { server = await start_server(); });
afterEach(close_all_raw);
after(() => server?.stop());

const ok = 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n';

describe('a request that two readers could read in two ways is refused with 400 and the connection closed', () => {
  const post = (...fields) => `POST /api/businesses HTTP/1.1\r\nHost: x\r\n${fields.map((f) => `${f}\r\n`).join('')}\r\n`;
  const refused = {
    'length and chunked': `${post('Content-Length: 5', 'Transfer-Encoding: chunked')}0\r\n\r\n`,
    'chunked and length': `${post('Transfer-Encoding: chunked', 'Content-Length: 5')}0\r\n\r\n`,
    'two different lengths': `${post('Content-Length: 2', 'Content-Length: 3')}{} `,
    'two lengths in one field': `${post('Content-Length: 2, 3')}{} `,
    'a length that is no number': `${post('Content-Length: 0x2')}{}`,
    'a signed length': `${post('Content-Length: +2')}{}`,
    'a negative length': `${post('Content-Length: -1')}`,
    'a length beyond 64 bits': `${post('Content-Length: 99999999999999999999999')}`,
    'a folded header': 'GET /health HTTP/1.1\r\nHost: x\r\nX-A: one\r\n two\r\n\r\n',
    'a folded header with a tab': 'GET /health HTTP/1.1\r\nHost: x\r\nX-A: one\r\n\ttwo\r\n\r\n',
    'space before the colon': 'GET /health HTTP/1.1\r\nHost: x\r\nX-A : one\r\n\r\n',
    'an unknown transfer encoding': `${post('Transfer-Encoding: identity, gzip')}{}`,
    'chunked hidden by white space': `${post('Transfer-Encoding: xchunked')}0\r\n\r\n`,
    'a chunk size that is no number': `${post('Transfer-Encoding: chunked', 'Content-Type: application/json')}zz\r\n{}\r\n0\r\n\r\n`,
    'a NUL in a header': 'GET /health HTTP/1.1\r\nHost: x\r\nX-A: a\u0000b\r\n\r\n',
    'no HTTP': 'HELO example.org\r\n\r\n',
    'TLS': Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, 13, 10, 13, 10]),
  };
  for (const [what, bytes] of Object.entries(refused)) {
    test(what, async () => {
      const connection = new Connection(server.port).write(bytes);
      // What follows must not be taken for a second request.
      connection.write(ok);
      const answer = await connection.response();
      assert.equal(answer.status, 400, answer.body);
      await connection.closed(5000);
      assert.doesNotMatch(connection.received.toString(), /HTTP\/1\.1 200/);
    });
  }

  test('and the server lives on', async () => {
    assert.equal((await exchange(server.port, ok)).status, 200);
  });
});

describe('connections', () => {
  test('carry one request after another', async () => {
    const connection = new Connection(server.port);
    for (let i = 0; i < 5; ++i) assert.equal((await connection.write(ok).response()).status, 200);
  });

  test('carry requests that were sent together, and answer in order', async () => {
    const who = tenant();
    const fields = { Authorization: `Bearer ${who.token}` };
    const connection = new Connection(server.port).write(
      head_of('GET', '/health') + head_of('GET', '/api/businesses', fields) + head_of('GET', '/nothing') +
      head_of('GET', '/api/dashboard/tenant/kpis', fields));
    const answers = [];
    for (let i = 0; i < 4; ++i) answers.push(await connection.response());
    assert.deepEqual(answers.map((a) => a.status), [200, 200, 404, 200]);
    assert.ok('total' in JSON.parse(answers[1].body).data);
    assert.ok('responseRate' in JSON.parse(answers[3].body).data);
  });

  test('close when asked to', async () => {
    const connection = new Connection(server.port).write(head_of('GET', '/health', { Connection: 'close' }));
    assert.equal((await connection.response()).headers.connection?.toLowerCase(), 'close');
    await connection.closed(5000);
  });

  test('take bodies in chunks, and in pieces', async () => {
    const who = tenant();
    const body = JSON.stringify({ name: 'In pieces', category: 'retail' });
    const connection = new Connection(server.port).write(head_of('POST', '/api/businesses', {
      Authorization: `Bearer ${who.token}`, 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked',
    }));
    for (const part of body.match(/.{1,7}/g)) connection.write(`${part.length.toString(16)}\r\n${part}\r\n`);
    connection.write('0\r\n\r\n');
    assert.equal((await connection.response()).status, 201);
  });

  test('answer HEAD without a body', async () => {
    const connection = new Connection(server.port).write(head_of('HEAD', '/health'));
    const answer = await connection.response({ head: true });
    assert.ok([200, 405].includes(answer.status));
    assert.equal((await connection.write(ok).response()).status, 200);
  });
});

describe('limits', () => {
  test('431 for headers over 16 KiB', async () => {
    const large = { 'X-Large': 'x'.repeat(17 * 1024) };
    const connection = new Connection(server.port).write(head_of('GET', '/health', large));
    const answer = await connection.response();
    assert.equal(answer.status, 431);
    assert.equal(JSON.parse(answer.body).error.code, 'HEADERS_TOO_LARGE');
    await connection.closed(5000);
    const fits = { 'X-Large': 'x'.repeat(15 * 1024) };
    assert.equal((await exchange(server.port, head_of('GET', '/health', fits))).status, 200);
  });

  test('413 for a length over 1 MiB, before the body is sent', async () => {
    const connection = new Connection(server.port).write(head_of('POST', '/api/businesses', {
      Authorization: `Bearer ${tenant().token}`, 'Content-Type': 'application/json', 'Content-Length': 1024 * 1024 + 1,
    }));
    const answer = await connection.response();
    assert.equal(answer.status, 413);
    assert.equal(JSON.parse(answer.body).error.code, 'PAYLOAD_TOO_LARGE');
  });

  test('413 for chunks that add up to more', async () => {
    const connection = new Connection(server.port).write(head_of('POST', '/api/businesses', {
      Authorization: `Bearer ${tenant().token}`, 'Content-Type': 'application/json', 'Transfer-Encoding': 'chunked',
    }));
    const chunk = `10000\r\n${'x'.repeat(65536)}\r\n`;
    for (let i = 0; i < 17; ++i) connection.write(chunk);
    assert.equal((await connection.response()).status, 413);
  });
});

describe('rates', () => {
  let limited;
  before(async () => { limited = await start_server({ env: { RATE_LIMIT: '20' } }); });
  after(() => limited?.stop());
  const burst = async (count, options) => {
    const answers = await Promise.all(Array.from({ length: count }, () =>
      api(limited, 'GET', '/api/dashboard/tenant/kpis', options)));
    return answers;
  };

  test('429 with Retry-After over RATE_LIMIT, for that user alone', async () => {
    const who = tenant();
    await kpis_of(limited, who);
    const answers = await burst(120, { token: who.token });
    const refused = answers.filter((a) => a.status === 429);
    assert.ok(refused.length > 0, 'nothing was refused');
    assert.ok(answers.filter((a) => a.status === 200).length >= 30, 'the burst was not let through');
    assert.equal(refused[0].body.error.code, 'RATE_LIMITED');
    assert.match(refused[0].headers.get('retry-after'), /^[1-9]\d*$/);
    assert.equal((await api(limited, 'GET', '/api/dashboard/tenant/kpis', { token: tenant().token })).status, 200);
  });

  test('without a token a quarter of it, per address', async () => {
    const answers = await burst(60, {});
    assert.ok(answers.some((a) => a.status === 401));
    assert.ok(answers.some((a) => a.status === 429));
  });

  test('service tokens are exempt', async () => {
    const who = tenant();
    const business = await create_business(limited, who);
    const token = service_token();
    const answers = await Promise.all(Array.from({ length: 120 }, () => api(limited, 'POST', '/api/activity', {
      token, body: { events: [{ id: uuid(), businessId: business.id, type: 'view' }] },
    })));
    assert.ok(answers.every((a) => a.status === 200));
  });
});
