// The list of businesses in the web app, for its suites.
import { assert, sql, uuid, wait_for } from './harness.mjs';
import { complaints, connection, open_app } from './web.mjs';

export const open_live = async (browser, server, who, path, options = {}) => {
  const page = await open_app(browser, server, path, { who, ...options });
  await connection(page, 'live');
  return page;
};
export const row = (page, name) => page.locator('[role="row"][data-id]', { hasText: name });
export const shows = (page, wanted) =>
  wait_for(async () => `${await page.locator('.row__link').allTextContents()}` === `${wanted}`, `the rows ${wanted}`);
export const close = async (page) => {
  assert.deepEqual(complaints(page), []);
  await page.context().close();
};

// Businesses written by SQL, as another service would: the first is the newest, a second between each two.
export function seed(server, who, count, name = (n) => `Shop ${n}`) {
  const start = Date.UTC(2026, 0, 1);
  const rows = Array.from({ length: count }, (_, index) => {
    const at = new Date(start + (count - index) * 1000).toISOString();
    return `('${uuid()}','${who.id}','${name(index + 1)}','Retail','active','${at}')`;
  });
  sql(server.database, `INSERT INTO users (id, email, password_hash, role) VALUES ('${who.id}', '${who.email}', '', 'tenant')
    ON CONFLICT (id) DO NOTHING;`);
  for (let at = 0; at < rows.length; at += 500)
    sql(server.database, `INSERT INTO businesses (id, user_id, name, category, status, created_at)
      VALUES ${rows.slice(at, at + 500).join(',')};`);
}
