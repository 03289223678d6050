// The demo's page in a real browser.
import { after, before, describe, test } from 'node:test';
import { start_browser, start_demo } from './browser.mjs';
import { assert, start_server } from './harness.mjs';

let demo;
let browser;
before(async () => { [demo, browser] = await Promise.all([start_demo(), start_browser()]); });
after(async () => {
  await browser?.close();
  await demo?.stop();
});

const long = { timeout: 30_000 };
const mode = (page, name) => page.waitForSelector(`#connection[data-mode="${name}"]`, long);
const views = (page) => page.textContent('#landlordViews');
const changes = (page, from) =>
  page.waitForFunction((before) => document.getElementById('landlordViews').textContent !== before, from, long);

async function open(options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  page.errors = [];
  page.on('pageerror', (error) => page.errors.push(error));
  return page;
}

describe('the page', () => {
  test('shows four figures and the list, which change by themselves', async () => {
    const page = await open();
    await page.goto(demo.url);
    await mode(page, 'live');
    for (const id of ['activeBusinesses', 'responseRate', 'landlordViews', 'messagesTotal'])
      assert.match(await page.textContent(`#${id}`), /\d/, id);
    assert.equal(await page.locator('#businesses li').count(), 20);
    assert.match(await page.textContent('#who'), /@/);
    const before_it = await views(page);
    await changes(page, before_it);
    await page.waitForSelector('.counts b', long);
    assert.match(await page.textContent('#age'), /updated \d+ s ago/);
    assert.deepEqual(page.errors, []);
    await page.context().close();
  });

  test('falls to polling after three failed attempts, and returns to live', async () => {
    const page = await open();
    let polls = 0;
    page.on('request', (request) => { if (request.url().endsWith('/api/dashboard/tenant/kpis')) ++polls; });
    await page.context().route('**/socket.io/?**', (route) => route.abort());
    await page.goto(demo.url);
    await mode(page, 'polling');
    assert.match(await page.textContent('#landlordViews'), /\d/);
    assert.ok(polls >= 1, 'nothing was polled');
    await page.context().unroute('**/socket.io/?**');
    await mode(page, 'live');
    await changes(page, await views(page));
    assert.deepEqual(page.errors, []);
    await page.context().close();
  });

  test('pauses and resumes the simulator', async () => {
    const page = await open();
    await page.goto(demo.url);
    await page.click('text=Pause simulator');
    await page.waitForSelector('text=Resume simulator', long);
    await page.click('text=Resume simulator');
    await page.waitForSelector('text=Pause simulator', long);
    await changes(page, await views(page));
    await page.context().close();
  });

  test('fits a phone and the dark', async () => {
    const page = await open({ viewport: { width: 360, height: 740 }, colorScheme: 'dark' });
    await page.goto(demo.url);
    await mode(page, 'live');
    const [width, ground] = await page.evaluate(() =>
      [document.documentElement.scrollWidth, getComputedStyle(document.body).backgroundColor]);
    assert.ok(width <= 360, `${width} pixels wide`);
    assert.equal(ground, 'rgb(14, 17, 25)');
    await page.context().close();
  });

  test('tells a visitor of a plain server how to sign in', async () => {
    const server = await start_server();
    const page = await open();
    await page.goto(server.url);
    await page.waitForSelector('#notice:not([hidden])', long);
    assert.match(await page.textContent('#notice'), /accessToken/);
    assert.equal(await page.isVisible('#simulator'), false);
    await page.context().close();
    await server.stop();
  });
});
