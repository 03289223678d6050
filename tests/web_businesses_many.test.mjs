// 5,000 businesses in a real browser: the document stays small, and what is in view stays in view.
import { after, before, describe, test } from 'node:test';
import { start_browser } from './browser.mjs';
import { api, assert, create_business, sql, start_server, tenant, wait_for } from './harness.mjs';
import { close, open_live, row, seed } from './web_list.mjs';

let server;
let browser;
before(async () => { [server, browser] = await Promise.all([start_server(), start_browser()]); });
after(async () => {
  await browser?.close();
  await server?.stop();
});

const open = (who, path = '/businesses', options = {}) => open_live(browser, server, who, path, options);

describe('5,000 businesses', () => {
  const who = tenant();
  before(() => seed(server, who, 5000));
  const rows_in_document = (page) => page.locator('[role="row"]').count();
  const in_view = (page) => page.evaluate(() => {
    const rows = [...document.querySelectorAll('[role="row"][data-id]')];
    return rows.filter((each) => each.getBoundingClientRect().top > 160 && each.getBoundingClientRect().bottom < innerHeight)
      .map((each) => ({ id: each.dataset.id, top: each.getBoundingClientRect().top, name: each.querySelector('a').textContent }));
  });
  const scroll_to = async (page, n) => {
    await page.locator('.row__link').first().waitFor();
    await page.evaluate((index) => scrollTo(0, index * 64), n);
    await page.locator('.row__link', { hasText: new RegExp(`^Shop ${n}$`) }).waitFor();
  };

  test('are scrolled to the end; the document stays small, and no row is missing or there twice', async () => {
    const page = await open(who, '/businesses', { viewport: { width: 1280, height: 2400 } });
    await page.getByText('5,000 businesses', { exact: true }).waitFor();
    const seen = new Map();
    let most = 0;
    // Steps of what is waited for: rows further down may still be drawn.
    for (let at = 1; at < 5000; at += 25) {
      await page.evaluate((index) => scrollTo(0, index * 64), at);
      const wanted = Math.min(at + 25, 5000);
      await page.locator('.row__link', { hasText: new RegExp(`^Shop ${wanted}$`) }).waitFor();
      const rows = await page.$$eval('[role="row"][data-id]', (elements) =>
        elements.map((each) => [Number(each.getAttribute('aria-rowindex')) - 1, each.querySelector('a').textContent]));
      for (const [index, name] of rows) seen.set(index, name);
      most = Math.max(most, rows.length);
    }
    assert.equal(seen.size, 5000);
    for (const [index, name] of seen) assert.equal(name, `Shop ${index}`);
    assert.ok(most <= 80, `${most} rows in the document`);
    await close(page);
  });

  test('are jumped through to the end', async () => {
    const page = await open(who);
    await page.getByText('5,000 businesses', { exact: true }).waitFor();
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await page.locator('.row__link', { hasText: /^Shop 5000$/ }).waitFor();
    assert.ok((await rows_in_document(page)) <= 60);
    assert.equal(await page.getByRole('table').getAttribute('aria-rowcount'), '5001');
    await close(page);
  });

  test('a business that comes or goes above does not move what is in view, nor take the focus', async () => {
    const page = await open(who);
    await scroll_to(page, 300);
    const link = row(page, 'Shop 305').getByRole('link');
    await link.focus();
    const before_it = await in_view(page);
    assert.ok(before_it.length >= 5);
    const made = await create_business(server, who, { name: 'New at the top' });
    await page.getByText('5,001 businesses', { exact: true }).waitFor();
    assert.deepEqual(await in_view(page), before_it);
    await api(server, 'DELETE', `/api/businesses/${made.id}`, { token: who.token });
    sql(server.database, `DELETE FROM businesses WHERE user_id = '${who.id}' AND name IN ('Shop 7', 'Shop 8');`);
    await page.getByText('4,998 businesses', { exact: true }).waitFor();
    assert.deepEqual(await in_view(page), before_it);
    assert.equal(await link.evaluate((each) => document.activeElement === each), true);
    // The rows further down are numbered from the top again, and none was skipped.
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await page.locator('.row__link', { hasText: /^Shop 5000$/ }).waitFor();
    await close(page);
  });

  test('going back from a business shows the place that was left', async () => {
    const page = await open(who);
    await scroll_to(page, 400);
    const before_it = await in_view(page);
    await page.getByRole('link', { name: 'Shop 404', exact: true }).click();
    await page.getByRole('heading', { name: 'Shop 404' }).waitFor();
    await page.getByRole('link', { name: 'All businesses' }).click();
    await page.getByRole('link', { name: 'Shop 404', exact: true }).waitFor();
    await wait_for(async () => JSON.stringify(await in_view(page)) === JSON.stringify(before_it), 'the rows in view before');
    await close(page);
  });
});
