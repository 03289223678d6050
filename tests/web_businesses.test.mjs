// The list of businesses in a real browser: found, shown, changed, and kept up to date.
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { start_browser } from './browser.mjs';
import { api, assert, create_business, record, start_server, tenant, wait_for } from './harness.mjs';
import { assert_accessible, assert_fits, complaints } from './web.mjs';
import { close, open_live, row, seed, shows } from './web_list.mjs';

let server;
let browser;
before(async () => { [server, browser] = await Promise.all([start_server(), start_browser()]); });
after(async () => {
  await browser?.close();
  await server?.stop();
});

const open = (who, path = '/businesses', options = {}) => open_live(browser, server, who, path, options);
const menu = async (page, name, entry) => {
  await row(page, name).getByRole('button', { name: `Actions for ${name}` }).click();
  await page.getByRole('menuitem', { name: entry, exact: true }).click();
};
const toast = (page, text) => page.getByText(text, { exact: true }).waitFor();
const fill = async (page, fields) => {
  for (const [label, text] of Object.entries(fields)) await page.getByRole('dialog').getByLabel(label).fill(text);
};

describe('creating, editing, deleting', () => {
  test('a business is created, stands at its place, and is edited and deleted', async () => {
    const who = tenant();
    const page = await open(who);
    await page.getByText('No business yet').waitFor();
    await page.getByRole('button', { name: 'New business' }).first().click();
    await fill(page, { Name: '  Lindenhof  ', Category: 'Café' });
    await page.keyboard.press('Enter');
    await toast(page, '“Lindenhof” was created.');
    await shows(page, ['Lindenhof']);
    assert.match(await row(page, 'Lindenhof').textContent(), /Café.*Pending.*Not verified/);

    await menu(page, 'Lindenhof', 'Edit');
    await fill(page, { Name: 'Lindenhof am See' });
    await page.getByRole('dialog').getByRole('button', { name: /^Status|Pending/ }).click();
    await page.getByRole('option', { name: 'Active' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await toast(page, '“Lindenhof am See” was saved.');
    await shows(page, ['Lindenhof am See']);
    assert.match(await row(page, 'Lindenhof am See').textContent(), /Active/);

    await menu(page, 'Lindenhof am See', 'Delete');
    const dialog = page.getByRole('alertdialog', { name: 'Delete “Lindenhof am See”?' });
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await shows(page, ['Lindenhof am See']);
    await menu(page, 'Lindenhof am See', 'Delete');
    await dialog.getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No business yet').waitFor();
    const { body } = await api(server, 'GET', '/api/businesses', { token: who.token });
    assert.equal(body.data.total, 0);
    await close(page);
  });

  test('only what was changed is sent, so that changes of two tabs do not undo each other', async () => {
    const who = tenant();
    const business = await create_business(server, who, { name: 'Two tabs' });
    const page = await open(who);
    await menu(page, 'Two tabs', 'Edit');
    await fill(page, { Category: 'Office' });
    const body = { name: 'Renamed elsewhere' };
    await api(server, 'PATCH', `/api/businesses/${business.id}`, { token: who.token, body });
    await page.getByRole('button', { name: 'Save' }).click();
    await shows(page, ['Renamed elsewhere']);
    await wait_for(async () => /Office/.test(await row(page, 'Renamed').textContent()), 'the new category');
    await close(page);
  });

  test('stealth mode is turned on and off', async () => {
    const who = tenant();
    const { id } = await create_business(server, who, { name: 'Hidden gem' });
    const stealth = async () =>
      (await api(server, 'GET', `/api/businesses/${id}`, { token: who.token })).body.data.business.stealth_mode_enabled;
    const page = await open(who);
    await menu(page, 'Hidden gem', 'Turn stealth on');
    await row(page, 'Hidden gem').getByText('Stealth on').waitFor();
    assert.equal(await stealth(), true);
    await menu(page, 'Hidden gem', 'Turn stealth off');
    await row(page, 'Hidden gem').getByText('Stealth on').waitFor({ state: 'detached' });
    assert.equal(await stealth(), false);
    await close(page);
  });

  test('what the server refuses stands at its field, which takes the focus', async () => {
    const page = await open(tenant());
    await page.getByRole('button', { name: 'New business' }).first().click();
    await fill(page, { Name: 'n'.repeat(256), Category: 'Café', 'Address of the logo': 'ftp://example.org/logo' });
    await page.getByRole('button', { name: 'Create' }).click();
    const name = page.getByLabel('Name', { exact: true });
    await page.getByText('Enter a name of 1 to 255 characters on one line.').waitFor();
    await page.getByText('Enter an http or https address of at most 500 characters, or nothing.').waitFor();
    assert.equal(await name.getAttribute('aria-invalid'), 'true');
    assert.equal(await name.evaluate((input) => document.activeElement === input), true);
    const described = await name.evaluate((input) => (input.getAttribute('aria-describedby') ?? '').split(' ')
      .map((id) => document.getElementById(id)?.textContent).join(' '));
    assert.match(described, /1 to 255/);
    // What is being mended is not complained about.
    await name.fill('A name');
    assert.equal(await page.getByText('Enter a name').count(), 0);
    await fill(page, { 'Address of the logo': '' });
    await page.getByRole('button', { name: 'Create' }).click();
    await shows(page, ['A name']);
    assert.deepEqual(complaints(page, /status of 400/), []);
    await page.context().close();
  });

  test('nothing is lost when the server cannot be reached', async () => {
    const page = await open(tenant());
    await page.getByRole('button', { name: 'New business' }).first().click();
    await fill(page, { Name: 'Kept', Category: 'Café' });
    await page.context().route('**/api/businesses', (route) => route.abort());
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByText('The server cannot be reached. Nothing was changed; try again.').waitFor();
    await page.context().unroute('**/api/businesses');
    await page.getByRole('button', { name: 'Create' }).click();
    await shows(page, ['Kept']);
    assert.deepEqual(complaints(page, /ERR_FAILED/), []);
    await page.context().close();
  });

  test('the focus returns to where it was; after deleting, to the next row', async () => {
    const who = tenant();
    seed(server, who, 3);
    const page = await open(who);
    await shows(page, ['Shop 1', 'Shop 2', 'Shop 3']);
    const focused = () => page.evaluate(() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent);
    await row(page, 'Shop 2').getByRole('button').focus();
    await page.keyboard.press('Enter');
    await page.getByRole('menuitem', { name: 'Edit' }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await wait_for(async () => (await focused()) === 'Actions for Shop 2', 'the focus on the menu again');
    await row(page, 'Shop 2').getByRole('link').focus();
    await page.keyboard.press('ArrowUp');
    assert.equal(await focused(), 'Shop 1');
    await menu(page, 'Shop 2', 'Delete');
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).press('Enter');
    await shows(page, ['Shop 1', 'Shop 3']);
    await wait_for(async () => (await focused()) === 'Shop 3', 'the focus on the next row');
    await close(page);
  });
});

describe('several tabs', () => {
  test('what one does shows in the others, where their filter lets it', async () => {
    const who = tenant();
    await create_business(server, who, { name: 'First' });
    const one = await open(who);
    const two = await open(who, '/businesses', { context: one.context() });
    const active = await open(who, '/businesses?status=active', { context: one.context() });
    // A tab that nobody sees is drawn once a second: whoever acts in one has it in front.
    await one.bringToFront();
    await one.getByRole('button', { name: 'New business' }).click();
    await fill(one, { Name: 'Second', Category: 'Café' });
    await one.getByRole('button', { name: 'Create' }).click();
    for (const page of [one, two]) await shows(page, ['Second', 'First']);
    await shows(active, ['First']);
    await two.bringToFront();
    await menu(two, 'Second', 'Edit');
    await two.getByRole('dialog').getByRole('button', { name: /Pending/ }).click();
    await two.getByRole('option', { name: 'Active' }).click();
    await two.getByRole('button', { name: 'Save' }).click();
    await shows(active, ['Second', 'First']);
    await one.bringToFront();
    await menu(one, 'First', 'Delete');
    await one.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    for (const page of [one, two, active]) {
      await shows(page, ['Second']);
      assert.deepEqual(complaints(page), []);
    }
    await one.context().close();
  });

  test('what landlords do moves the numbers of the row', async () => {
    const who = tenant();
    const business = await create_business(server, who, { name: 'Watched' });
    const page = await open(who);
    await shows(page, ['Watched']);
    await record(server, business, { view: 7, message: 2 });
    await row(page, 'Watched').getByText('7 views · 2 messages').waitFor();
    await close(page);
  });
});

describe('search and filter', () => {
  const found = (page, text) => page.locator('.businesses__count', { hasText: text }).waitFor();

  test('live in the address: typed, chosen, gone back, linked to', async () => {
    const who = tenant();
    for (const [name, status] of [['Alpha Café', 'active'], ['Beta Bar', 'stealth_mode'], ['Gamma CAFÉ', 'pending_verification']])
      await create_business(server, who, { name, status });
    const page = await open(who);
    await shows(page, ['Gamma CAFÉ', 'Beta Bar', 'Alpha Café']);
    let asked = 0;
    page.on('request', (request) => { if (/\/api\/businesses\?.*search/.test(request.url())) ++asked; });
    await page.getByRole('searchbox').pressSequentially('café', { delay: 20 });
    await shows(page, ['Gamma CAFÉ', 'Alpha Café']);
    await found(page, '2 businesses found');
    assert.ok(asked <= 2, `${asked} requests for one word`);
    await page.getByRole('button', { name: /All statuses/ }).click();
    await page.getByRole('option', { name: 'Active' }).click();
    await shows(page, ['Alpha Café']);
    assert.equal(new URL(page.url()).search, '?q=caf%C3%A9&status=active');
    await page.getByRole('status').getByText('1 business found').waitFor({ state: 'attached' });

    await page.goBack();
    await shows(page, ['Gamma CAFÉ', 'Alpha Café']);
    await page.goBack();
    await shows(page, ['Gamma CAFÉ', 'Beta Bar', 'Alpha Café']);
    assert.equal(await page.getByRole('searchbox').inputValue(), '');
    await page.goForward();
    await shows(page, ['Gamma CAFÉ', 'Alpha Café']);
    assert.equal(await page.getByRole('searchbox').inputValue(), 'café');

    const linked = await open(who, '/businesses?q=BETA&status=stealth_mode', { context: page.context() });
    await shows(linked, ['Beta Bar']);
    assert.equal(await linked.getByRole('searchbox').inputValue(), 'BETA');
    await linked.getByRole('button', { name: 'Clear search' }).click();
    await linked.getByRole('searchbox').fill('nothing like it');
    await linked.getByText('Nothing found').waitFor();
    await linked.getByRole('button', { name: 'Show all' }).click();
    await shows(linked, ['Gamma CAFÉ', 'Beta Bar', 'Alpha Café']);
    await close(page);
  });

  test('what fails is said, and tried again when asked', async () => {
    const who = tenant();
    await create_business(server, who, { name: 'There' });
    const context = await browser.newContext({ locale: 'en-GB' });
    await context.route('**/api/businesses?*', (route) => route.abort());
    const page = await open(who, '/businesses', { context });
    await page.getByText('The businesses could not be loaded').waitFor();
    await context.unroute('**/api/businesses?*');
    await page.getByRole('button', { name: 'Try again' }).click();
    await shows(page, ['There']);
    assert.deepEqual(complaints(page, /ERR_FAILED/), []);
    await context.close();
  });

  test('what is shown is exported, all of it', async () => {
    const who = tenant();
    seed(server, who, 230, (n) => (n % 2 ? `Odd ${n}` : `Even ${n}`));
    await create_business(server, who, { name: '=Odd "1", evil', category: 'Café' });
    const page = await open(who, '/businesses?q=odd');
    await found(page, '116 businesses found');
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Export CSV' }).click(),
    ]);
    assert.match(file.suggestedFilename(), /^Pulseboard Businesses \d{4}-\d\d-\d\d\.csv$/);
    const text = readFileSync(await file.path(), 'utf8');
    assert.ok(text.startsWith('\uFEFFName,Category,Status,'), text.slice(0, 80));
    const lines = text.trimEnd().split('\r\n');
    assert.equal(lines.length, 117);
    assert.ok(lines[1].startsWith('"\'=Odd ""1"", evil",Café,Active,no,no,'), lines[1]);
    assert.equal(lines.some((line) => line.includes('Even')), false);
    await toast(page, '116 businesses exported.');
    await close(page);
  });
});

describe('for everybody', () => {
  for (const colorScheme of ['light', 'dark'])
    test(`axe finds nothing, ${colorScheme}`, async () => {
      const who = tenant();
      const page = await open(who, '/businesses', { bypassCSP: true, colorScheme });
      await page.getByText('No business yet').waitFor();
      await assert_accessible(page, 'empty');
      seed(server, who, 40);
      await create_business(server, who, { name: 'In stealth', status: 'stealth_mode' });
      await create_business(server, who, { name: 'Waiting', status: 'pending_verification' });
      await row(page, 'Waiting').waitFor();
      await assert_accessible(page, 'the list');
      await row(page, 'Waiting').getByRole('button').click();
      await page.getByRole('menu').waitFor();
      await assert_accessible(page, 'the menu', { overlay: true });
      await page.getByRole('menuitem', { name: 'Edit' }).click();
      await page.getByRole('dialog').waitFor();
      await fill(page, { Name: ' ' });
      await page.getByRole('button', { name: 'Save' }).click();
      await page.getByText('Enter a name').waitFor();
      await assert_accessible(page, 'the form', { overlay: true });
      await page.keyboard.press('Escape');
      await menu(page, 'Waiting', 'Delete');
      await page.getByRole('alertdialog').waitFor();
      await assert_accessible(page, 'the question', { overlay: true });
      await close(page);
    });

  test('a phone has all of it, and nothing is wider than it', async () => {
    const who = tenant();
    seed(server, who, 300, (n) => `A rather long name of a business that does not fit into one line ${n}`);
    const page = await open(who, '/businesses', { viewport: { width: 360, height: 740 }, hasTouch: true, bypassCSP: true });
    await row(page, 'line 1').first().waitFor();
    await assert_fits(page);
    await assert_accessible(page, 'the list on a phone');
    await page.getByRole('button', { name: 'New business' }).click();
    await fill(page, { Name: 'From a phone', Category: 'Café' });
    await page.getByRole('button', { name: 'Create' }).tap();
    await row(page, 'From a phone').waitFor();
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await row(page, /line 300$|line 300/).first().waitFor();
    await assert_fits(page);
    await close(page);
  });
});
