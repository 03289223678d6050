// The real @socket.io/admin-ui in a browser, from the npm package's own files, against examples/admin.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, extname, join, normalize } from 'node:path';
import { after, before, test } from 'node:test';
import { start_browser } from './browser.mjs';
import { assert, build, client, disconnect_all, Program, wait_for, within } from './harness.mjs';

const require = createRequire(import.meta.url);
const dist = join(dirname(require.resolve('@socket.io/admin-ui/package.json')), 'ui/dist');
const types = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };

let files;
let server;
let browser;
let page;
let resident; // there all the time, for the application shows the namespaces that it has heard of
const complaints = [];

before(async () => {
  files = createServer(async (request, response) => {
    const path = normalize(new URL(request.url, 'http://files').pathname);
    try {
      const body = await readFile(join(dist, path === '/' ? 'index.html' : path));
      response.setHeader('content-type', types[extname(path)] ?? (path === '/' ? 'text/html' : 'image/png'));
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((done) => files.listen(0, '127.0.0.1', done));
  const origin = `http://127.0.0.1:${files.address().port}`;
  server = new Program(join(build, 'examples/admin'),
    ['--port', '0', '--password', 'secret', '--ui', origin, '--development']);
  [, server.url] = await server.line(/listening on (http:\/\/127\.0\.0\.1:\d+)/);
  resident = client(server, { nsp: '/' });
  await within(resident.emitWithAck('enter', 'at home'), 'to enter');
  browser = await start_browser();
  page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(origin);
});

after(async () => {
  disconnect_all();
  await browser?.close();
  files?.closeAllConnections();
  files?.close();
  await server?.stop();
});

const shows = (text) => page.getByText(text, { exact: true }).first().waitFor({ timeout: 20_000 });

async function sign_in(password) {
  await page.getByLabel('Server URL').fill(server.url);
  await page.getByLabel('Username').fill('admin');
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Connect' }).click();
}

test('a wrong password is told, and the right one lets in', async () => {
  await sign_in('guessed');
  await page.getByText('Invalid credentials').waitFor({ timeout: 20_000 });
  await sign_in('secret');
  await page.getByLabel('Server URL').waitFor({ state: 'hidden', timeout: 20_000 });
});

test('sockets, rooms and events appear, and a socket can be disconnected', async () => {
  const socket = client(server, { nsp: '/', transport: 'upgrade' });
  await within(socket.emitWithAck('enter', 'the lobby'), 'to enter');
  await page.goto(`${page.url().split('#')[0]}#/sockets/`);
  await shows(resident.id);
  await shows(socket.id);
  await page.goto(`${page.url().split('#')[0]}#/rooms/`);
  await shows('at home');
  await shows('the lobby');
  await within(socket.emitWithAck('say', 'the lobby', 'hello'), 'to say');
  await page.goto(`${page.url().split('#')[0]}#/events/`);
  await shows('said');
  await page.goto(`${page.url().split('#')[0]}#/servers/`);
  await page.getByText(String(server.child.pid)).first().waitFor({ timeout: 20_000 });
  await page.goto(`${page.url().split('#')[0]}#/sockets/`);
  const row = page.getByRole('row').filter({ hasText: socket.id });
  await row.getByRole('button').first().click();
  await wait_for(() => !socket.connected, 'the socket is disconnected');
  // The click also opened the socket's own page.
  await page.goto(`${page.url().split('#')[0]}#/sockets/`);
  await shows(resident.id);
  await row.waitFor({ state: 'detached', timeout: 20_000 });
});

test('who reloads the page comes back without a password', async () => {
  await page.reload();
  await page.goto(`${page.url().split('#')[0]}#/sockets/`);
  await shows(resident.id);
  assert.deepEqual(complaints, []);
});
