// Other clients than the newest of JavaScript's, in all transports, against examples/conformance_server: the first
// of Socket.IO 4, the last without connection state recovery, and python-socketio.
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { after, afterEach, before, describe, test } from 'node:test';
import { io as newest } from 'socket.io-client';
import { io as io_4_0 } from 'socket.io-client-4.0';
import { io as io_4_4 } from 'socket.io-client-4.4';
import { assert, build, once, Program, slow, transports, wait_for, within } from './harness.mjs';

let server;
let url;
before(async () => {
  server = new Program(join(build, 'examples/conformance_server'), ['--port', '0']);
  [, url] = await server.line(/listening on (\S+)/);
});
after(() => server?.stop());

const open_sockets = new Set();
afterEach(() => {
  for (const socket of open_sockets) socket.disconnect();
  open_sockets.clear();
});

const value = { text: 'é\u{1f600}', list: [1, 2.5, null, true], deep: [[{ bytes: Buffer.from([0, 1, 254, 255]) }]] };

for (const [version, io] of [['4.0', io_4_0], ['4.4', io_4_4], ['newest', newest]]) {
  describe(`the JavaScript client, ${version}`, () => {
    const open = (options, nsp = '') => {
      const socket = io(url + nsp, { forceNew: true, ...options });
      open_sockets.add(socket);
      return socket;
    };
    const ask = (socket, ...args) => within(new Promise((done) => socket.emit('message-with-ack', ...args, done)), 'the answer');

    for (const [transport, options] of Object.entries(transports)) {
      test(`events, binary, acknowledgements and namespaces (${transport})`, async () => {
        const socket = open({ ...options, auth: { token: 'x' } });
        const custom = socket.io.socket('/custom', { auth: { token: 'y' } });
        open_sockets.add(custom);
        const [[main], [other]] = await Promise.all([once(socket, 'auth'), once(custom, 'auth')]);
        assert.deepEqual([main, other], [{ token: 'x' }, { token: 'y' }]);
        if (transport === 'upgrade') await wait_for(() => socket.io.engine.transport.name === 'websocket', 'the upgrade');
        const back = within(once(socket, 'message-back'), 'the echo');
        socket.emit('message', value);
        assert.deepEqual((await back)[0], value);
        assert.deepEqual(await ask(socket, value), value);
        assert.equal(await ask(custom, 'one'), 'one');
      });

      test(`what was emitted while the connection was lost comes after it is back (${transport})`, async () => {
        const socket = open({ ...options, reconnectionDelay: 10 });
        await within(once(socket, 'connect'), 'connect');
        const { id } = socket;
        const lost = once(socket, 'disconnect');
        socket.io.engine.close();
        await within(lost, 'the loss');
        const answer = ask(socket, 'later');
        await within(once(socket, 'connect'), 'the return');
        assert.notEqual(socket.id, id);
        assert.equal(await answer, 'later');
      });

      test(`a namespace that is not there is refused (${transport})`, async () => {
        const [error] = await within(once(open({ ...options, reconnection: false }, '/unknown'), 'connect_error'), 'the refusal');
        assert.equal(error.message, 'Invalid namespace');
      });
    }
  });
}

describe('python-socketio', () => {
  for (const transport of ['polling', 'websocket', 'polling,websocket']) {
    test(`events, binary, acknowledgements, heartbeats and namespaces (${transport})`, async () => {
      const script = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, 'clients/python_client.py');
      const child = spawn('/usr/bin/python3', [script, url, transport], { stdio: ['ignore', 'pipe', 'pipe'] });
      const said = { stdout: '', stderr: '' };
      for (const name of ['stdout', 'stderr']) child[name].on('data', (text) => { said[name] += text; });
      const [code] = await within(once(child, 'close'), 'its end', 30_000 * slow);
      assert.equal(code, 0, said.stdout + said.stderr);
      assert.match(said.stdout, /refusal\n$/);
    });
  }
});
