// The web app in a headless Chromium, in front of a server of the tests.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { assert, slow, wait_for } from './harness.mjs';

// A page of the app, in a context of its own or in `context`. `who` is signed in, by the cookie that signing in
// would set. `page.errors` lists what the page complained of.
export async function open_app(browser, server, path = '/', { who, context, ...options } = {}) {
  context ??= await browser.newContext({ locale: 'en-GB', timezoneId: 'UTC', ...options });
  if (who) await context.addCookies([{ name: 'accessToken', value: who.token, url: server.url }]);
  const page = await context.newPage();
  page.setDefaultTimeout(15_000 * slow);
  page.errors = [];
  page.on('pageerror', (error) => page.errors.push(`${error}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') page.errors.push(message.text());
  });
  await page.goto(server.url + path);
  return page;
}

// What the page complained of, but for the network's own words when a server is away on purpose.
export const complaints = (page, expected = /$^/) => page.errors.filter((each) => !expected.test(each));
export const server_away = /ERR_CONNECTION_REFUSED|ERR_EMPTY_RESPONSE|ERR_CONNECTION_RESET|WebSocket connection/;

export const connection = (page, state) => page.waitForSelector(`.connection[data-state="${state}"]`);
export const kpi = async (page, name) =>
  Number(await page.getAttribute(`[data-kpi="${name}"] [data-value]`, 'data-value'));

export const kpi_is = (page, name, value, bound) =>
  wait_for(async () => (await kpi(page, name)) === value, `${name} becomes ${value}`, bound);

const axe_source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// Axe finds nothing against WCAG 2.2 A and AA. The policy of the page forbids foreign scripts, so the context
// has to be opened with bypassCSP. An open menu or dialog stands outside of the landmarks: that is a matter of
// practice, not of WCAG.
export async function assert_accessible(page, what, { overlay = false } = {}) {
  await page.evaluate(axe_source);
  // What fades in has less contrast until it is there.
  await page.evaluate(() => Promise.all(document.getAnimations()
    .filter((each) => each.effect.getComputedTiming().endTime !== Infinity)
    .map((each) => each.finished.catch(() => {}))));
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', ...(overlay ? [] : ['best-practice'])];
  const { violations } = await page.evaluate((runOnly) => globalThis.axe.run(document, { runOnly }), tags);
  const found = violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}\n  ${node.html}\n  ${node.failureSummary}`));
  assert.deepEqual(found, [], what);
}

// Nothing is wider than the window.
export async function assert_fits(page) {
  const [wide, window_width] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(wide <= window_width, `${wide} pixels wide in a window of ${window_width}`);
}
