// What the page says of its connection, and what it does when that is gone.
import { after, before, describe, test } from 'node:test';
import { start_browser } from './browser.mjs';
import { assert, create_business, record, run_program, secret, start_server, temporary_folder, tenant, uuid, wait_for } from './harness.mjs';
import { complaints, connection, kpi, kpi_is, open_app, server_away } from './web.mjs';

let browser;
let server;
before(async () => { [browser, server] = await Promise.all([start_browser(), start_server()]); });
after(async () => {
  await browser?.close();
  await server?.stop();
});

async function busy_tenant(at = server) {
  const who = tenant();
  const shop = await create_business(at, who);
  await record(at, shop, { view: 40 });
  return { ...who, shop };
}

describe('the connection', () => {
  test('comes back by itself when the server does, and the last figures stay meanwhile', async () => {
    const own = await start_server();
    const who = await busy_tenant(own);
    const page = await open_app(browser, own, '/', { who });
    await connection(page, 'live');
    await kpi_is(page, 'landlordViews', 40);
    await own.stop();
    await connection(page, 'reconnecting');
    assert.equal(await kpi(page, 'landlordViews'), 40);
    const again = await start_server({ settings: own.settings, env: { PORT: String(own.port) } });
    await record(again, who.shop, { view: 2 });
    await wait_for(() => page.locator('.connection[data-state="live"]').count(), 'live again', 30_000);
    await kpi_is(page, 'landlordViews', 42);
    assert.deepEqual(complaints(page, server_away), []);
    await page.context().close();
    await again.stop();
  });

  test('is said to be away when it is, with the age of what is shown', async () => {
    const own = await start_server();
    const who = await busy_tenant(own);
    const page = await open_app(browser, own, '/', { who });
    await kpi_is(page, 'landlordViews', 40);
    await own.stop();
    const banner = page.locator('.banner--stale');
    await wait_for(() => banner.count(), 'the banner', 60_000);
    assert.match(await banner.textContent(), /The server cannot be reached\. These are the figures of \d\d:\d\d:\d\d/);
    assert.equal(await kpi(page, 'landlordViews'), 40);
    await page.click('text="Try now"');
    await page.waitForSelector('.toast--bad');
    await page.context().close();
  });

  test('is replaced by polling while sockets fail, and the page says so', async () => {
    const who = await busy_tenant();
    const context = await browser.newContext({ locale: 'en-GB' });
    let cut = true;
    await context.route(/\/socket\.io\//, (route) => (cut ? route.abort() : route.continue()));
    await context.routeWebSocket(/\/socket\.io\//, (socket) => void (cut ? socket.close() : socket.connectToServer()));
    const page = await open_app(browser, server, '/', { who, context });
    await wait_for(() => page.locator('.connection[data-state="polling"]').count(), 'polling', 30_000);
    await kpi_is(page, 'landlordViews', 40);
    cut = false;
    await wait_for(() => page.locator('.connection[data-state="live"]').count(), 'live again', 60_000);
    await record(server, who.shop, { view: 1 });
    await kpi_is(page, 'landlordViews', 41);
    await context.close();
  });

  test('is offline when the browser is', async () => {
    const who = await busy_tenant();
    const page = await open_app(browser, server, '/', { who });
    await connection(page, 'live');
    await page.context().setOffline(true);
    await wait_for(() => page.locator('.connection[data-state="offline"]').count(), 'offline', 60_000);
    await page.waitForSelector('.banner--offline');
    await record(server, who.shop, { view: 1 });
    await page.context().setOffline(false);
    await connection(page, 'live');
    await kpi_is(page, 'landlordViews', 41);
    await page.context().close();
  });

  test('tells more when it is pressed', async () => {
    const who = await busy_tenant();
    const page = await open_app(browser, server, '/', { who });
    await connection(page, 'live');
    await page.click('.connection');
    const details = page.locator('[role=dialog]');
    assert.match(await details.textContent(), /Changes appear the moment they happen.*Last update.*Transport/);
    await page.keyboard.press('Escape');
    await details.waitFor({ state: 'detached' });
    assert.equal(await page.evaluate(() => document.activeElement.className.includes('connection')), true);
    await page.context().close();
  });
});

describe('a session', () => {
  test('goes on when its access token is gone, and ends where the server ends it', async () => {
    const email = `${uuid()}@example.org`;
    const settings = { cwd: temporary_folder(), env: { JWT_SECRET: secret, ...server.settings }, input: 'correct horse battery' };
    const added = run_program(['user', 'add', '--email', email, '--role', 'tenant', '--password-stdin'], settings);
    assert.equal(added.code, 0, added.stderr);
    const page = await open_app(browser, server, '/signin');
    await page.fill('input[name=email]', email);
    await page.fill('input[name=password]', 'correct horse battery');
    await page.keyboard.press('Enter');
    await connection(page, 'live');
    await page.context().clearCookies({ name: 'accessToken' });
    await page.reload();
    await connection(page, 'live');
    // Signed out by another program with the same cookies.
    const cookie = (await page.context().cookies(`${server.url}/api/auth`)).map(({ name, value }) => `${name}=${value}`).join('; ');
    const left = await fetch(`${server.url}/api/auth/logout`, { method: 'POST', headers: { cookie, 'content-type': 'application/json' }, body: '{}' });
    assert.equal(left.status, 200);
    await page.waitForURL('**/signin');
    await page.waitForSelector('text=Your session has ended');
    await page.context().close();
  });
});
