// @vitest-environment happy-dom
import { act, createElement as h } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createDashboardClient } from '../src/index.js';
import { DashboardProvider, useBusinesses, useConnection, useKpis } from '../src/react.js';
import {
  business,
  business_event,
  FakeClock,
  FakeServer,
  FakeTransport,
  kpi_event,
  settled,
  state,
} from './fakes.js';

let frames: (() => void)[] = [];
const next_frame = () => act(() => frames.splice(0).forEach((draw) => draw()));

beforeEach(() => {
  (globalThis as { IS_REACT_ACT_ENVIRONMENT?: boolean }).IS_REACT_ACT_ENVIRONMENT = true;
  frames = [];
  vi.stubGlobal('requestAnimationFrame', (draw: () => void) => frames.push(draw));
});
afterEach(() => vi.unstubAllGlobals());

async function shown() {
  const transport = new FakeTransport();
  const client = createDashboardClient({
    url: 'http://test',
    transport,
    clock: new FakeClock(),
    fetch: new FakeServer().fetch,
  });
  client.connect();
  await settled();
  transport.lets_in();
  transport.sent.at(-1)?.answer(state(10, [business('a')]));
  const renders = { kpis: 0, businesses: 0, connection: 0 };
  const Kpis = () => h('b', { id: 'views', key: ++renders.kpis }, useKpis()?.landlordViews);
  const Businesses = () => h('i', { id: 'total', key: ++renders.businesses }, useBusinesses().total);
  const State = () => h('u', { id: 'state', key: ++renders.connection }, useConnection().state);
  const page = document.createElement('div');
  const root = createRoot(page);
  await act(() => root.render(h(DashboardProvider, { client }, h(Kpis), h(Businesses), h(State))));
  const text = (id: string) => page.querySelector(`#${id}`)?.textContent;
  return { client, transport, renders, root, text };
}

it('show what the client shows', async () => {
  const { text } = await shown();
  expect([text('views'), text('total'), text('state')]).toEqual(['10', '1', 'live']);
});

it('render once a frame, however much arrives, and only what changed', async () => {
  const { transport, renders, text } = await shown();
  for (let version = 11; version <= 500; ++version) transport.says('kpi:update', kpi_event(version));
  expect(frames).toHaveLength(1);
  expect(renders.kpis).toBe(1);
  next_frame();
  expect([renders.kpis, renders.businesses, text('views')]).toEqual([2, 1, '500']);
  transport.says('business:created', business_event(501, business('b')));
  next_frame();
  expect([renders.kpis, renders.businesses, text('total')]).toEqual([2, 2, '2']);
});

it('all show the same state in one render', async () => {
  const { client, transport, text } = await shown();
  transport.says('kpi:update', kpi_event(11));
  client.close();
  expect([text('views'), text('state')]).toEqual(['10', 'live']);
  next_frame();
  expect([text('views'), text('state')]).toEqual(['11', 'closed']);
});

it('leave nothing behind', async () => {
  const { transport, root } = await shown();
  await act(() => root.unmount());
  transport.says('kpi:update', kpi_event(11));
  expect(frames).toHaveLength(0);
});
