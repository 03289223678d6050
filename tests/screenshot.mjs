// node tests/screenshot.mjs [URL]: writes docs/dashboard.png, the picture in README.md, of the demo at URL or
// of one it starts itself.
import { join } from 'node:path';
import { start_browser, start_demo } from './browser.mjs';
import { root } from './harness.mjs';

const demo = process.argv[2] ? null : await start_demo();
const browser = await start_browser();
try {
  const page = await browser.newPage({ viewport: { width: 1180, height: 720 }, deviceScaleFactor: 1.5 });
  await page.goto(process.argv[2] ?? demo.url);
  await page.waitForSelector('#connection[data-mode="live"]');
  // Rows with numbers of their own show that something is going on.
  const busy = () => [...document.querySelectorAll('#businesses li')].slice(0, 6).filter((row) => row.querySelector('b')).length >= 5;
  await page.waitForFunction(busy, undefined, { timeout: 120_000 });
  await page.screenshot({ path: join(root, 'docs/dashboard.png') });
} finally {
  await browser.close();
  await demo?.stop();
}
