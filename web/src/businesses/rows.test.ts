import type { Business } from '@pulseboard/client';
import { describe, expect, test } from 'vitest';
import { no_filter, type Filter } from './filter';
import { Prefix } from './prefix';
import { changed, merge, no_rows, offset_of, order, page_at, type Page, type PageRequest, type Rows } from './rows';
import { business, FakeServer, random } from './testing';

const all: Filter = no_filter;
const ids = (rows: readonly Business[]) => rows.map((each) => each.id);
const first_page: PageRequest = { page: 1, limit: 100 };
const page = (businesses: Business[], total = businesses.length): Page => ({ businesses, total });
const listed = (businesses: Business[], total = businesses.length, filter = all): Rows =>
  merge(no_rows(filter), first_page, page(businesses, total))!;

describe('pages', () => {
  test('every next page begins among the known rows and brings nearly half a page at least', () => {
    for (let known = 1; known <= 6000; known += 7) {
      const request = page_at(known);
      expect(request.limit).toBeLessThanOrEqual(100);
      expect(offset_of(request)).toBeLessThan(known);
      expect(offset_of(request) + request.limit - known).toBeGreaterThanOrEqual(45);
    }
  });

  test('a page that begins beyond the known rows is not joined to them', () => {
    const rows = [business(9), business(8), business(7)];
    expect(merge(listed(rows, 100), { page: 2, limit: 4 }, page([business(4), business(3)], 100))).toBeNull();
  });

  test('a page replaces what it covers: deleted rows go, new ones come, none is there twice', () => {
    const known = listed([business(9), business(7), business(6), business(5)], 10);
    const merged = merge(known, { page: 2, limit: 2 }, page([business(8), business(6, 'renamed')], 10))!;
    expect(ids(merged.rows)).toEqual(ids([business(9), business(8), business(6), business(5)]));
    expect(merged.rows[2]?.name).toBe('renamed');
  });

  test('a first page that does not reach down to the known rows replaces them', () => {
    const merged = merge(listed([business(3), business(2)], 2), { page: 1, limit: 2 }, page([business(9), business(8)], 9))!;
    expect(ids(merged.rows)).toEqual(ids([business(9), business(8)]));
  });
});

describe('changes', () => {
  test('a new business stands where the server would list it', () => {
    const list = changed(listed([business(9), business(5)]), { type: 'put', business: business(7) });
    expect(ids(list.rows)).toEqual(ids([business(9), business(7), business(5)]));
    expect(list.total).toBe(3);
    expect(list.counted).toBe(true);
  });

  test('the same news twice changes nothing more', () => {
    const once = changed(listed([business(9)]), { type: 'put', business: business(10) });
    const twice = changed(once, { type: 'put', business: business(10) });
    expect(twice.total).toBe(2);
    const gone = changed(twice, { type: 'remove', id: business(10).id });
    expect(changed(gone, { type: 'remove', id: business(10).id })).toBe(gone);
    expect(gone.total).toBe(1);
  });

  test('a business that no longer fits the filter leaves, one that fits now comes', () => {
    const filter: Filter = { search: 'SHOP', status: 'active' };
    const list = listed([business(9, 'Shop nine')], 1, filter);
    const left = changed(list, { type: 'put', business: { ...business(9, 'Shop nine'), status: 'stealth_mode' } });
    expect(left.rows).toEqual([]);
    expect(left.total).toBe(0);
    const came = changed(left, { type: 'put', business: business(4, 'The shop') });
    expect(ids(came.rows)).toEqual(ids([business(4)]));
    expect(changed(came, { type: 'put', business: business(5, 'Office') })).toBe(came);
  });

  test('what happens beyond the known rows asks for the total again', () => {
    const list = listed([business(9)], 50);
    expect(changed(list, { type: 'put', business: business(3) }).counted).toBe(false);
    expect(changed(list, { type: 'remove', id: business(3).id }).counted).toBe(false);
    expect(changed(list, { type: 'put', business: business(3) }).rows).toHaveLength(1);
  });
});

describe('fetching', () => {
  test('5,000 businesses come whole, in order, in little more than 50 pages', async () => {
    const server = new FakeServer(5000);
    const prefix = new Prefix(all, server.fetch_page);
    await prefix.extend(Infinity);
    expect(ids(prefix.rows.rows)).toEqual(ids(server.rows));
    expect(server.requests).toBeLessThanOrEqual(60);
  });

  test('no duplicate and no hole, whatever is created and deleted between the pages', async () => {
    for (let seed = 1; seed <= 20; ++seed) {
      const next = random(seed);
      const server = new FakeServer(Math.floor(next() * 900));
      const prefix = new Prefix(all, server.fetch_page);
      // Changes are told late, in order; a page may be older or newer than what was told.
      server.before_answer = () => {
        for (let n = Math.floor(next() * 4); n > 0; --n) {
          const count = next() < 0.1 ? 120 : 1;
          for (let each = 0; each < count; ++each) server.change(next);
        }
        while (server.untold.length > 0 && next() < 0.7) prefix.change(server.untold.shift()!);
      };
      let pages = 0;
      await prefix.extend(Infinity, () => {
        if (++pages === 12) server.before_answer = () => {};
        return true;
      });
      server.before_answer = () => {};
      while (server.untold.length > 0) prefix.change(server.untold.shift()!);
      await prefix.count();
      await prefix.extend(Infinity);
      expect(ids(prefix.rows.rows), `seed ${seed}`).toEqual(ids(server.rows));
      expect(prefix.rows.ended).toBe(true);
      expect([...prefix.rows.rows].sort(order)).toEqual(prefix.rows.rows);
    }
  });

  test('what was deleted elsewhere, unnoticed, is not missed by stepping back', async () => {
    const server = new FakeServer(400);
    const prefix = new Prefix(all, server.fetch_page);
    await prefix.extend(200);
    server.rows.splice(0, 180);
    await prefix.extend(Infinity);
    const tail = ids(server.rows);
    expect(ids(prefix.rows.rows).slice(-tail.length)).toEqual(tail);
  });
});
