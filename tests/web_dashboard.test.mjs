// The dashboard of the web app, in a browser, against the built program.
import { after, before, describe, test } from 'node:test';
import { start_browser } from './browser.mjs';
import { assert, create_business, record, start_server, tenant, token_for, uuid, wait_for } from './harness.mjs';
import { assert_accessible, assert_fits, complaints, connection, kpi, kpi_is, open_app } from './web.mjs';

let browser;
let server;
before(async () => { [browser, server] = await Promise.all([start_browser(), start_server()]); });
after(async () => {
  await browser?.close();
  await server?.stop();
});

// A tenant with two businesses and some activity today.
async function busy_tenant(at = server) {
  const who = tenant();
  const shop = await create_business(at, who);
  await create_business(at, who, { name: 'Café Blau', category: 'food', status: 'pending_verification' });
  await record(at, shop, { view: 40, click: 9, invite: 8, message: 6, decline: 1, qfp: 2 });
  return { ...who, shop };
}

describe('the dashboard', () => {
  test('shows the four figures, and moves them within a second of what happened', async () => {
    const who = await busy_tenant();
    const page = await open_app(browser, server, '/', { who });
    await connection(page, 'live');
    await kpi_is(page, 'landlordViews', 40);
    assert.equal(await kpi(page, 'activeBusinesses'), 1);
    assert.equal(await kpi(page, 'responseRate'), 75);
    assert.equal(await kpi(page, 'messagesTotal'), 6);
    await page.evaluate(() => { globalThis.not_reloaded = true; });
    await record(server, who.shop, { view: 3 });
    await kpi_is(page, 'landlordViews', 43, 1000);
    assert.equal(await page.evaluate(() => globalThis.not_reloaded), true);
    assert.deepEqual(complaints(page), []);
    await page.context().close();
  });

  test('moves nothing but the digits', async () => {
    const who = await busy_tenant();
    const page = await open_app(browser, server, '/', { who });
    await kpi_is(page, 'landlordViews', 40);
    await page.waitForSelector('.trend-chart canvas');
    await page.evaluate(() => {
      globalThis.shifts = [];
      new PerformanceObserver((list) => globalThis.shifts.push(...list.getEntries().map((each) => each.value)))
        .observe({ type: 'layout-shift' });
    });
    for (const views of [1, 7, 9000]) await record(server, who.shop, { view: views });
    await kpi_is(page, 'landlordViews', 9048);
    // The counting has come to its end.
    await page.waitForFunction(() => document.querySelector('[data-kpi="landlordViews"]').textContent.includes('9,0489,048'));
    assert.deepEqual(await page.evaluate(() => globalThis.shifts), []);
    await page.context().close();
  });

  test('shows the same in two tabs, a new business included', async () => {
    const who = await busy_tenant();
    const first = await open_app(browser, server, '/', { who });
    const second = await open_app(browser, server, '/?days=7', { context: first.context() });
    for (const page of [first, second]) await connection(page, 'live');
    await create_business(server, who, { name: 'Brand New' });
    await record(server, who.shop, { message: 1 });
    for (const page of [first, second]) {
      await page.waitForSelector('.newest >> text=Brand New');
      await kpi_is(page, 'activeBusinesses', 2);
      await kpi_is(page, 'messagesTotal', 7);
      assert.deepEqual(complaints(page), []);
    }
    await first.context().close();
  });

  test('keeps the period in its address, for deep links and the back button', async () => {
    const who = await busy_tenant();
    const page = await open_app(browser, server, '/?days=7', { who });
    const chosen = (text) => page.waitForSelector(`.segmented__choice[data-selected] >> text="${text}"`);
    await chosen('7 days');
    await page.waitForSelector('text=none in the 7 days before');
    await page.click('text="90 days"');
    await page.waitForURL('**/?days=90');
    await page.click('text="30 days"');
    await page.waitForURL(`${server.url}/`);
    await page.goBack();
    await chosen('90 days');
    await page.goBack();
    await chosen('7 days');
    assert.deepEqual(complaints(page), []);
    await page.context().close();
  });

  test('gives the numbers of its chart as a table', async () => {
    const who = await busy_tenant();
    const page = await open_app(browser, server, '/?days=7&view=table', { who });
    const rows = page.locator('.trend-table tbody tr');
    await rows.first().waitFor();
    assert.equal(await rows.count(), 7);
    assert.deepEqual(await rows.first().locator('td').allTextContents(), ['40', '9', '8', '1', '6', '2']);
    await record(server, who.shop, { view: 2 });
    await wait_for(async () => (await rows.first().locator('td').first().textContent()) === '42', 'the table follows');
    await page.context().close();
  });

  test('holds still while it is paused, and catches up', async () => {
    const who = await busy_tenant();
    const page = await open_app(browser, server, '/', { who });
    await connection(page, 'live');
    await kpi_is(page, 'landlordViews', 40);
    await page.click('.connection');
    await page.click('text="Pause"');
    await connection(page, 'paused');
    await page.waitForSelector('.banner--paused');
    await record(server, who.shop, { view: 5 });
    // Another tab has it; this one does not.
    const other = await open_app(browser, server, '/', { context: page.context() });
    await kpi_is(other, 'landlordViews', 45);
    assert.equal(await kpi(page, 'landlordViews'), 40);
    await page.keyboard.press('Escape');
    await page.click('.banner >> text="Resume"');
    await kpi_is(page, 'landlordViews', 45);
    await page.context().close();
  });

  test('tells one without businesses what will come', async () => {
    const page = await open_app(browser, server, '/', { who: tenant() });
    await page.waitForSelector('text=No businesses yet');
    assert.equal(await kpi(page, 'activeBusinesses'), 0);
    assert.deepEqual(complaints(page), []);
    await page.context().close();
  });

  test('says clearly that others than tenants have none', async () => {
    const id = uuid();
    const page = await open_app(browser, server, '/', { who: { id, token: token_for(id, { role: 'landlord' }) } });
    await page.waitForSelector('text=This account has no dashboard');
    await page.context().close();
  });
});

describe('layouts and looks', () => {
  test('fit a phone, a tablet and a desk', async () => {
    const who = await busy_tenant();
    for (const [width, height] of [[320, 640], [390, 844], [820, 1180], [1280, 800]]) {
      const page = await open_app(browser, server, '/', { who, viewport: { width, height } });
      await page.waitForSelector('.trend-chart canvas');
      await assert_fits(page);
      await page.click('text="Table"');
      await page.waitForSelector('.trend-table');
      await assert_fits(page);
      await page.context().close();
    }
  });

  test('are light or dark as the system is, or as was chosen, from the first paint', async () => {
    const who = await busy_tenant();
    const ground = (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const page = await open_app(browser, server, '/', { who, colorScheme: 'dark' });
    await connection(page, 'live');
    assert.equal(await ground(page), 'rgb(13, 16, 23)');
    await page.click('[aria-label="Account and settings"]');
    await page.click('[role=menuitemradio] >> text=Light');
    await wait_for(async () => (await ground(page)) === 'rgb(245, 246, 249)', 'light');
    // Before the app has run at all.
    await page.route('**/*.js', (route) => (/theme/.test(route.request().url()) ? route.continue() : route.abort()));
    await page.reload({ waitUntil: 'commit' });
    await page.waitForFunction(() => document.documentElement.dataset.theme === 'light');
    await page.context().close();
  });

  test('speak German to a German browser, numbers and all', async () => {
    const who = await busy_tenant();
    await record(server, who.shop, { view: 1960 });
    const page = await open_app(browser, server, '/', { who, locale: 'de-DE' });
    await page.waitForSelector('h1 >> text=Dashboard');
    await page.waitForSelector('text=Antwortquote');
    await page.waitForSelector('[data-kpi="landlordViews"] >> text=2.000');
    assert.equal(await page.getAttribute('html', 'lang'), 'de');
    assert.deepEqual(complaints(page), []);
    await page.context().close();
  });
});

describe('accessibility', () => {
  for (const [colorScheme, width] of [['light', 1280], ['dark', 1280], ['light', 390], ['dark', 390]])
    test(`axe has nothing to say of the dashboard, ${colorScheme} and ${width} wide`, async () => {
      const who = await busy_tenant();
      const options = { colorScheme, viewport: { width, height: 900 }, bypassCSP: true, reducedMotion: 'reduce' };
      const page = await open_app(browser, server, '/', { who, ...options });
      await connection(page, 'live');
      await page.waitForSelector('.trend-chart canvas');
      await assert_accessible(page, 'chart');
      await page.click('text="Table"');
      await page.waitForSelector('.trend-table');
      await assert_accessible(page, 'table');
      await page.click('[aria-label="Account and settings"]');
      await page.waitForSelector('[role=menu]');
      await assert_accessible(page, 'menu', { overlay: true });
      await page.keyboard.press('Escape');
      await page.click('.connection');
      await page.waitForSelector('[role=dialog]');
      await assert_accessible(page, 'connection', { overlay: true });
      await page.context().close();
    });

  test('a keyboard reaches the content at once, and everything on the page', async () => {
    const who = await busy_tenant();
    const page = await open_app(browser, server, '/', { who });
    await page.waitForSelector('.trend-chart canvas');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Skip to content');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'content');
    // The period: a group with arrows inside.
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowLeft');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/?days=7');
    await page.context().close();
  });
});
