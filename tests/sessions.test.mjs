// Signing in and out (contract section 4, Sessions): the cookies, their rotation, the limits, and who may not write.
import { createHmac, generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import {
  api, assert, create_business, jwt, metric, seconds_now, sql, start_server, temporary_folder, tenant, token_for, uuid,
} from './harness.mjs';
import { add_account, cookies_of, password, signed_in, Visitor } from './sessions.mjs';

const listed = 'https://app.example.org';
let server;
let anna;
before(async () => {
  server = await start_server({ env: { FRONTEND_URL: listed }, admin: true });
  anna = add_account(server);
});
after(() => server?.stop());

function refused(answer, message) {
  assert.equal(answer.status, 401, JSON.stringify(answer.body));
  assert.equal(answer.body.error.code, 'UNAUTHORIZED');
  if (message) assert.equal(answer.body.error.message, message);
}

function assert_cleared(answer) {
  const cookies = cookies_of(answer);
  assert.deepEqual(Object.keys(cookies).sort(), ['accessToken', 'refreshToken']);
  for (const { value, attributes } of Object.values(cookies)) {
    assert.equal(value, '');
    assert.ok(attributes.includes('Max-Age=0'), attributes.join());
  }
  assert.ok(cookies.accessToken.attributes.includes('Path=/'));
  assert.ok(cookies.refreshToken.attributes.includes('Path=/api/auth'));
}

describe('POST /api/auth/login', () => {
  test('answers who it is and until when, and sets both cookies', async () => {
    const visitor = new Visitor(server);
    const answer = await visitor.login(anna);
    const { user, expiresAt, ...more } = answer.body.data;
    assert.deepEqual(more, {});
    assert.deepEqual(user, { id: anna.id, email: anna.email, role: 'tenant' });
    assert.match(expiresAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.ok(Math.abs(Date.parse(expiresAt) - Date.now() - 900_000) < 10_000, expiresAt);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    const cookies = cookies_of(answer);
    assert.deepEqual(Object.keys(cookies).sort(), ['accessToken', 'refreshToken']);
    assert.deepEqual(cookies.accessToken.attributes.sort(), ['HttpOnly', 'Max-Age=900', 'Path=/', 'SameSite=Lax']);
    assert.deepEqual(cookies.refreshToken.attributes.sort(),
      ['HttpOnly', 'Max-Age=2592000', 'Path=/api/auth', 'SameSite=Lax']);
    assert.deepEqual((await visitor.me()).body, { success: true, data: { user } });
    assert.equal((await visitor.send('GET', '/api/dashboard/tenant')).status, 200);
  });

  test('marks the cookies Secure behind https, also those that it takes away', async () => {
    const visitor = await signed_in(server, { account: anna, headers: { 'x-forwarded-proto': 'https' } });
    for (const answer of [await visitor.refresh(), await visitor.logout()])
      for (const { attributes } of Object.values(cookies_of(answer))) assert.ok(attributes.includes('Secure'));
  });

  test('takes the address in any case, and every role', async () => {
    const visitor = new Visitor(server);
    assert.equal((await visitor.try_login(` ${anna.email.toUpperCase()} `)).body.data.user.email, anna.email);
    for (const role of ['landlord', 'broker']) {
      const other = await signed_in(server, { account: add_account(server, { role }) });
      assert.equal((await other.me()).body.data.user.role, role);
      assert.equal((await other.send('GET', '/api/dashboard/tenant')).status, 403);
    }
  });

  test('says the same of a wrong password, an unknown address and an account without a password', async () => {
    const without = tenant();
    await create_business(server, without);
    const answers = [];
    for (const email of [anna.email, 'nobody@example.org', without.email]) {
      const visitor = new Visitor(server);
      answers.push(await visitor.try_login(email, 'wrong password'));
      assert.equal(visitor.cookie, '');
    }
    for (const answer of answers) {
      refused(answer);
      assert.deepEqual(answer.body, answers[0].body);
    }
  });

  test('takes as long for each of them, and for an account of an adopted database', async () => {
    const [without, adopted] = [tenant(), tenant()];
    await create_business(server, without);
    await create_business(server, adopted);
    // bcrypt at its cheapest, as fast as a comparison can be.
    sql(server.database, `UPDATE users SET password_hash = '$2b$04$abcdefghijklmnopqrstuuNeGoqDlaPG6ZAYPJQ5RJke72VMsIE/i' WHERE id = '${adopted.id}';`);
    const medians = [];
    for (const email of [anna.email, `${uuid()}@example.org`, without.email, adopted.email]) {
      const times = [];
      for (let i = 0; i < 3; ++i) {
        const began = performance.now();
        refused(await new Visitor(server).try_login(email, 'wrong password'));
        times.push(performance.now() - began);
      }
      medians.push(times.sort((a, b) => a - b)[1]);
    }
    assert.ok(Math.max(...medians) / Math.min(...medians) < 1.6, medians.map(Math.round).join(' '));
    await new Visitor(server).login(anna);
  });

  test('accepts the bcrypt of the original application, and leaves it as it is', async () => {
    const adopted = tenant();
    await create_business(server, adopted);
    const hash = '$2b$10$abcdefghijklmnopqrstuuGGgFFcYeueaAql8Z7U7CnCTRw4DR77W';
    sql(server.database, `UPDATE users SET password_hash = '${hash}' WHERE id = '${adopted.id}';`);
    const visitor = new Visitor(server);
    refused(await visitor.try_login(adopted.email, 'wrong password'));
    await visitor.login({ email: adopted.email, password });
    assert.equal((await visitor.me()).body.data.user.id, adopted.id);
    assert.equal(sql(server.database, `SELECT password_hash FROM users WHERE id = '${adopted.id}';`), hash);
  });

  test('names each field that is wrong', async () => {
    const email = anna.email;
    for (const [body, fields] of [
      [{}, ['email', 'password']],
      [{ email }, ['password']],
      [{ email, password: '' }, ['password']],
      [{ email, password: 7 }, ['password']],
      [{ email, password: 'x'.repeat(1025) }, ['password']],
      [{ email: '  ', password }, ['email']],
      [{ email: null, password }, ['email']],
      [{ email: 'x'.repeat(321), password }, ['email']],
      // PostgreSQL would read it to the NUL: another name for the same account.
      [{ email: `${email}\0`, password }, ['email']],
      [{ email, password, remember: true }, ['remember']],
    ]) {
      const answer = await api(server, 'POST', '/api/auth/login', { body });
      assert.equal(answer.status, 400, JSON.stringify(body));
      assert.equal(answer.body.error.code, 'VALIDATION_ERROR');
      assert.deepEqual(answer.body.error.details.map((d) => d.field).sort(), fields, JSON.stringify(body));
    }
  });
});

describe('GET /api/auth/me', () => {
  test('knows whoever has a token, from its claims', async () => {
    const who = { userId: uuid(), email: 'x@example.org', role: 'service' };
    const token = jwt({ ...who, iat: seconds_now(), exp: seconds_now() + 60 });
    assert.deepEqual((await api(server, 'GET', '/api/auth/me', { token })).body.data,
      { user: { id: who.userId, email: who.email, role: 'service' } });
    refused(await api(server, 'GET', '/api/auth/me'), 'Access token is required');
    assert.equal((await api(server, 'GET', '/api/auth/me', { token: token_for(uuid(), { role: 'admin' }) })).status, 403);
  });
});

describe('POST /api/auth/refresh', () => {
  test('exchanges both cookies, again and again', async () => {
    const visitor = await signed_in(server, { account: anna });
    for (let i = 0; i < 3; ++i) {
      const before_it = { ...visitor.kept };
      const answer = await visitor.refresh();
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      assert.deepEqual(answer.body.data.user, { id: anna.id, email: anna.email, role: 'tenant' });
      assert.equal(answer.headers.get('cache-control'), 'no-store');
      assert.ok(Date.parse(answer.body.data.expiresAt) >= Date.parse(visitor.expires_at));
      assert.notEqual(visitor.kept.refreshToken, before_it.refreshToken);
      assert.equal((await visitor.me()).status, 200);
    }
  });

  test('needs no access token, and no other cookie does', async () => {
    const visitor = await signed_in(server, { account: anna });
    delete visitor.kept.accessToken;
    assert.equal((await visitor.refresh()).status, 200);
    const without = new Visitor(server);
    refused(await without.refresh(), 'Refresh token is required');
    // Whoever has no code of ours on it made it up, whatever session it names.
    const made_up = createHmac('sha512', 'x').update('y').digest('base64url');
    without.kept.refreshToken = made_up;
    const answer = await without.refresh();
    refused(answer);
    assert_cleared(answer);
  });

  test('ends the session for everybody when an old token is used', async () => {
    const visitor = await signed_in(server, { account: anna });
    const thief = visitor.copy();
    const first = visitor.kept.accessToken;
    assert.equal((await visitor.refresh()).status, 200);
    const answer = await thief.refresh();
    refused(answer);
    assert_cleared(answer);
    refused(await visitor.me(), 'Invalid or expired access token');
    refused(await api(server, 'GET', '/api/auth/me', { token: first }));
    refused(await visitor.refresh());
    // The account's other sessions go on.
    assert.equal((await (await signed_in(server, { account: anna })).me()).status, 200);
  });

  test('lets exactly one of several at once win', async () => {
    // A loser that is held up on its way until the winner has its answer is taken for a thief: not in most rounds.
    let peaceful = 0;
    for (let round = 0; round < 5; ++round) {
      const visitor = await signed_in(server, { account: anna });
      const all = Array.from({ length: 4 }, () => visitor.copy());
      await Promise.all(all.map((each) => each.me()));   // connections are open
      const answers = await Promise.all(all.map((each) => each.refresh()));
      assert.deepEqual(answers.map((a) => a.status).sort(), [200, 401, 401, 401]);
      const winner = all[answers.findIndex((a) => a.status === 200)];
      const losers = answers.filter((a) => a.status === 401);
      if (losers.some((a) => a.headers.getSetCookie().length > 0)) continue;
      ++peaceful;
      assert.equal((await winner.me()).status, 200);
      assert.equal((await winner.refresh()).status, 200);
    }
    assert.ok(peaceful >= 3, `${peaceful} rounds in which the session went on`);
  });
});

describe('POST /api/auth/logout', () => {
  test('takes the cookies away and ends the session, its tokens too', async () => {
    const visitor = await signed_in(server, { account: anna });
    const copy = visitor.copy();
    assert.equal((await copy.me()).status, 200);
    const answer = await visitor.logout();
    assert.equal(answer.status, 200);
    assert.equal(answer.body.success, true);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert_cleared(answer);
    assert.equal(visitor.cookie, '');
    refused(await copy.me(), 'Invalid or expired access token');
    refused(await copy.refresh());
  });

  test('ends the session by either cookie alone, and is content without', async () => {
    for (const name of ['accessToken', 'refreshToken']) {
      const visitor = await signed_in(server, { account: anna });
      const copy = visitor.copy();
      visitor.kept = { [name]: visitor.kept[name] };
      assert.equal((await visitor.logout()).status, 200);
      refused(await copy.me());
      refused(await copy.refresh());
    }
    const answer = await new Visitor(server).logout();
    assert.equal(answer.status, 200);
    assert_cleared(answer);
    assert.equal((await new Visitor(server, { cookie: 'refreshToken=x; accessToken=y' }).logout()).status, 200);
  });
});

describe('failures to sign in', () => {
  const too_many = (answer) => {
    assert.equal(answer.status, 429, JSON.stringify(answer.body));
    assert.equal(answer.body.error.code, 'RATE_LIMITED');
    const wait = Number(answer.headers.get('retry-after'));
    assert.ok(wait >= 1 && wait <= 60, `Retry-After ${wait}`);
  };
  const fail = async (email, visitor = new Visitor(server)) => (await visitor.try_login(email, 'wrong password')).status;

  test('are five a minute for an account, whether it exists or not, and however it is spelled', async () => {
    const account = add_account(server);
    for (const email of [account.email, `${uuid()}@example.org`]) {
      const spelled = [email, email.toUpperCase(), ` ${email}`, email, email];
      assert.deepEqual(await Promise.all(spelled.map((each) => fail(each))), [401, 401, 401, 401, 401]);
      too_many(await new Visitor(server).try_login(email, 'wrong password'));
      // The right password is not looked at either.
      too_many(await new Visitor(server).try_login(email));
    }
    await new Visitor(server).login(anna);
  });

  test('are forgotten when the account signs in', async () => {
    const account = add_account(server);
    for (let round = 0; round < 3; ++round) {
      assert.deepEqual(await Promise.all(Array.from({ length: 4 }, () => fail(account.email))), [401, 401, 401, 401]);
      await new Visitor(server).login(account);
    }
  });

  test('are twenty a minute for an address', async () => {
    const visitor = new Visitor(server);
    const answers = await Promise.all(Array.from({ length: 30 }, () => fail(`${uuid()}@example.org`, visitor)));
    const wrong = answers.filter((status) => status === 401).length;
    // More than twenty by what is given back meanwhile, one in three seconds.
    assert.ok(wrong >= 20 && wrong < 30, `${wrong} of 30`);
    assert.equal(answers.filter((status) => status === 429).length, 30 - wrong);
    too_many(await visitor.try_login(anna.email));
    await new Visitor(server).login(anna);
  });
});

describe('a write that is authenticated by cookie', () => {
  const cases = () => [
    [{}, true],   // no browser
    [{ 'sec-fetch-site': 'same-origin' }, true],
    [{ 'sec-fetch-site': 'same-origin', origin: server.url }, true],
    [{ 'sec-fetch-site': 'none' }, true],
    [{ 'sec-fetch-site': 'cross-site' }, false],
    [{ 'sec-fetch-site': 'same-site' }, false],
    [{ 'sec-fetch-site': 'cross-site', origin: listed }, true],
    [{ 'sec-fetch-site': 'same-site', origin: listed }, true],
    [{ 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, false],
    [{ origin: server.url }, true],
    [{ origin: listed }, true],
    [{ origin: 'https://evil.example' }, false],
    [{ origin: 'null' }, false],
    [{ origin: `${server.url}.evil.example` }, false],
    [{ origin: `${listed}.evil.example` }, false],
  ];

  test('must come from a page of ours', async () => {
    const visitor = await signed_in(server, { account: anna });
    for (const [headers, allowed] of cases()) {
      const answers = [
        await visitor.send('POST', '/api/businesses', { headers, body: {} }),
        await visitor.send('DELETE', `/api/businesses/${uuid()}`, { headers }),
        // It would be a sign-in that somebody else chose.
        await new Visitor(server).send('POST', '/api/auth/login', { headers, body: {} }),
      ];
      const expected = allowed ? [400, 404, 400] : [403, 403, 403];
      assert.deepEqual(answers.map((a) => a.status), expected, JSON.stringify(headers));
      if (!allowed) assert.deepEqual(answers.map((a) => a.body.error.code), ['FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN']);
    }
  });

  test('is not one that only reads, nor one with a token in its header', async () => {
    const visitor = await signed_in(server, { account: anna });
    const headers = { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' };
    assert.equal((await visitor.me({ headers })).status, 200);
    const who = tenant();
    assert.equal((await api(server, 'POST', '/api/businesses', { token: who.token, headers, body: {} })).status, 400);
  });

  test('cannot sign anybody out from elsewhere', async () => {
    const visitor = await signed_in(server, { account: anna });
    assert.equal((await visitor.copy().logout({ headers: { 'sec-fetch-site': 'cross-site' } })).status, 403);
    assert.equal((await visitor.copy().refresh({ headers: { origin: 'https://evil.example' } })).status, 403);
    assert.equal((await visitor.refresh()).status, 200);
  });
});

test('who signs in, is refused and leaves is counted', async () => {
  const by_outcome = (name, outcome) => metric(server, `pulseboard_${name}\\{outcome="${outcome}"\\}`);
  const counts = () => Promise.all([
    by_outcome('sign_ins_total', 'signed_in'), by_outcome('sign_ins_total', 'refused'), by_outcome('sign_ins_total', 'limited'),
    by_outcome('session_refreshes_total', 'refreshed'), by_outcome('session_refreshes_total', 'reused'),
    metric(server, 'pulseboard_sign_outs_total'),
  ]);
  const earlier = await counts();
  const visitor = await signed_in(server, { account: anna });
  refused(await new Visitor(server).try_login(anna.email, 'wrong password'));
  const old = visitor.copy();
  await visitor.refresh();
  await old.refresh();
  await visitor.logout();
  assert.deepEqual((await counts()).map((count, i) => count - earlier[i]), [1, 1, 0, 1, 1, 1]);
});

test('without a key to sign with nobody signs in, and it says so', async () => {
  const file = join(temporary_folder(), 'key.pem');
  writeFileSync(file, generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' }));
  const other = await start_server({ env: { JWT_SECRET: '', JWT_PUBLIC_KEY_FILE: file } });
  const visitor = new Visitor(other);
  for (const answer of [await visitor.try_login(anna.email), await visitor.refresh()]) {
    assert.equal(answer.status, 503);
    assert.equal(answer.body.error.code, 'UNAVAILABLE');
  }
  await other.stop();
});
