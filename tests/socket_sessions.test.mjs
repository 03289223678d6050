// How long a socket may stay: told before its token expires, extended in place, ended with its session.
import { after, afterEach, before, describe, test } from 'node:test';
import {
  api, assert, connected, disconnect_all, event, refusal, run_program, settle, sql, start_server, tenant, token_for, wait_for, within,
} from './harness.mjs';

let server;
before(async () => { server = await start_server(); });
afterEach(disconnect_all);
after(() => server?.stop());

const password = 'correct horse battery staple';
const ask = (socket, payload) =>
  within(new Promise((done) => socket.emit('auth:refresh', ...(payload === undefined ? [] : [payload]), done)), 'the answer to auth:refresh');
const until = (iso) => Date.parse(iso);

// Signs a new tenant in; `cookie` is what a browser would send.
async function sign_in(at = server) {
  const { email } = tenant();
  const added = run_program(['user', 'add', '--email', email, '--role', 'tenant', '--password-stdin'],
    { env: at.settings, input: password });
  assert.equal(added.code, 0, added.stderr);
  const answer = await api(at, 'POST', '/api/auth/login', { body: { email, password } });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return { email, ...session_of(answer) };
}

function session_of(answer) {
  const cookies = answer.headers.getSetCookie().map((line) => line.split(';')[0]);
  return { cookie: cookies.join('; '), token: cookies[0].split('=')[1], expiresAt: answer.body.data.expiresAt };
}

const by_cookie = (who, at = server) => connected(at, { extraHeaders: { cookie: who.cookie } });

describe('a token that ends soon', () => {
  test('is announced at once when less than thirty seconds are left', async () => {
    const who = tenant({ ttl: 20 });
    const payload = await event(await connected(server, who), 'auth:expiring');
    assert.ok(Math.abs(until(payload.expiresAt) - Date.now() - 20_000) < 3000, payload.expiresAt);
    assert.match(payload.timestamp, /^\d{4}-.*Z$/);
  });

  test('is announced thirty seconds before', async () => {
    const opened = Date.now();
    const socket = await connected(server, tenant({ ttl: 32 }));
    await event(socket, 'auth:expiring');
    assert.ok(Date.now() - opened >= 900, `announced after ${Date.now() - opened} ms`);
  });
});

describe('auth:refresh with a token', () => {
  test('extends the socket, which is told again before the new token ends', async () => {
    const who = tenant({ ttl: 5 });
    const socket = await connected(server, who);
    await event(socket, 'auth:expiring');
    const from = socket.received.length;
    const answer = await ask(socket, { token: token_for(who.id, { ttl: 32 }) });
    assert.equal(answer.success, true);
    assert.ok(Math.abs(until(answer.expiresAt) - Date.now() - 32_000) < 3000, answer.expiresAt);
    const payload = await event(socket, 'auth:expiring', undefined, { from });
    assert.equal(payload.expiresAt, answer.expiresAt);
  });

  test('with nothing newer changes nothing, and is not announced again', async () => {
    const who = tenant({ ttl: 20 });
    const socket = await connected(server, who);
    const { expiresAt } = await event(socket, 'auth:expiring');
    for (const token of [who.token, token_for(who.id, { ttl: 10 })])
      assert.deepEqual(await ask(socket, { token }), { success: true, expiresAt });
    await settle(socket);
    assert.equal(socket.received.filter((each) => each.event === 'auth:expiring').length, 1);
  });

  test('refuses what is no token of the same tenant, and the socket stays as it was', async () => {
    const who = tenant();
    const socket = await connected(server, who);
    for (const [payload, code] of [
      [{ token: 'nonsense' }, 'UNAUTHORIZED'],
      [{ token: token_for(who.id, { ttl: -1 }) }, 'UNAUTHORIZED'],
      [{ token: tenant().token }, 'FORBIDDEN'],
      [{ token: token_for(who.id, { role: 'landlord' }) }, 'FORBIDDEN'],
      [{ token: 7 }, 'VALIDATION_ERROR'],
      [{}, 'VALIDATION_ERROR'],
      ['text', 'VALIDATION_ERROR'],
      [undefined, 'VALIDATION_ERROR'],
    ]) {
      const answer = await ask(socket, payload);
      assert.equal(answer.success, false, JSON.stringify(payload));
      assert.equal(answer.error.code, code, JSON.stringify(payload));
      assert.equal(typeof answer.error.message, 'string');
    }
    assert.ok(socket.connected);
  });
});

describe('a signed-in session', () => {
  test('extends its socket without a token once its cookies are renewed', async () => {
    const who = await sign_in();
    const socket = await by_cookie(who);
    const same = await ask(socket, {});
    assert.deepEqual(same, { success: true, expiresAt: who.expiresAt });
    // The times of tokens are whole seconds.
    await wait_for(() => Date.now() >= until(who.expiresAt) - 900_000 + 1000, 'the next second');
    const renewed = await api(server, 'POST', '/api/auth/refresh', { headers: { cookie: who.cookie } });
    assert.equal(renewed.status, 200, JSON.stringify(renewed.body));
    const answer = await ask(socket, {});
    assert.deepEqual(answer, { success: true, expiresAt: renewed.body.data.expiresAt });
    assert.ok(until(answer.expiresAt) > until(who.expiresAt));
    // A socket opened with a plain token of the session is one of the session too.
    const by_token = await connected(server, { token: session_of(renewed).token });
    assert.equal((await ask(by_token)).success, true);
  });

  test('does not extend the socket of who is a tenant no more', async () => {
    const who = await sign_in();
    const socket = await by_cookie(who);
    sql(server.database, `UPDATE users SET role = 'landlord' WHERE email = '${who.email}'`);
    const answer = await ask(socket, {});
    assert.deepEqual(answer, {
      success: false, error: { code: 'UNAUTHORIZED', message: 'Invalid or expired access token' },
    });
  });

  test('ends with its sockets within a second when it is signed out', async () => {
    const who = await sign_in();
    const other = await sign_in();
    const sockets = await Promise.all([by_cookie(who), by_cookie(who), connected(server, { token: who.token })]);
    const stranger = await by_cookie(other);
    const reasons = [];
    for (const socket of sockets) socket.on('disconnect', (reason) => reasons.push(reason));
    assert.equal((await api(server, 'POST', '/api/auth/logout', { headers: { cookie: who.cookie } })).status, 200);
    await wait_for(() => reasons.length === 3, 'the end of three sockets', 1000);
    assert.deepEqual([...new Set(reasons)], ['io server disconnect']);
    assert.ok(stranger.connected);
    assert.equal((await refusal(server, { token: who.token })).message, 'Invalid authentication token');
    await by_cookie(other);
  });

  test('is signed out by either of its cookies, also if they are of two sessions', async () => {
    const [one, two] = [await sign_in(), await sign_in()];
    const sockets = await Promise.all([by_cookie(one), by_cookie(two)]);
    const cookie = `${one.cookie.split('; ')[0]}; ${two.cookie.split('; ')[1]}`;
    assert.equal((await api(server, 'POST', '/api/auth/logout', { headers: { cookie } })).status, 200);
    await wait_for(() => sockets.every((socket) => !socket.connected), 'the end of both', 1000);
  });

  test('ends with its sockets when an old refresh token is used', async () => {
    const who = await sign_in();
    const socket = await by_cookie(who);
    assert.equal((await api(server, 'POST', '/api/auth/refresh', { headers: { cookie: who.cookie } })).status, 200);
    assert.equal((await api(server, 'POST', '/api/auth/refresh', { headers: { cookie: who.cookie } })).status, 401);
    await wait_for(() => !socket.connected, 'the end of the socket', 1000);
  });
});
