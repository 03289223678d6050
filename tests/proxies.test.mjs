// Behind a reverse proxy: whose word about the client's address is taken (TRUSTED_PROXIES).
import { after, before, describe, test } from 'node:test';
import { api, assert, start_server } from './harness.mjs';

// Without a token an address has a quarter of RATE_LIMIT a second, and twice that at once.
const env = { RATE_LIMIT: '8' };

// How many of `count` requests of somebody without a token, at once, are not refused for their rate.
async function let_through(server, count, headers_of) {
  const answers = await Promise.all(Array.from({ length: count }, (_, i) =>
    api(server, 'GET', '/api/businesses', { headers: headers_of(i) })));
  for (const { status } of answers) assert.ok([401, 429].includes(status), String(status));
  return answers.filter(({ status }) => status === 401).length;
}

const forwarded_for = (address) => ({ 'x-forwarded-for': address });

describe('a peer that is trusted', () => {
  let server;
  before(async () => { server = await start_server({ env }); });   // 127.0.0.0/8 by default
  after(() => server.stop());

  test('names the client: each address has a rate of its own', async () => {
    assert.equal(await let_through(server, 24, (i) => forwarded_for(`192.0.2.${i}`)), 24);
    assert.ok(await let_through(server, 24, () => forwarded_for('192.0.2.200')) < 24);
  });

  test('is not believed in what it was told itself: the last address that is no proxy of ours counts', async () => {
    const told = (i) => forwarded_for(`203.0.113.${i}, 192.0.2.201, 127.0.0.1`);
    assert.ok(await let_through(server, 24, told) < 24);
  });
});

describe('a peer that is not trusted', () => {
  let server;
  before(async () => { server = await start_server({ env: { ...env, TRUSTED_PROXIES: '10.0.0.0/8' } }); });
  after(() => server.stop());

  test('is the client, whatever address it names', async () => {
    assert.ok(await let_through(server, 24, (i) => forwarded_for(`192.0.2.${i}`)) < 24);
  });
});
