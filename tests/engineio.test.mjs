// The Engine.IO 4 library from outside, against examples/conformance_server: an echo on /engine.io/ with a
// heartbeat of 300 and 200 ms. The ground of the official protocol suite, in our own words.
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { assert, build, Program, slow, wait_for, within } from './harness.mjs';
import {
  close_all_raw, closed, Connection, head_of, next_message, Polling, refused_websocket, websocket,
} from './raw.mjs';

let server;
let url;
let port;
before(async () => {
  server = new Program(join(build, 'examples/conformance_server'), ['--port', '0']);
  const [, address] = await server.line(/listening on (\S+)/);
  port = Number(new URL(address).port);
  url = `${address}/engine.io/`;
});
afterEach(close_all_raw);
after(() => server?.stop());

const ws_url = () => `${url}?EIO=4&transport=websocket`;
const keys = ['maxPayload', 'pingInterval', 'pingTimeout', 'sid', 'upgrades'];

// A raw websocket that answers pings, so that a test may take its time.
async function open_websocket(target = ws_url(), { heartbeat = true } = {}) {
  const socket = websocket(target);
  const handshake = JSON.parse((await within(next_message(socket), 'the open packet')).slice(1));
  if (heartbeat) socket.on('message', (data) => { if (data.toString() === '2') socket.send('3'); });
  socket.next = async () => {
    for (;;) {
      const message = await next_message(socket);
      if (message !== '2') return message;
    }
  };
  return Object.assign(socket, { handshake });
}

describe('handshake', () => {
  test('over polling: five keys, at once', async () => {
    const { handshake } = await Polling.open(url);
    assert.deepEqual(Object.keys(handshake).sort(), keys);
    assert.deepEqual({ ...handshake, sid: '' }, { sid: '', upgrades: ['websocket'], pingInterval: 300, pingTimeout: 200, maxPayload: 1000000 });
  });

  test('over websocket: the same, without an upgrade to offer', async () => {
    const { handshake } = await open_websocket();
    assert.deepEqual(Object.keys(handshake).sort(), keys);
    assert.deepEqual({ ...handshake, sid: '' }, { sid: '', upgrades: [], pingInterval: 300, pingTimeout: 200, maxPayload: 1000000 });
  });

  test('the sid is 20 characters, and another one each time', async () => {
    const sids = new Set();
    for (let i = 0; i < 50; ++i) sids.add((await Polling.open(url)).sid);
    assert.equal(sids.size, 50);
    for (const sid of sids) assert.match(sid, /^[\w-]{20}$/);
  });

  const refused = ['?EIO=4', '?EIO=4&transport=abc', '?transport=polling', '?EIO=abc&transport=polling', '?EIO=3&transport=polling'];
  for (const query of refused)
    test(`${query} is refused over polling`, async () => {
      assert.equal((await fetch(url + query)).status, 400);
    });
  for (const query of ['?EIO=4', '?EIO=4&transport=abc', '?transport=websocket', '?EIO=abc&transport=websocket', '?EIO=4&transport=websocket&sid=AAAAAAAAAAAAAAAAAAAA'])
    test(`${query} is refused over websocket`, async () => {
      const socket = websocket(url + query);
      await closed(socket);
      assert.equal(socket.received.length, 0);
    });

  test('a POST opens no session', async () => {
    assert.equal((await fetch(`${url}?EIO=4&transport=polling`, { method: 'POST', body: '4x' })).status, 400);
  });

  test('any origin may use it, and is told so', async () => {
    const answer = await fetch(`${url}?EIO=4&transport=polling`, { headers: { origin: 'http://other.example' } });
    assert.equal(answer.headers.get('access-control-allow-origin'), '*');
    const preflight = await fetch(`${url}?EIO=4&transport=polling`, {
      method: 'OPTIONS', headers: { origin: 'http://other.example', 'access-control-request-method': 'POST' },
    });
    assert.equal(preflight.status, 204);
  });

  test('answers are not to be kept', async () => {
    const answer = await fetch(`${url}?EIO=4&transport=polling`);
    assert.equal(answer.headers.get('cache-control'), 'no-store');
    assert.match(answer.headers.get('content-type'), /^text\/plain; charset=UTF-8$/i);
  });
});

describe('messages over polling', () => {
  test('text comes back', async () => {
    const session = await Polling.open(url);
    const posted = await session.post('4hello');
    assert.deepEqual([posted.status, posted.body], [200, 'ok']);
    assert.deepEqual(await session.read_until((p) => p === '4hello'), ['4hello']);
  });

  test('several in one body come back in order', async () => {
    const session = await Polling.open(url);
    await session.post(['4one', '4zwölf', '4€🏡', '4'].join('\x1e'));
    const seen = await session.read_until((p) => p === '4');
    assert.deepEqual(seen, ['4one', '4zwölf', '4€🏡', '4']);
  });

  test('binary comes back as base64', async () => {
    const session = await Polling.open(url);
    await session.post('4a\x1ebAQIDBA==\x1e4b');
    assert.deepEqual(await session.read_until((p) => p === '4b'), ['4a', 'bAQIDBA==', '4b']);
  });

  test('a waiting poll is answered when something comes', async () => {
    const session = await Polling.open(url);
    const poll = session.get();
    await session.post('4late');
    const { body } = await poll;
    assert.ok(body.split('\x1e').some((p) => p === '4late' || p === '2'), body);
  });

  test('a body in chunks is read', async () => {
    const session = await Polling.open(url);
    const connection = new Connection(port);
    connection.write(head_of('POST', `/engine.io/?EIO=4&transport=polling&sid=${session.sid}`, { 'Transfer-Encoding': 'chunked' }));
    for (const part of ['4ch', 'unk', 's']) connection.write(`${part.length}\r\n${part}\r\n`);
    connection.write('0\r\n\r\n');
    assert.equal((await connection.response()).body, 'ok');
    await session.read_until((p) => p === '4chunks');
  });

  test('a second poll at once closes the session', async () => {
    const session = await Polling.open(url);
    const answers = await Promise.all([session.get(), session.get()]);
    assert.deepEqual(answers.map((a) => a.status).sort(), [200, 400]);
    assert.equal(answers.find((a) => a.status === 200).body, '1');
    assert.equal((await session.get()).status, 400);
  });

  test('a second POST while one is read closes the session', async () => {
    const session = await Polling.open(url);
    const target = `/engine.io/?EIO=4&transport=polling&sid=${session.sid}`;
    const first = new Connection(port).write(`${head_of('POST', target, { 'Content-Length': 10 })}4half`);
    // Until the first one's head has been read there is nothing to collide with.
    const second = await wait_for(async () => {
      const answer = await session.post('4x').catch(() => ({ status: 400 }));
      return answer.status === 400 && answer;
    }, 'a refusal of the second POST');
    assert.equal(second.status, 400);
    first.socket.destroy();
    assert.equal((await session.get()).status, 400);
  });

  test('a poll that the client drops closes the session', async () => {
    const session = await Polling.open(url);
    const connection = new Connection(port).write(head_of('GET', `/engine.io/?EIO=4&transport=polling&sid=${session.sid}`));
    await session.post('3');
    connection.socket.destroy();
    await wait_for(async () => (await session.post('4x')).status === 400, 'the session is gone');
  });

  test('application/octet-stream, as version 3 sent it, closes the session', async () => {
    const session = await Polling.open(url);
    assert.equal((await session.post(Buffer.from([4, 1]), { 'content-type': 'application/octet-stream' })).status, 400);
    assert.equal((await session.get()).status, 400);
  });
});

describe('messages over websocket', () => {
  test('text comes back', async () => {
    const socket = await open_websocket();
    for (const text of ['4hello', '4zwölf €🏡', '4', `4${'x'.repeat(70_000)}`]) {
      socket.send(text);
      assert.equal(await socket.next(), text);
    }
  });

  test('binary comes back as binary', async () => {
    const socket = await open_websocket();
    for (const size of [1, 125, 126, 65_535, 65_536, 900_000]) {
      const bytes = Buffer.alloc(size, size % 251);
      socket.send(bytes);
      assert.deepEqual(await socket.next(), bytes);
    }
  });

  test('hundreds at once come back in order', async () => {
    const socket = await open_websocket();
    for (let i = 0; i < 500; ++i) socket.send(`4${i}`);
    for (let i = 0; i < 500; ++i) assert.equal(await socket.next(), `4${i}`);
  });

  test('the first subprotocol offered is taken', async () => {
    const socket = websocket(ws_url(), { protocols: ['one', 'two'] });
    await socket.opened;
    assert.equal(socket.protocol, 'one');
  });

  test('a client that does not read is cut off, and pings do not wait behind its data', async () => {
    const socket = await open_websocket();
    socket.pause();
    const large = Buffer.alloc(900_000, 7);
    for (let i = 0; i < 60 && socket.readyState === 1; ++i)
      await new Promise((done) => socket.send(large, done));
    socket.resume();
    await closed(socket, 20_000);
  });
});

describe('heartbeat', () => {
  test('over polling a ping comes after 300 ms, and without a pong the end', async () => {
    const session = await Polling.open(url);
    const started = Date.now();
    assert.equal((await session.get()).body, '2');
    assert.ok(Date.now() - started >= 200, 'too early');
    const next = await session.get();
    assert.equal(next.body, '1');
    await wait_for(async () => (await session.get()).status === 400, 'the session is gone');
  });

  test('over websocket a ping comes every 300 ms as long as pongs do', async () => {
    const socket = await open_websocket(ws_url(), { heartbeat: false });
    for (let i = 0; i < 3; ++i) {
      assert.equal(await next_message(socket), '2');
      socket.send('3');
    }
    assert.equal(await next_message(socket), '2');
    await closed(socket, 2000);
  });
});

describe('closing', () => {
  test('by the client over polling: ok, and a noop for the waiting poll', async () => {
    // Two connections race: where the POST came first there was no poll to answer, and another try is due.
    const [session, poll, post] = await wait_for(async () => {
      const candidate = await Polling.open(url);
      const answers = await Promise.all([candidate.get(), candidate.post('1')]);
      return answers[0].status === 200 && [candidate, ...answers];
    }, 'a poll that was there before the POST');
    assert.equal(poll.body, '6');
    assert.deepEqual([post.status, post.body], [200, 'ok']);
    assert.equal((await session.get()).status, 400);
  });

  test('by the client over websocket', async () => {
    const socket = await open_websocket();
    socket.send('1');
    await closed(socket, 2000);
  });

  test('by closing the websocket', async () => {
    const socket = await open_websocket();
    socket.close();
    await closed(socket);
    const answer = await fetch(`${url}?EIO=4&transport=polling&sid=${socket.handshake.sid}`);
    assert.equal((await answer.json()).code, 1);
  });
});

describe('upgrade', () => {
  const probe = async (session) => {
    const socket = websocket(`${ws_url()}&sid=${session.sid}`);
    await within(socket.opened, 'the websocket');
    socket.send('2probe');
    assert.equal(await next_message(socket), '3probe');
    return socket;
  };

  test('moves the session to websocket, its waiting poll answered', async () => {
    const session = await Polling.open(url);
    const poll = session.get();
    const socket = await probe(session);
    assert.match((await poll).body, /^(6|2)$/);
    socket.send('5');
    socket.send('4over');
    socket.on('message', (data) => { if (data.toString() === '2') socket.send('3'); });
    await wait_for(() => socket.received.includes('4over'), 'the echo');
    const late = await session.get();
    assert.equal(late.status, 400);
    assert.equal((await fetch(`${url}?EIO=4&transport=polling&sid=${session.sid}`, { method: 'POST', body: '4x' })).status, 400);
  });

  test('loses nothing and keeps the order', async () => {
    const session = await Polling.open(url);
    const sent = Array.from({ length: 40 }, (_, i) => `4${i}`);
    await session.post(sent.slice(0, 10).join('\x1e'));
    const socket = await probe(session);
    await session.post(sent.slice(10, 20).join('\x1e'));
    const polled = (await session.get()).body.split('\x1e').filter((p) => p.startsWith('4'));
    await session.post(sent.slice(20, 30).join('\x1e'));
    socket.on('message', (data) => { if (data.toString() === '2') socket.send('3'); });
    socket.send('5');
    for (const message of sent.slice(30)) socket.send(message);
    await wait_for(() => socket.received.includes('439'), 'the last echo');
    assert.deepEqual([...polled, ...socket.received.filter((p) => p.startsWith('4'))], sent);
  });

  test('is dropped, and the session kept, if the websocket says anything else', async () => {
    for (const wrong of ['4hello', '2', '2prob', 'x', '1']) {
      const session = await Polling.open(url);
      const socket = websocket(`${ws_url()}&sid=${session.sid}`);
      await within(socket.opened, 'the websocket');
      socket.send(wrong);
      await closed(socket);
      await session.post('4still here');
      await session.read_until((p) => p === '4still here');
    }
  });

  test('is refused to a second websocket, and to a session that began on one', async () => {
    const first = await open_websocket();
    const second = websocket(`${ws_url()}&sid=${first.handshake.sid}`);
    await closed(second);
    first.send('4unmoved');
    assert.equal(await first.next(), '4unmoved');

    const session = await Polling.open(url);
    await probe(session);
    const other = websocket(`${ws_url()}&sid=${session.sid}`);
    await closed(other);
  });

  test('ends with the session', async () => {
    const session = await Polling.open(url);
    const socket = await probe(session);
    await session.post('1');
    await closed(socket);
  });
});

test('a refused websocket handshake is answered with 400 and a text', async () => {
  const { status, body } = await refused_websocket(`${url}?EIO=5&transport=websocket`);
  assert.deepEqual([status, body], [400, 'Unsupported protocol version']);
});

test('a hundred sessions at once', async () => {
  const sockets = await Promise.all(Array.from({ length: 100 }, () => open_websocket()));
  for (const [i, socket] of sockets.entries()) socket.send(`4${i}`);
  for (const [i, socket] of sockets.entries()) assert.equal(await within(socket.next(), 'the echo', 5000 * slow), `4${i}`);
});
