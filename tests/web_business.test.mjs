// The page of one business in a real browser.
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { start_browser } from './browser.mjs';
import { api, assert, create_business, record, sql, start_server, tenant, uuid, wait_for } from './harness.mjs';
import { assert_accessible, assert_fits, complaints, connection, open_app } from './web.mjs';

let server;
let browser;
before(async () => { [server, browser] = await Promise.all([start_server(), start_browser()]); });
after(async () => {
  await browser?.close();
  await server?.stop();
});

const open = async (who, path, options = {}) => {
  const page = await open_app(browser, server, path, { who, ...options });
  await connection(page, 'live');
  return page;
};
const step = (page, name) => page.locator('.funnel__step', { has: page.getByText(name, { exact: true }).and(page.locator('.funnel__name')) });
const count = async (page, name) => Number(await step(page, name).locator('[data-value]').getAttribute('data-value'));
const counts = (page, wanted) =>
  wait_for(async () => {
    for (const [name, value] of Object.entries(wanted)) if ((await count(page, name)) !== value) return false;
    return true;
  }, `the funnel shows ${JSON.stringify(wanted)}`);
const close = async (page, expected) => {
  assert.deepEqual(complaints(page, expected), []);
  await page.context().close();
};
const day = (back) => new Date(Date.now() - back * 86_400_000).toISOString().slice(0, 10);
const past = (business, back, views) =>
  sql(server.database, `INSERT INTO business_metrics (id, business_id, metric_date, views_count)
    VALUES ('${uuid()}', '${business.id}', '${day(back)}', ${views});`);

describe('the page of a business', () => {
  test('shows what it is, its funnel and its history', async () => {
    const who = tenant();
    const business = await create_business(server, who, { name: 'Lindenhof', category: 'Café' });
    await record(server, business, { view: 200, click: 50, invite: 10, decline: 1, message: 5, qfp: 2 });
    past(business, 3, 40);
    past(business, 9, 160);
    const page = await open(who, '/businesses');
    await page.getByRole('link', { name: 'Lindenhof' }).click();
    await page.getByRole('heading', { name: 'Lindenhof', level: 1 }).waitFor();
    assert.equal(await page.title(), 'Lindenhof · Pulseboard');
    await page.getByText('Not verified').waitFor();
    await counts(page, { Views: 400, Clicks: 50, Invites: 10, Declined: 1, Messages: 5, QFPs: 2 });
    assert.match(await step(page, 'Clicks').textContent(), /12\.5\s?% of Views/);
    assert.match(await step(page, 'Messages').textContent(), /50\.0\s?% of Invites/);

    await page.getByRole('radio', { name: '7 days' }).or(page.getByRole('button', { name: '7 days' })).click();
    await page.getByRole('radio', { name: 'Table' }).or(page.getByRole('button', { name: 'Table' })).click();
    const cells = (name) => page.locator('.trend-table tr', { hasText: name }).locator('td').allTextContents();
    await wait_for(async () => `${await cells('This period')}` === '240,50,10,1,5,2', 'the sums of seven days');
    assert.equal(`${await cells('Period before')}`, '160,0,0,0,0,0');
    assert.equal(new URL(page.url()).search, '?days=7&view=table');
    await close(page);
  });

  test('moves with what landlords do, and with what is changed elsewhere', async () => {
    const who = tenant();
    const business = await create_business(server, who, { name: 'Watched' });
    const page = await open(who, `/businesses/${business.id}?view=table`);
    await page.getByText('Nothing happened yet.').waitFor();
    await record(server, business, { view: 3 });
    await counts(page, { Views: 3 });
    await record(server, business, { view: 4, message: 1 });
    await counts(page, { Views: 7, Messages: 1 });
    const today = page.locator('.trend-table tbody tr').first().locator('td').first();
    await wait_for(async () => (await today.textContent()) === '7', 'the day follows', 20_000);
    await api(server, 'PATCH', `/api/businesses/${business.id}`, { token: who.token, body: { name: 'Renamed', status: 'stealth_mode' } });
    await page.getByRole('heading', { name: 'Renamed', level: 1 }).waitFor();
    await page.locator('.badge--stealth_mode').waitFor();
    await close(page);
  });

  test('is edited and deleted from here', async () => {
    const who = tenant();
    const { id } = await create_business(server, who, { name: 'Here' });
    const page = await open(who, `/businesses/${id}`);
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Here and now');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Here and now', level: 1 }).waitFor();
    await page.getByRole('button', { name: /^Actions for/ }).click();
    await page.getByRole('menuitem', { name: 'Turn stealth on' }).click();
    await page.locator('.business__head').getByText('Stealth on').waitFor();
    await page.getByRole('button', { name: /^Actions for/ }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('heading', { name: 'No business yet' }).waitFor();
    assert.equal(new URL(page.url()).pathname, '/businesses');
    await close(page);
  });

  test('says when it was deleted elsewhere, and what never was there', async () => {
    const who = tenant();
    const { id } = await create_business(server, who, { name: 'Gone soon' });
    const page = await open(who, `/businesses/${id}`);
    await page.getByRole('heading', { name: 'Gone soon', level: 1 }).waitFor();
    await api(server, 'DELETE', `/api/businesses/${id}`, { token: who.token });
    await page.getByRole('heading', { name: '“Gone soon” was deleted' }).waitFor();

    const foreign = await create_business(server, tenant(), { name: 'Of somebody else' });
    for (const other of [id, foreign.id, 'nothing']) {
      const unknown = await open(who, `/businesses/${other}`, { context: page.context() });
      await unknown.getByRole('heading', { name: 'There is no such business' }).waitFor();
      assert.deepEqual(complaints(unknown, /status of 404/), []);
      await unknown.getByRole('link', { name: 'All businesses' }).click();
      await unknown.getByText('No business yet').waitFor();
      await unknown.close();
    }
    await close(page, /status of 404/);
  });

  test('a failed request is said and tried again', async () => {
    const who = tenant();
    const { id } = await create_business(server, who, { name: 'There' });
    const context = await browser.newContext({ locale: 'en-GB' });
    await context.route('**/api/businesses/**', (route) => route.abort());
    const page = await open(who, `/businesses/${id}`, { context });
    await page.getByRole('heading', { name: 'This business could not be loaded' }).waitFor();
    await context.unroute('**/api/businesses/**');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByRole('heading', { name: 'There', level: 1 }).waitFor();
    await close(page, /ERR_FAILED/);
  });

  test('the history is exported, a day a line', async () => {
    const who = tenant();
    const business = await create_business(server, who, { name: 'Lindenhof' });
    past(business, 1, 12);
    const page = await open(who, `/businesses/${business.id}?days=7`);
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export CSV' }).click(),
    ]);
    assert.match(file.suggestedFilename(), /^Pulseboard Lindenhof /);
    const lines = readFileSync(await file.path(), 'utf8').trimEnd().split('\r\n');
    assert.equal(lines.length, 8);
    assert.equal(lines[0], '\uFEFFDay (UTC),Views,Clicks,Invites,Declined,Messages,QFPs');
    assert.equal(lines[2], `${day(1)},12,0,0,0,0,0`);
    await close(page);
  });

  for (const colorScheme of ['light', 'dark'])
    test(`axe finds nothing, and a phone has all of it, ${colorScheme}`, async () => {
      const who = tenant();
      const business = await create_business(server, who, { name: 'Lindenhof '.repeat(12).trim() });
      await record(server, business, { view: 20, click: 5, message: 1 });
      const page = await open(who, `/businesses/${business.id}`, { bypassCSP: true, colorScheme, viewport: { width: 360, height: 740 } });
      await counts(page, { Views: 20 });
      await assert_accessible(page, 'the page');
      await assert_fits(page);
      await page.goto(`${server.url}/businesses/${business.id}?view=table`);
      await page.locator('.trend-table').waitFor();
      await assert_accessible(page, 'the table');
      await assert_fits(page);
      await close(page);
    });
});
