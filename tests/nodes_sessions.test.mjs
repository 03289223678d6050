// One session over three nodes on one PostgreSQL: begun, renewed and ended at any of them, valid or not at all.
import { after, afterEach, before, describe, test } from 'node:test';
import { api, assert, connected, disconnect_all, slow, sql, start_server, wait_for } from './harness.mjs';
import { start_nodes, stop_nodes } from './nodes.mjs';
import { add_account, signed_in } from './sessions.mjs';

let nodes;
let anna;
before(async () => {
  nodes = await start_nodes(3);
  anna = add_account(nodes[0]);
});
afterEach(disconnect_all);
after(() => stop_nodes(nodes));

const everywhere = (visitor, ask = (at) => visitor.me({ at })) =>
  Promise.all(nodes.map(async (at) => (await ask(at)).status));

// The session that `visitor` has is over at each node within a second of `ended`.
async function assert_over(visitor, ended) {
  await Promise.all(nodes.map((at, n) =>
    wait_for(async () => (await visitor.me({ at })).status === 401, `the end of the session at node ${n}`, 2000)));
  const took = Date.now() - ended;
  assert.ok(took < 1000 * slow, `${took} ms`);
  assert.deepEqual(await everywhere(visitor, (at) => visitor.copy().refresh({ at })), [401, 401, 401]);
}

test('a session begun at one node is good at all, and renewed at any', async () => {
  const visitor = await signed_in(nodes[0], { account: anna });
  for (const at of nodes) {
    assert.deepEqual(await everywhere(visitor), [200, 200, 200]);
    assert.equal((await visitor.refresh({ at })).status, 200);
  }
});

describe('a session that ends at one node ends at all within a second', () => {
  test('by signing out, its sockets too', async () => {
    for (const at of nodes) {
      const visitor = await signed_in(nodes[0], { account: anna });
      const stays = await signed_in(nodes[1], { account: anna });
      const by_cookie = (node, who) => connected(node, { extraHeaders: { cookie: who.cookie } });
      const sockets = await Promise.all(nodes.map((node) => by_cookie(node, visitor)));
      const other = await by_cookie(nodes[2], stays);
      const copy = visitor.copy();
      const ended = Date.now();
      assert.equal((await visitor.logout({ at })).status, 200);
      await Promise.all([
        assert_over(copy, ended),
        wait_for(() => sockets.every((socket) => !socket.connected), 'the end of its sockets', 1000),
      ]);
      assert.deepEqual(await everywhere(stays), [200, 200, 200]);
      assert.ok(other.connected);
    }
  });

  test('by an old refresh token', async () => {
    const visitor = await signed_in(nodes[0], { account: anna });
    const thief = visitor.copy();
    assert.equal((await visitor.refresh({ at: nodes[1] })).status, 200);
    assert.deepEqual(await everywhere(visitor), [200, 200, 200]);
    const ended = Date.now();
    assert.equal((await thief.refresh({ at: nodes[2] })).status, 401);
    await assert_over(visitor, ended);
  });

  test('by a statement at a SQL prompt', async () => {
    const visitor = await signed_in(nodes[0], { account: anna });
    assert.deepEqual(await everywhere(visitor), [200, 200, 200]);
    const ended = Date.now();
    sql(nodes[0].database, 'UPDATE pulseboard.sessions SET revoked_at = now() WHERE revoked_at IS NULL;');
    await assert_over(visitor, ended);
  });
});

test('of refreshes at once at three nodes exactly one wins', async () => {
  // A loser that is held up on its way until the winner has its answer is taken for a thief: not in most rounds.
  let peaceful = 0;
  for (let round = 0; round < 5; ++round) {
    const visitor = await signed_in(nodes[round % 3], { account: anna });
    const all = nodes.map(() => visitor.copy());
    await Promise.all(all.map((each, n) => each.me({ at: nodes[n] })));   // connections are open
    const answers = await Promise.all(all.map((each, n) => each.refresh({ at: nodes[n] })));
    assert.deepEqual(answers.map((a) => a.status).sort(), [200, 401, 401]);
    const winner = all[answers.findIndex((a) => a.status === 200)];
    if (answers.some((a) => a.status === 401 && a.headers.getSetCookie().length > 0)) continue;
    ++peaceful;
    assert.deepEqual(await everywhere(winner), [200, 200, 200]);
    assert.equal((await winner.refresh()).status, 200);
  }
  assert.ok(peaceful >= 3, `${peaceful} rounds in which the session went on`);
});

test('nodes that did not hear of the end learn of it when they listen again', async () => {
  const visitor = await signed_in(nodes[0], { account: anna });
  assert.deepEqual(await everywhere(visitor), [200, 200, 200]);
  // One session ends every connection of the nodes and revokes: nobody can be listening by then.
  const ended = sql(nodes[0].database, `
    BEGIN;
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
     WHERE datname = current_database() AND application_name LIKE 'pulseboard%';
    UPDATE pulseboard.sessions SET revoked_at = now() WHERE revoked_at IS NULL;
    COMMIT;`);
  assert.ok(Number(ended) >= 3, `${ended} connections ended`);
  await Promise.all(nodes.map((at, n) =>
    wait_for(async () => (await visitor.me({ at })).status === 401, `the end of the session at node ${n}`)));
  for (const node of nodes) await wait_for(async () => (await api(node, 'GET', '/ready')).status === 200, 'ready');
});

test('a node that starts later refuses what was ended before', async () => {
  const visitor = await signed_in(nodes[0], { account: anna });
  const stays = await signed_in(nodes[0], { account: anna });
  const token = visitor.kept.accessToken;
  assert.equal((await visitor.logout()).status, 200);
  const late = await start_server({ settings: nodes[0].settings });
  try {
    await wait_for(async () => (await api(late, 'GET', '/ready')).status === 200, 'ready');
    assert.equal((await api(late, 'GET', '/api/auth/me', { token })).status, 401);
    assert.equal((await stays.me({ at: late })).status, 200);
  } finally {
    await late.stop();
  }
});
