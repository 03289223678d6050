// A network that breaks when told to: a TCP proxy in front of a server that may change.
import { createServer, connect } from 'node:net';
import { once } from 'node:events';

export class FlakyProxy {
  static async start(target) {
    const proxy = new FlakyProxy();
    proxy.target = target;                   // {host, port}; of the connections that are made from now on
    proxy.pairs = new Set();
    proxy.lifetime = () => Infinity;         // bytes that a new connection carries, both ways, before it breaks
    proxy.broken = 0;
    proxy.refusing = false;                  // new connections break at once
    proxy.server = createServer((near) => proxy.#join(near));
    proxy.server.listen(0, '127.0.0.1').unref();
    await once(proxy.server, 'listening');
    proxy.port = proxy.server.address().port;
    proxy.url = `http://127.0.0.1:${proxy.port}`;
    return proxy;
  }

  #join(near) {
    near.on('error', () => {});
    if (this.refusing) return near.destroy();
    const far = connect(this.target.port, this.target.host);
    const pair = { near, far, left: this.lifetime() };
    this.pairs.add(pair);
    const relay = (from, to) => {
      from.on('data', (bytes) => {
        if (pair.half_open) return;
        to.write(bytes.subarray(0, pair.left));
        pair.left -= bytes.length;
        if (pair.left <= 0) this.#break(pair);
      });
      from.on('error', () => {});
      from.on('close', () => { if (!pair.half_open) this.#end(pair); });
    };
    relay(near, far);
    relay(far, near);
  }

  // What was written leaves first, so that the last byte is anywhere in a frame.
  #break(pair) {
    this.broken += 1;
    pair.near.end();
    pair.far.end();
    this.#end(pair, 20);
  }

  #end(pair, after = 0) {
    this.pairs.delete(pair);
    setTimeout(() => { pair.near.destroy(); pair.far.destroy(); }, after);
  }

  cut() {
    for (const pair of [...this.pairs]) this.#end(pair);
  }

  // The client finds its connection broken; the server hears nothing of it.
  cut_half() {
    for (const pair of [...this.pairs]) {
      pair.half_open = true;
      pair.near.destroy();
    }
  }

  stop() {
    for (const { near, far } of this.pairs) { near.destroy(); far.destroy(); }
    this.server.close();
  }
}
