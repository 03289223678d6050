// node tests/screenshot.mjs [URL]: writes the pictures of README.md to docs/images/, of the demo at URL or of one
// it starts itself: the dashboard on a desk, and a business on a phone in the dark.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { start_browser, start_demo } from './browser.mjs';
import { root } from './harness.mjs';

const folder = join(root, 'docs/images');
mkdirSync(folder, { recursive: true });
const demo = process.argv[2] ? null : await start_demo();
const url = process.argv[2] ?? demo.url;
const browser = await start_browser();

async function signed_in(options) {
  const page = await browser.newPage({ locale: 'en-GB', ...options });
  await page.goto(url);
  await page.click('text="Sign in to the demo"');
  await page.waitForSelector('.connection[data-state="live"]');
  return page;
}

try {
  const desk = await signed_in({ viewport: { width: 1280, height: 900 }, deviceScaleFactor: 1.25 });
  await desk.waitForSelector('.trend-chart canvas');
  // Rows with numbers of their own show that something is going on.
  await desk.waitForFunction(() => document.querySelectorAll('.newest__live').length >= 1, undefined, { timeout: 120_000 });
  await desk.screenshot({ path: join(folder, 'dashboard.png') });

  const phone = await signed_in({ viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, colorScheme: 'dark' });
  await phone.goto(`${url}/businesses?search=garden`);
  await phone.click('.row__link >> nth=-1');
  await phone.waitForURL('**/businesses/*-*');
  await phone.waitForLoadState('networkidle');
  await phone.screenshot({ path: join(folder, 'business.png') });
} finally {
  await browser.close();
  await demo?.stop();
}
