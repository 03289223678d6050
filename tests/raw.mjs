// Below the official client: bytes over TCP, HTTP answers read by hand, Engine.IO over both transports, and
// websocket frames of any shape.
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import WebSocket from 'ws';
import { assert, wait_for, within } from './harness.mjs';

const open_connections = new Set();

export function close_all_raw() {
  for (const close of open_connections) close();
  open_connections.clear();
}

// ---------------------------------------------------------------- TCP and HTTP by hand

export class Connection {
  constructor(port, host = '127.0.0.1') {
    this.received = Buffer.alloc(0);
    this.ended = false;
    this.socket = connect({ port, host, allowHalfOpen: true });
    this.socket.on('data', (bytes) => (this.received = Buffer.concat([this.received, bytes])));
    for (const name of ['end', 'close', 'error']) this.socket.on(name, () => (this.ended = true));
    open_connections.add(() => this.socket.destroy());
  }

  write(bytes) {
    this.socket.write(bytes);
    return this;
  }

  closed(bound) {
    return wait_for(() => this.ended, () => `the end of the connection; received ${this.received}`, bound);
  }

  // The next answer on the connection; `head`: it answers a HEAD, so no body follows.
  async response({ bound, head = false } = {}) {
    let parsed;
    await wait_for(
      () => (parsed = this.parse(head)) || this.ended, () => `an answer; received ${this.received}`, bound);
    parsed ??= this.parse(head);
    assert.ok(parsed, `closed without an answer; received ${this.received}`);
    this.received = this.received.subarray(parsed.length);
    return parsed;
  }

  parse(head) {
    const end = this.received.indexOf('\r\n\r\n');
    if (end < 0) return null;
    const [line, ...fields] = this.received.subarray(0, end).toString('latin1').split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(line)?.[1]);
    assert.ok(status, `no HTTP answer: ${line}`);
    const headers = {};
    for (const field of fields) {
      const [, name, value] = /^([^:]+):\s*(.*)$/.exec(field);
      headers[name.toLowerCase()] = value;
    }
    const bodyless = head || status === 204 || status === 304 || status === 101;
    const size = bodyless ? 0 : Number(headers['content-length'] ?? NaN);
    const start = end + 4;
    if (Number.isNaN(size) ? !this.ended : this.received.length < start + size) return null;
    const length = Number.isNaN(size) ? this.received.length : start + size;
    return { status, headers, body: this.received.subarray(start, length).toString(), length };
  }
}

// One request on a connection of its own.
export async function exchange(port, bytes, options) {
  return new Connection(port).write(bytes).response(options);
}

export const head_of = (method, target, fields = {}) =>
  `${method} ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\n` +
  Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`).join('') + '\r\n';

// ---------------------------------------------------------------- Engine.IO over polling

export class Polling {
  constructor(base) {
    this.base = `${base}?EIO=4&transport=polling`;
  }

  static async open(base) {
    const made = new Polling(base);
    const answer = await made.get();
    assert.equal(answer.status, 200, answer.body);
    made.handshake = JSON.parse(answer.body.slice(1));
    made.sid = made.handshake.sid;
    made.base += `&sid=${made.sid}`;
    return made;
  }

  async request(options) {
    const answer = await within(fetch(this.base, options), 'the answer to a poll', 30_000);
    return { status: answer.status, headers: answer.headers, body: await answer.text() };
  }

  get(headers = {}) {
    return this.request({ headers });
  }

  post(body, headers = { 'content-type': 'text/plain;charset=UTF-8' }) {
    return this.request({ method: 'POST', body, headers });
  }

  // What arrives, up to and with the packet that satisfies `wanted`; pings are answered and left out.
  async read_until(wanted, bound = 10_000) {
    const seen = [];
    const end = Date.now() + bound;
    while (Date.now() < end) {
      const { status, body } = await this.get();
      if (status !== 200) return assert.fail(`poll answered ${status} ${body} after ${JSON.stringify(seen)}`);
      for (const packet of body.split('\x1e')) {
        if (packet === '2') await this.post('3');
        else seen.push(packet);
      }
      if (seen.some(wanted)) return seen;
    }
    return assert.fail(`not within ${bound} ms; seen ${JSON.stringify(seen)}`);
  }
}

// ---------------------------------------------------------------- websocket

// A websocket of the `ws` package that lists what it received and knows how it ended.
export function websocket(url, options = {}) {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), options.protocols ?? [], options);
  socket.received = [];
  socket.on('message', (data, is_binary) => socket.received.push(is_binary ? data : data.toString()));
  socket.opened = new Promise((done, fail) => {
    socket.once('open', done);
    socket.once('error', fail);
    socket.once('unexpected-response', (request, response) => {
      response.setEncoding('utf8');
      let body = '';
      response.on('data', (text) => (body += text));
      response.on('end', () => {
        fail(Object.assign(new Error(`answered ${response.statusCode}`), { status: response.statusCode, body }));
        socket.terminate();   // who listens for this event has to end the handshake too
      });
    });
  });
  socket.opened.catch(() => {});
  socket.on('error', () => {});
  socket.ended = new Promise((done) => socket.once('close', (code) => done(code)));
  open_connections.add(() => socket.terminate());
  return socket;
}

export async function next_message(socket, bound) {
  await wait_for(() => socket.received.length > 0 || socket.readyState >= 2, 'a websocket message', bound);
  assert.ok(socket.received.length > 0, 'closed before a message');
  return socket.received.shift();
}

export const closed = (socket, bound) => within(socket.ended, 'the websocket closes', bound);

// The status of a refused websocket handshake, as {status, body}.
export async function refused_websocket(url, options) {
  const socket = websocket(url, options);
  try {
    await within(socket.opened, 'an answer to the websocket handshake');
  } catch (error) {
    if (error.status) return { status: error.status, body: error.body };
    throw error;
  }
  return assert.fail('the websocket was opened');
}

// One frame as a client sends it, or, with `mask: false`, must not.
export function frame(opcode, payload = '', { fin = true, rsv = 0, mask = true, length } = {}) {
  const data = Buffer.from(payload);
  const size = length ?? data.length;
  const head = [(fin ? 0x80 : 0) | (rsv << 4) | opcode];
  const flag = mask ? 0x80 : 0;
  if (size < 126) head.push(flag | size);
  else if (size < 65536) head.push(flag | 126, size >> 8, size & 255);
  else {
    const wide = Buffer.alloc(8);
    wide.writeBigUInt64BE(BigInt(size));
    head.push(flag | 127, ...wide);
  }
  if (!mask) return Buffer.concat([Buffer.from(head), data]);
  const key = randomBytes(4);
  return Buffer.concat([Buffer.from(head), key, data.map((byte, i) => byte ^ key[i % 4])]);
}

// A TCP connection that has finished the websocket handshake; what follows is up to the caller.
export async function upgraded(port, target, fields = {}) {
  const connection = new Connection(port);
  connection.write(head_of('GET', target, {
    Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': randomBytes(16).toString('base64'), ...fields,
  }));
  const answer = await connection.response();
  assert.equal(answer.status, 101, answer.body);
  return connection;
}

// The close code in the first close frame of what a server sent (its frames are not masked), if there is one.
export function close_code(bytes) {
  for (let at = 0; at + 2 <= bytes.length; ) {
    const opcode = bytes[at] & 15;
    let size = bytes[at + 1] & 127;
    let start = at + 2;
    if (size === 126) { size = bytes.readUInt16BE(start); start += 2; }
    else if (size === 127) { size = Number(bytes.readBigUInt64BE(start)); start += 8; }
    if (opcode === 8) return size >= 2 ? bytes.readUInt16BE(start) : 1005;
    at = start + size;
  }
  return null;
}
