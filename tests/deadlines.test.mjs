// The deadlines of contract section 4 by the wall clock, all waited for at once; with shorter ones and each by
// itself they are tested in src/net/http_server_test.cpp.
import { afterEach, test } from 'node:test';
import { assert, start_server } from './harness.mjs';
import { close_all_raw, Connection, head_of } from './raw.mjs';

afterEach(close_all_raw);

// Seconds until the connection is at its end.
async function lifetime(connection) {
  const begun = Date.now();
  await connection.closed(90_000);
  return (Date.now() - begun) / 1000;
}

function assert_between(seconds, least, most, what) {
  assert.ok(seconds > least && seconds < most, `${what} after ${seconds} s`);
}

test('headers have 10 seconds, a body 30, an idle connection 60', async () => {
  const server = await start_server();
  const in_head = new Connection(server.port).write('GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n');
  const in_body = new Connection(server.port).write(head_of('POST', '/api/businesses', { 'Content-Length': 9 }) + '{');
  const idle = new Connection(server.port).write(head_of('GET', '/health'));
  const [head, body, keep_alive] = await Promise.all([in_head, in_body, idle].map(lifetime));
  assert_between(head, 9, 20, 'the unfinished head');
  assert.match(in_head.received.toString(), /^HTTP\/1\.1 408 /);
  assert_between(body, 29, 40, 'the unfinished body');
  assert.match(in_body.received.toString(), /^HTTP\/1\.1 408 /);
  assert_between(keep_alive, 59, 75, 'the idle connection');
  assert.match(idle.received.toString(), /^HTTP\/1\.1 200 /);
  await server.stop();
});
