// Signing in and out of the web app, in a browser, against the built program.
import { after, before, describe, test } from 'node:test';
import { start_browser, start_demo } from './browser.mjs';
import { assert, create_business, run_program, secret, start_server, temporary_folder, token_for, uuid, wait_for } from './harness.mjs';
import { assert_accessible, assert_fits, complaints, connection, open_app } from './web.mjs';

const password = 'correct horse battery';
// That nobody is signed in yet, or that a password is wrong, the network's log calls an error.
const refused = /status of (401|403|429|503)/;

let browser;
let server;
before(async () => { [browser, server] = await Promise.all([start_browser(), start_server()]); });
after(async () => {
  await browser?.close();
  await server?.stop();
});

function add_user(role = 'tenant', at = server) {
  const email = `${uuid()}@example.org`;
  const done = run_program(['user', 'add', '--email', email, '--role', role, '--password-stdin'], {
    cwd: temporary_folder(),
    env: { JWT_SECRET: secret, ...at.settings },
    input: password,
  });
  assert.equal(done.code, 0, done.stderr);
  const id = done.stdout.trim();
  return { id, email, token: token_for(id, { role, email }) };
}

async function fill_in(page, email, secret_word = password) {
  await page.fill('input[name=email]', email);
  await page.fill('input[name=password]', secret_word);
  await page.click('button[type=submit]');
}

async function problem(page, pattern) {
  await wait_for(async () => pattern.test(await page.locator('[role=alert]').textContent().catch(() => '')), `an alert ${pattern}`);
}

describe('signing in', () => {
  test('leads to the dashboard, and a reload stays there', async () => {
    const who = add_user();
    const page = await open_app(browser, server, '/');
    await page.waitForURL('**/signin');
    await wait_for(async () => (await page.title()) === 'Sign in · Pulseboard', 'the title');
    await fill_in(page, who.email);
    await page.waitForURL(`${server.url}/`);
    await connection(page, 'live');
    await page.reload();
    await connection(page, 'live');
    assert.deepEqual(complaints(page, refused), []);
    await page.context().close();
  });

  test('leads to what was asked for', async () => {
    const who = add_user();
    const shop = await create_business(server, who, { name: 'Deep Link' });
    const page = await open_app(browser, server, `/businesses/${shop.id}`);
    await page.waitForURL('**/signin?next=**');
    await fill_in(page, who.email);
    await page.waitForURL(`**/businesses/${shop.id}`);
    await page.waitForSelector('h1 >> text=Deep Link');
    await page.context().close();
  });

  test('says what is missing, and puts the cursor there', async () => {
    const page = await open_app(browser, server, '/signin');
    await page.click('button[type=submit]');
    await page.waitForSelector('text=Enter your email address');
    await page.waitForSelector('text=Enter your password');
    assert.equal(await page.evaluate(() => document.activeElement.name), 'email');
    await fill_in(page, 'nobody');
    await page.waitForSelector('text=Enter an address like');
    await page.context().close();
  });

  test('says that a password is wrong, keeps the address, and lets one look at what was typed', async () => {
    const who = add_user();
    const page = await open_app(browser, server, '/signin');
    await fill_in(page, who.email, 'not the one');
    await problem(page, /Email or password is not right/);
    assert.equal(await page.inputValue('input[name=email]'), who.email);
    await page.click('[aria-label="Show password"]');
    assert.equal(await page.getAttribute('input[name=password]', 'type'), 'text');
    assert.equal(await page.inputValue('input[name=password]'), 'not the one');
    await page.fill('input[name=password]', password);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${server.url}/`);
    await page.context().close();
  });

  test('counts down after too many attempts', async () => {
    const who = add_user();
    const page = await open_app(browser, server, '/signin');
    await wait_for(async () => {
      await fill_in(page, who.email, 'not the one');
      await page.waitForSelector('button[type=submit]:not([data-pending])');
      const said = await page.locator('[role=alert]').textContent();
      assert.match(said, /not right|Too many attempts\. Try again in \d+ seconds?\./);
      return said.startsWith('Too many');
    }, 'the limit of failures', 20_000);
    await page.context().close();
  });

  test('says so when the server cannot check, or cannot be reached', async () => {
    const page = await open_app(browser, server, '/signin');
    const unavailable = { success: false, error: { code: 'UNAVAILABLE', message: 'later' } };
    await page.route('**/api/auth/login', (route) => route.fulfill({ status: 503, headers: { 'retry-after': '1' }, json: unavailable }));
    await fill_in(page, 'someone@example.org');
    await problem(page, /cannot check passwords/);
    await page.unroute('**/api/auth/login');
    await page.route('**/api/auth/login', (route) => route.abort());
    await fill_in(page, 'someone@example.org');
    await problem(page, /cannot be reached/);
    await page.context().close();
  });

  test('as one who is no tenant ends at a page that says so, with a way out', async () => {
    const who = add_user('landlord');
    const page = await open_app(browser, server, '/signin');
    await fill_in(page, who.email);
    await page.waitForSelector('text=This account has no dashboard');
    await page.waitForSelector(`text=${who.email}`);
    await page.click('text="Sign out"');
    await page.waitForURL('**/signin');
    await page.context().close();
  });

  test('to the demo takes one press', async () => {
    const demo = await start_demo();
    const page = await open_app(browser, demo, '/');
    await page.click('text="Sign in to the demo"');
    await connection(page, 'live');
    assert.deepEqual(complaints(page, refused), []);
    await page.context().close();
    await demo.stop();
  });
});

describe('signing out', () => {
  test('leaves nothing behind, in no tab', async () => {
    const who = add_user();
    const page = await open_app(browser, server, '/signin');
    await fill_in(page, who.email);
    await connection(page, 'live');
    const other = await open_app(browser, server, '/businesses', { context: page.context() });
    await connection(other, 'live');
    await page.click('[aria-label="Account and settings"]');
    await page.click('[role=menuitem] >> text=Sign out');
    await page.waitForURL('**/signin');
    await page.waitForSelector('text=You are signed out.');
    await other.waitForURL('**/signin?next=**');
    const cookies = await page.context().cookies();
    assert.deepEqual(cookies.filter((cookie) => /Token$/.test(cookie.name) && cookie.value), []);
    await page.goto(server.url);
    await page.waitForURL('**/signin');
    await page.context().close();
  });
});

describe('the sign-in page', () => {
  for (const [colorScheme, width] of [['light', 1280], ['dark', 390]])
    test(`is accessible, errors and all, ${colorScheme} and ${width} wide`, async () => {
      const options = { colorScheme, viewport: { width, height: 800 }, bypassCSP: true };
      const page = await open_app(browser, server, '/signin', options);
      await page.waitForSelector('input[name=email]');
      await assert_accessible(page, 'empty');
      await page.click('button[type=submit]');
      await page.waitForSelector('text=Enter your password');
      await assert_accessible(page, 'with what is missing');
      await fill_in(page, 'nobody@example.org');
      await problem(page, /not right/);
      await assert_accessible(page, 'with what went wrong');
      await assert_fits(page);
      await page.context().close();
    });

  test('speaks German when asked to', async () => {
    const page = await open_app(browser, server, '/signin');
    await page.selectOption('footer select >> nth=0', 'de');
    await page.waitForSelector('button >> text=Anmelden');
    assert.equal(await page.getAttribute('html', 'lang'), 'de');
    await page.reload();
    await page.waitForSelector('button >> text=Anmelden');
    await page.context().close();
  });
});
