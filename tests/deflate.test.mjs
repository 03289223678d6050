// permessage-deflate (RFC 7692), negotiated by `ws` as browsers do, against examples/conformance_server.
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import WebSocket from 'ws';
import { assert, build, client, disconnect_all, once, Program, wait_for, within } from './harness.mjs';

let server;
let at;
before(async () => {
  server = new Program(join(build, 'examples/conformance_server'), ['--port', '0']);
  at = { url: (await server.line(/listening on (\S+)/))[1] };
});
const open_ones = new Set();
afterEach(() => {
  disconnect_all();
  for (const socket of open_ones) socket.terminate();
  open_ones.clear();
});
after(() => server?.stop());

// An Engine.IO session on the echo server, its open packet read.
async function open(perMessageDeflate) {
  const socket = new WebSocket(`${at.url.replace('http', 'ws')}/engine.io/?EIO=4&transport=websocket`, { perMessageDeflate });
  open_ones.add(socket);
  socket.messages = [];
  socket.on('message', (data, binary) => {
    if (data.toString() === '2' && !binary) socket.send('3');
    else socket.messages.push(binary ? data : data.toString());
  });
  socket.on('error', () => {});
  await within(once(socket, 'open'), 'the websocket');
  await wait_for(() => socket.messages.length === 1, 'the open packet');
  socket.messages.length = 0;
  return socket;
}

test('large messages go compressed both ways, small ones and those of others as they are', async () => {
  const [packed, plain] = [await open(true), await open(false)];
  assert.equal(packed.extensions, 'permessage-deflate');
  assert.equal(plain.extensions, '');
  const text = `4${'all work and no play '.repeat(1000)}é\u{1f600}`;
  const bytes = Buffer.alloc(50_000, 'abc');
  for (const socket of [packed, plain]) {
    const before = socket._socket.bytesRead;
    socket.send(text);
    socket.send(bytes);
    socket.send('4small');
    await wait_for(() => socket.messages.length === 3, 'the echoes');
    assert.equal(socket.messages[0], text);
    assert.deepEqual(socket.messages[1], bytes);
    assert.equal(socket.messages[2], '4small');
    const read = socket._socket.bytesRead - before;
    if (socket === packed) assert.ok(read < 3000, `${read} bytes`);
    else assert.ok(read > 70_000, `${read} bytes`);
  }
});

test('what would unfold beyond the limit costs its connection only', async () => {
  const [bad, good] = [await open({ threshold: 0 }), await open(true)];
  bad.send(`4${'0'.repeat(50_000_000)}`);
  const [code] = await within(once(bad, 'close'), 'the end');
  assert.equal(code, 1009);
  good.send('4still here');
  await wait_for(() => good.messages[0] === '4still here', 'the echo');
});

test('the stock client agrees to it and gets what was sent', async () => {
  const socket = client(at, { nsp: '/' });
  await within(once(socket, 'connect'), 'connect');
  const value = { text: 'x'.repeat(100_000), bytes: Buffer.alloc(100_000, 1) };
  assert.deepEqual(await within(socket.emitWithAck('message-with-ack', value), 'the answer'), value);
  assert.match(socket.io.engine.transport.ws.extensions, /permessage-deflate/);
});
