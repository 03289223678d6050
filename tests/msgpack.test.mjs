// The stock client with socket.io-msgpack-parser on every transport, beside one that speaks JSON, on one server
// that lets its clients choose by a query parameter.
import { join } from 'node:path';
import { after, afterEach, before, test } from 'node:test';
import msgpack from 'socket.io-msgpack-parser';
import { assert, build, client, disconnect_all, once, Program, transports, wait_for, within } from './harness.mjs';

let server;
let at;
before(async () => {
  server = new Program(join(build, 'examples/conformance_server'), ['--port', '0']);
  at = { url: (await server.line(/listening on (\S+)/))[1] };
});
afterEach(disconnect_all);
after(() => server?.stop());

const speaking = { parser: msgpack, query: { parser: 'msgpack' } };
const open = async (options) => {
  const socket = client(at, { nsp: '/', ...options });
  await within(once(socket, 'connect'), 'connect');
  return socket;
};

for (const transport of Object.keys(transports)) {
  test(`events, binary values and acknowledgements go both ways (${transport})`, async () => {
    const [packed, plain] = [await open({ ...speaking, transport, auth: { token: 'x' } }), await open({ transport })];
    await wait_for(() => packed.received.length > 0, 'the first event');
    assert.deepEqual(packed.received[0], { ...packed.received[0], event: 'auth', payload: { token: 'x' } });
    const value = {
      text: 'é\u{1f600}', numbers: [0, -1, 127, 128, 65536, 2 ** 53 - 1, -(2 ** 31) - 1, 1.5, 5e-324], nothing: null,
      deep: [[[{ bytes: Buffer.from([0, 1, 254, 255]) }]]], large: Buffer.alloc(70_000, 7),
    };
    for (const socket of [packed, plain]) {
      const back = within(once(socket, 'message-back'), 'the echo');
      socket.emit('message', value, true);
      assert.deepEqual((await back)[0], value);
      assert.deepEqual(await within(socket.emitWithAck('message-with-ack', value), 'the answer'), value);
    }
  });
}

test('a namespace that is not there is refused in msgpack too, and others can be joined', async () => {
  const packed = await open(speaking);
  const unknown = client(at, { nsp: '/unknown', ...speaking });
  const [error] = await within(once(unknown, 'connect_error'), 'the refusal');
  assert.equal(error.message, 'Invalid namespace');
  const custom = await open({ ...speaking, nsp: '/custom' });
  assert.notEqual(custom.id, packed.id);
});

test('a client that says it speaks msgpack and does not is closed', async () => {
  const socket = client(at, { nsp: '/', query: { parser: 'msgpack' } });
  await within(once(socket.io, 'close'), 'the end');
  assert.equal(socket.connected, false);
});
