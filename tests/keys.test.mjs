// Tokens of a public key: RS256 and ES256, instead of the secret or beside it, and no key for anything else.
import { createHmac, generateKeyPairSync, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Program, api, assert, connected, disconnect_all, jwt, program, refusal, seconds_now, secret, sign_in_to_demo, start_server, temporary_folder, token_for, uuid } from './harness.mjs';

const folder = temporary_folder();
const pairs = {
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
};
const others = {
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
};
const pem = (alg) => pairs[alg].publicKey.export({ type: 'spki', format: 'pem' });

function claims() {
  const now = seconds_now();
  return { userId: uuid(), role: 'tenant', iat: now, exp: now + 600 };
}

function signed(alg, key = pairs[alg].privateKey) {
  const input = jwt(claims(), { header: { alg, typ: 'JWT' }, key: null }).slice(0, -1);
  return `${input}.${sign('sha256', Buffer.from(input), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

const status = async (server, token) => (await api(server, 'GET', '/api/dashboard/tenant/kpis', { token })).status;

for (const alg of ['RS256', 'ES256']) {
  describe(`with a key for ${alg}`, () => {
    let alone;
    let beside;
    before(async () => {
      const file = join(folder, `${alg}.pem`);
      writeFileSync(file, pem(alg));
      [alone, beside] = await Promise.all([
        start_server({ env: { JWT_PUBLIC_KEY_FILE: file, JWT_SECRET: '' } }),
        start_server({ env: { JWT_PUBLIC_KEY_FILE: file } }),
      ]);
    });
    after(async () => {
      disconnect_all();
      await Promise.all([alone?.stop(), beside?.stop()]);
    });

    test('its tokens are accepted, by REST and by the socket', async () => {
      for (const server of [alone, beside]) {
        assert.equal(await status(server, signed(alg)), 200);
        await connected(server, { token: signed(alg) });
      }
    });

    test('those of another key are refused', async () => {
      assert.equal(await status(alone, signed(alg, others[alg].privateKey)), 401);
      assert.equal((await refusal(alone, { token: signed(alg, others[alg].privateKey) })).message, 'Invalid authentication token');
    });

    test('those of the secret are accepted where there is one, and only there', async () => {
      assert.equal(await status(beside, jwt(claims())), 200);
      assert.equal(await status(alone, jwt(claims())), 401);
      assert.equal(await status(alone, jwt(claims(), { key: '' })), 401);
    });

    test('the public key is no HS256 secret', async () => {
      for (const key of [pem(alg), pem(alg).trim(), pairs[alg].publicKey.export({ type: 'spki', format: 'der' })]) {
        const token = jwt(claims(), { key });
        for (const server of [alone, beside]) assert.equal(await status(server, token), 401);
      }
    });

    test('an algorithm the key is not for is refused', async () => {
      const other = alg === 'RS256' ? 'ES256' : 'RS256';
      for (const server of [alone, beside]) {
        assert.equal(await status(server, signed(other)), 401);
        for (const name of ['none', 'RS512', 'PS256', 'ES384', 'HS512']) {
          const [, body, signature] = signed(alg).split('.');
          const head = Buffer.from(JSON.stringify({ alg: name, typ: 'JWT' })).toString('base64url');
          assert.equal(await status(server, `${head}.${body}.${signature}`), 401, name);
        }
      }
    });
  });
}

test("the demo has a key of its own: what the operator's would let in is nothing there", async () => {
  const demo = new Program(program, ['demo'], {
    cwd: temporary_folder(), env: { PORT: '0', ADMIN_PORT: '0', JWT_SECRET: secret },
  });
  const [, url] = await demo.line(/listening on (http:\/\/127\.0\.0\.1:\d+)/, 60_000);
  const theirs = await fetch(`${url}/api/dashboard/tenant/kpis`, { headers: { authorization: `Bearer ${token_for(uuid())}` } });
  assert.equal(theirs.status, 401);
  await demo.line(/demo tenant: \S+, password: \S+/);
  const { cookie } = await sign_in_to_demo(demo, url);
  assert.equal((await fetch(`${url}/api/dashboard/tenant/kpis`, { headers: { cookie } })).status, 200);
  const [head, claims, signature] = cookie.replace('accessToken=', '').split('.');
  assert.notEqual(signature, createHmac('sha256', secret).update(`${head}.${claims}`).digest('base64url'));
  await demo.stop();
});
