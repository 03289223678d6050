// The README's examples, taken from it and run as they stand against the real server.
import { transform } from 'esbuild';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createElement, type FunctionComponent } from 'react';
import { renderToString } from 'react-dom/server';
import { afterAll, beforeAll, expect, it } from 'vitest';
import ts from 'typescript';
import { createDashboardClient, type DashboardClient, type DashboardSnapshot } from '../src/index.js';
import { start_server, tenant, wait_for, type Running } from './server.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
const folder = new URL(`./.readme-${process.pid}/`, import.meta.url);
let server: Running;

beforeAll(async () => {
  mkdirSync(folder, { recursive: true });
  server = await start_server();
});
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await server.stop();
});

/** The module that an example is; the package's name stands for its sources. */
async function example(name: string): Promise<Record<string, never>> {
  const text = new RegExp(`<!-- run: ${name} -->\\n\`\`\`jsx?\\n([\\s\\S]*?)\`\`\``).exec(readme)?.[1];
  if (!text) throw new Error(`README.md has no example ${name}`);
  const { code } = await transform(text, { loader: 'jsx', jsx: 'automatic' });
  const file = new URL(`${name}.mjs`, folder);
  const of_sources = code
    .replace('@pulseboard/client/react', '../../src/react.js')
    .replace('@pulseboard/client', '../../src/index.js');
  writeFileSync(file, of_sources);
  return (await import(/* @vite-ignore */ file.pathname)) as Record<string, never>;
}

async function signed_in(): Promise<DashboardClient> {
  const who = tenant();
  const client = createDashboardClient({ url: server.url, getToken: () => who.token });
  client.connect();
  await wait_for(() => client.getSnapshot().total === 0, 'the state');
  return client;
}

it('tokens: shows snapshots until it is ended', async () => {
  const who = tenant();
  const watch = (await example('tokens'))['watch'] as unknown as (
    url: string,
    token: (renew: boolean) => string,
    show: (snapshot: DashboardSnapshot) => void,
  ) => () => void;
  const shown: DashboardSnapshot[] = [];
  const end = watch(
    server.url,
    () => who.token,
    (snapshot) => shown.push(snapshot),
  );
  await wait_for(() => shown.at(-1)?.total === 0, 'the state');
  end();
  expect(shown.at(-1)?.connection.state).toBe('closed');
});

it('events and rest: say what happens', async () => {
  const client = await signed_in();
  const follow = (await example('events'))['follow'] as unknown as (
    client: DashboardClient,
    say: (text: string) => void,
  ) => () => void;
  const add = (await example('rest'))['add_business'] as unknown as (
    client: DashboardClient,
    name: string,
  ) => Promise<string>;
  const said: string[] = [];
  const end = follow(client, (text) => said.push(text));
  expect(await add(client, 'Harbour Kitchen')).toBe('created Harbour Kitchen');
  await wait_for(() => said.includes('new: Harbour Kitchen'), 'the event');
  expect(await add(client, '')).toMatch(/^name: /);
  client.close();
  expect(said).toContain('live -> closed');
  end();
});

it('react: shows the figures', async () => {
  const client = await signed_in();
  await client.api.createBusiness({ name: 'Corner Shop', category: 'retail' });
  await wait_for(() => client.getSnapshot().total === 1, 'the business');
  const App = (await example('react'))['App'] as unknown as FunctionComponent<{ client: DashboardClient }>;
  const html = renderToString(createElement(App, { client }));
  expect(html).toContain('<li>Corner Shop</li>');
  expect(html).toMatch(/0.* views, .*live/);
  client.close();
});

it('in a page: is well typed', () => {
  const text = /```ts\n([\s\S]*?)```/.exec(readme)?.[1] ?? '';
  const file = new URL('page.ts', folder).pathname;
  writeFileSync(file, `export {};\n${text.replace('@pulseboard/client', '../../src/index.js')}`);
  const program = ts.createProgram([file], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    types: [],
    strict: true,
    skipLibCheck: true,
    noEmit: true,
  });
  const problems = ts
    .getPreEmitDiagnostics(program)
    .map((each) => ts.flattenDiagnosticMessageText(each.messageText, '\n'));
  expect(text).toContain('createDashboardClient');
  expect(problems).toEqual([]);
});
