// Several nodes on one PostgreSQL and one Redis, and what their suites measure with.
import { spawn } from 'node:child_process';
import {
  api, assert, connected, new_database, sql, start_server, uuid, wait_for,
} from './harness.mjs';

// `n` servers on one new database, started at once.
export async function start_nodes(n, options = {}) {
  const settings = options.settings ?? await new_database();
  return Promise.all(Array.from({ length: n }, () => start_server({ ...options, settings })));
}

export const stop_nodes = (nodes) => Promise.all((nodes ?? []).map((node) => node.exit || node.stop()));

// One connected dashboard of `who` at each node.
export const dashboards = (nodes, who) => Promise.all(nodes.map((node) => connected(node, { token: who.token })));

// The same tenant's KPIs, summed from the rows themselves.
export function counted_kpis(database, who) {
  const [active, invites, views, messages] = sql(database, `
    SELECT (SELECT count(*) FROM businesses WHERE user_id = '${who.id}' AND status = 'active'),
           coalesce(sum(property_invites_count), 0), coalesce(sum(views_count), 0), coalesce(sum(messages_count), 0)
      FROM business_metrics m JOIN businesses b ON b.id = m.business_id WHERE b.user_id = '${who.id}';`).split('|').map(Number);
  // One decimal, rounded half up, in whole numbers so that nothing is lost.
  const rate = invites === 0 ? 0 : Math.min(1000, Math.floor((messages * 2000 + invites) / (2 * invites))) / 10;
  return { activeBusinesses: active, responseRate: rate, landlordViews: views, messagesTotal: messages };
}

// The users row of someone who never wrote through REST.
export function insert_user(database, who) {
  sql(database, `INSERT INTO users(id, email, role) VALUES ('${who.id}', '${who.email}', 'tenant');`);
}

// The last kpi:update that a socket was sent.
export const last_kpis = (socket) => socket.received.findLast((r) => r.event === 'kpi:update')?.payload;

export function assert_versions_grow(socket) {
  const versions = socket.received.map((r) => r.payload.version);
  versions.reduce((before_it, version) => {
    assert.ok(version >= before_it, `${version} after ${before_it} in ${versions}`);
    return version;
  }, 0);
  // An event of a business has a version of its own.
  const own = socket.received.filter((r) => r.event.startsWith('business:')).map((r) => r.payload.version);
  assert.deepEqual(own, [...new Set(own)]);
}

// A person at a SQL prompt, with one connection and transactions that last as long as wanted.
export class Prompt {
  constructor(database) {
    this.said = '';
    this.asked = 0;
    this.turn = Promise.resolve();
    this.child = spawn('psql', ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=0', database], { stdio: ['pipe', 'pipe', 'pipe'] });
    for (const stream of [this.child.stdout, this.child.stderr])
      stream.setEncoding('utf8').on('data', (text) => (this.said += text));
    this.child.stdin.on('error', () => {});
    for (const handle of [this.child, this.child.stdin, this.child.stdout, this.child.stderr]) handle.unref();
  }

  // Gives the rows, or fails with what psql complained of. One after the other, whoever asks.
  run(statements, bound) {
    const answer = this.turn.then(async () => {
      const mark = `done ${++this.asked}`;
      this.said = '';
      this.child.stdin.write(`${statements}\n\\echo ${mark}\n`);
      await wait_for(() => this.said.includes(mark), () => `the end of ${statements}; said ${this.said}`, bound);
      assert.doesNotMatch(this.said, /ERROR|FATAL/, statements);
      return this.said.slice(0, this.said.indexOf(mark)).trim();
    });
    this.turn = answer.catch(() => {});
    return answer;
  }

  close() {
    this.child.stdin.end();
  }
}

// Sends events until each was acknowledged, as a careful sender does: the same ids again, to whichever of the
// `nodes()` there are. Gives how often it had to repeat.
export async function deliver(nodes, token, events, bound = 30_000) {
  const end = Date.now() + bound;
  for (let repeats = 0; ; ++repeats) {
    const there = nodes();
    const node = there[repeats % there.length];
    const answer = await api(node, 'POST', '/api/activity', { token, body: { events } }).catch(() => null);
    if (answer?.status === 200) {
      assert.equal(answer.body.data.accepted + answer.body.data.duplicates, events.length, JSON.stringify(answer.body));
      return repeats;
    }
    if (answer) assert.equal(answer.status, 503, JSON.stringify(answer.body));
    assert.ok(Date.now() < end, `not acknowledged within ${bound} ms`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

export const view_of = (business, count = 1) => ({ id: uuid(), businessId: business.id, type: 'view', count });


