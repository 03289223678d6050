import { describe, expect, test } from 'vitest';
import { BusinessList, type Source } from './business_list';
import { no_filter } from './filter';
import type { Change } from './rows';
import { business, FakeServer } from './testing';

// A list before a server that answers at once unless it is `down`, drawn at once.
function listed(count: number) {
  const server = new FakeServer(count);
  const state = { down: false, change: (_: Change) => {}, missed: () => {}, back: () => {} };
  const source: Source = {
    fetch_page: (filter, request) => (state.down ? Promise.reject(new Error('down')) : server.fetch_page(filter, request)),
    listen: (change, missed, back) => {
      Object.assign(state, { change, missed, back });
      return () => {};
    },
  };
  const list = new BusinessList(source, no_filter, (draw) => queueMicrotask(draw));
  return { server, state, list };
}

const until = async (condition: () => boolean) => {
  for (let turn = 0; turn < 1000 && !condition(); ++turn) await new Promise((done) => setTimeout(done, 1));
  expect(condition()).toBe(true);
};

describe('a list of businesses', () => {
  test('fetches as far as somebody looks, and no further', async () => {
    const { server, list } = listed(1000);
    await until(() => list.get_view().rows.length === 100);
    expect(list.get_view().total).toBe(1000);
    list.want(350);
    await until(() => list.get_view().rows.length >= 350);
    expect(list.get_view().rows.length).toBeLessThan(460);
    expect(server.requests).toBeLessThanOrEqual(5);
  });

  test('keeps what it shows when a request fails, says so, and goes on when the connection is back', async () => {
    const { state, list } = listed(300);
    await until(() => list.get_view().rows.length === 100);
    state.down = true;
    list.want(300);
    await until(() => list.get_view().error !== null);
    expect(list.get_view().rows).toHaveLength(100);
    state.down = false;
    state.back();
    await until(() => list.get_view().ended && list.get_view().error === null);
    expect(list.get_view().rows).toHaveLength(300);
  });

  test('shows what happened while nothing arrived, without showing less meanwhile', async () => {
    const { server, state, list } = listed(150);
    list.want(150);
    await until(() => list.get_view().ended);
    let least = Infinity;
    list.subscribe(() => (least = Math.min(least, list.get_view().rows.length)));
    server.rows.splice(10, 2);
    server.rows[0] = { ...server.rows[0]!, name: 'Renamed' };
    state.missed();
    await until(() => list.get_view().rows[0]?.name === 'Renamed');
    expect(list.get_view().total).toBe(148);
    expect(least).toBe(148);
  });

  test('asks for the total again when something happened beyond what it has', async () => {
    const { server, state, list } = listed(400);
    await until(() => list.get_view().rows.length === 100);
    const [gone] = server.rows.splice(390, 1);
    state.change({ type: 'remove', id: gone!.id });
    await until(() => list.get_view().total === 399);
  });

  test('an answer to a change of our own does not undo later news', async () => {
    const { state, list } = listed(3);
    await until(() => list.get_view().ended);
    const now = { ...business(2, 'Now'), updated_at: '2026-03-01T00:00:00.000Z' };
    state.change({ type: 'put', business: now });
    list.told({ type: 'put', business: { ...now, name: 'Before', updated_at: '2026-02-01T00:00:00.000Z' } }, 'updated');
    list.told({ type: 'put', business: business(99, 'Deleted meanwhile') }, 'updated');
    await until(() => list.get_view().rows[1]?.name === 'Now');
    expect(list.get_view().rows).toHaveLength(3);
  });
});
