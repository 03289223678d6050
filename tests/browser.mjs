// The demo and a headless Chromium in front of it; for the page's test and for screenshot.mjs.
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { assert, Program, program, temporary_folder } from './harness.mjs';

export async function start_demo() {
  const demo = new Program(program, ['demo'], { cwd: temporary_folder(), env: { PORT: '0', ADMIN_PORT: '0' } });
  const [, url] = await demo.line(/listening on (http:\/\/127\.0\.0\.1:\d+)/, 60_000);
  return Object.assign(demo, { url });
}

export async function start_browser() {
  const path = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
  assert.ok(path, 'no Chromium: apt-get install chromium fonts-dejavu-core');
  return chromium.launch({ executablePath: path, args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'] });
}
