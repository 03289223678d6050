// The web app's files as the program serves them: coding, cache rules, policy, and the addresses of its pages.
import { after, before, describe, test } from 'node:test';
import { request } from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { start_demo } from './browser.mjs';
import { assert, start_server, within } from './harness.mjs';

let server;
let demo;
before(async () => { [server, demo] = await Promise.all([start_server(), start_demo()]); });
after(() => Promise.all([server?.stop(), demo?.stop()]));

// fetch() would decode the body.
function get(path, headers = {}, { method = 'GET', at = server } = {}) {
  return within(new Promise((done, fail) => {
    request(at.url + path, { method, headers, agent: false }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => done({ status: answer.statusCode, headers: answer.headers, body: Buffer.concat(parts) }));
    }).once('error', fail).end();
  }), path);
}

const browser = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };
const linked = (html) => [...html.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path);

test('the page allows what comes from its own server alone, and holds nothing that this forbids', async () => {
  const page = await get('/');
  assert.equal(page.status, 200);
  assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
  const policy = Object.fromEntries(page.headers['content-security-policy'].split('; ').map((rule) => {
    const [name, ...sources] = rule.split(' ');
    return [name, sources.join(' ')];
  }));
  assert.equal(policy['default-src'], "'none'");
  for (const name of ['script-src', 'style-src', 'connect-src', 'font-src']) assert.equal(policy[name], "'self'", name);
  assert.equal(policy['frame-ancestors'], "'none'");
  const html = page.body.toString().replace(/<!--[\s\S]*?-->/g, '');
  assert.doesNotMatch(html, /<script(?![^>]*\ssrc=)|<style|\sstyle=|\son\w+=/);
  assert.ok(linked(html).length >= 3, html);
});

test('its files come compressed, and stay with the browser for good', async () => {
  for (const path of linked((await get('/')).body.toString())) {
    const plain = await get(path);
    assert.equal(plain.status, 200, path);
    assert.equal(plain.headers['cache-control'], 'public, max-age=31536000, immutable', path);
    assert.equal(plain.headers['content-encoding'], undefined, path);
    for (const [coding, decode] of [['br', brotliDecompressSync], ['gzip', gunzipSync]]) {
      const small = await get(path, { 'accept-encoding': coding });
      if (small.headers['content-encoding'] === undefined) continue;  // would not be smaller
      assert.equal(small.headers['content-encoding'], coding, path);
      assert.match(small.headers.vary, /accept-encoding/i, path);
      assert.notEqual(small.headers.etag, plain.headers.etag, path);
      assert.ok(decode(small.body).equals(plain.body), `${path} in ${coding}`);
    }
    if (path.endsWith('.js') && plain.body.length > 10_000) {
      const small = await get(path, { 'accept-encoding': 'gzip, deflate, br' });
      assert.equal(small.headers['content-encoding'], 'br');
      assert.ok(small.body.length < plain.body.length / 2, `${small.body.length} of ${plain.body.length} bytes`);
    }
    assert.equal((await get(path, { 'if-none-match': plain.headers.etag })).status, 304, path);
  }
});

describe('addresses of the app', () => {
  test('are answered by the page when a browser goes there', async () => {
    const page = await get('/');
    for (const path of ['/businesses/6f1c1f5e-6f0c-4a55-9a1e-0d6f0a2b3c4d', '/sign-in?next=%2F', '/anything/else']) {
      const answer = await get(path, browser);
      assert.equal(answer.status, 200, path);
      assert.ok(answer.body.equals(page.body), path);
      assert.equal(answer.headers['content-security-policy'], page.headers['content-security-policy']);
      assert.equal(answer.headers['cache-control'], 'no-cache');
      assert.equal((await get(path, browser, { method: 'HEAD' })).status, 200, path);
    }
  });

  test('are unknown to everybody else, and so are files that do not exist', async () => {
    for (const [path, headers, method] of [
      ['/businesses/1', {}], ['/businesses/1', { accept: '*/*' }], ['/businesses/1', browser, 'POST'],
      ['/api/nothing', browser], ['/assets/gone-123.js', browser], ['/favicon.ico', browser],
    ]) {
      const answer = await get(path, headers, { method });
      assert.equal(answer.status, 404, `${method ?? 'GET'} ${path}`);
      assert.equal(JSON.parse(answer.body).error.code, 'NOT_FOUND', path);
    }
  });
});

test('only the demo tells whom to sign in as', async () => {
  assert.doesNotMatch((await get('/')).body.toString(), /pulseboard-demo/);
  const html = (await get('/', {}, { at: demo })).body.toString();
  const [, email, password] = /demo tenant: (\S+), password: (\S+)/.exec(demo.stdout);
  assert.ok(html.includes(`<meta name="pulseboard-demo-email" content="${email}">`), html);
  assert.ok(html.includes(`<meta name="pulseboard-demo-password" content="${password}">`), html);
});
