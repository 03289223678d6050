import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { merge, no_data, on_new_connection, show_state, type Data, type DataEvent } from '../src/merge.js';
import { business, business_event, deleted_event, kpi_event, kpis, metrics_event, state } from './fakes.js';

const [a, b, c] = [business('a'), business('b'), business('c')];
const shown = merge(no_data, 'reconnected', state(10, [b, a])).data;

function after(data: Data, ...events: [DataEvent, unknown][]): Data {
  return events.reduce((now, [event, payload]) => merge(now, event, payload as never).data, data);
}

describe('merging by version', () => {
  it('takes what is newer and drops what is older', () => {
    expect(after(shown, ['kpi:update', kpi_event(12)]).kpis?.landlordViews).toBe(12);
    expect(merge(shown, 'kpi:update', kpi_event(9))).toMatchObject({ taken: false, data: shown });
    expect(merge(shown, 'business:updated', business_event(9, { ...a, name: 'old' })).data).toBe(shown);
    expect(merge(shown, 'metrics:updated', metrics_event(9, 'a')).data).toBe(shown);
  });

  it('takes a figure of the same version as new: what was conflated may carry it', () => {
    expect(after(shown, ['metrics:updated', metrics_event(10, 'a', 5)]).metrics.get('a')?.views_count).toBe(
      5,
    );
  });

  it('counts no change twice that the state already showed', () => {
    const created = after(shown, ['business:created', business_event(10, b)]);
    expect(created).toMatchObject({ total: 2 });
    expect(after(shown, ['business:deleted', deleted_event(10, 'gone before')]).total).toBe(2);
  });

  it('puts a new business in front, changes one in place, takes one out', () => {
    const created = after(shown, ['business:created', business_event(11, c)]);
    expect(created).toMatchObject({ businesses: [c, b, a], total: 3, version: 11 });
    const renamed = { ...b, name: 'renamed' };
    const updated = after(created, ['business:updated', business_event(12, renamed)]);
    expect(updated.businesses).toEqual([c, renamed, a]);
    const deleted = after(
      updated,
      ['metrics:updated', metrics_event(13, 'c')],
      ['business:deleted', deleted_event(14, 'c')],
    );
    expect(deleted).toMatchObject({ businesses: [renamed, a], total: 2 });
    expect(deleted.metrics.has('c')).toBe(false);
  });

  it('leaves alone the list when a business beyond it changes, and counts when one is deleted', () => {
    const many = merge(no_data, 'reconnected', state(1, [b, a], 50)).data;
    const updated = after(many, ['business:updated', business_event(2, c)]);
    expect(updated.businesses).toBe(many.businesses);
    expect(after(many, ['business:deleted', deleted_event(2, 'x')])).toMatchObject({
      total: 49,
      businesses: [b, a],
    });
  });

  it('asks for the rows that follow when one of the first page is gone', () => {
    const rows = Array.from({ length: 20 }, (_, index) => business(`${index}`));
    const full = merge(no_data, 'reconnected', state(1, rows, 50)).data;
    expect(merge(full, 'business:deleted', deleted_event(2, '3')).missed).toBe(true);
    expect(merge(full, 'business:deleted', deleted_event(2, 'further down')).missed).toBe(false);
  });

  it('keeps the identity of what did not change', () => {
    const same = merge(shown, 'reconnected', state(12, [{ ...b }, { ...a, name: 'other' }])).data;
    expect(same.businesses[0]).toBe(b);
    expect(same.businesses[1]).not.toBe(a);
    expect(
      merge(shown, 'reconnected', { ...state(12, [{ ...b }, { ...a }]), kpis: { ...kpis(10) } }).data,
    ).toMatchObject({
      businesses: shown.businesses,
      kpis: shown.kpis,
    });
    const again = after(shown, ['kpi:update', kpi_event(11, 10)]);
    expect(again.kpis).toBe(shown.kpis);
    expect(again.metrics).toBe(shown.metrics);
  });

  it('sees a gap that conflated metrics do not explain', () => {
    expect(merge(shown, 'business:updated', business_event(12, a)).unexplained).toBe(true);
    expect(merge(shown, 'business:updated', business_event(11, a)).unexplained).toBe(false);
    expect(merge(shown, 'metrics:updated', metrics_event(15, 'a')).unexplained).toBe(false);
    expect(merge(no_data, 'kpi:update', kpi_event(5)).unexplained).toBe(false);
  });

  it('asks again when the answer is older than what this connection has brought', () => {
    const fresh = after(on_new_connection(shown, false), ['business:created', business_event(15, c)]);
    expect(merge(fresh, 'reconnected', state(14))).toMatchObject({ taken: false, missed: true, data: fresh });
  });

  it('begins anew when the history is another one: a restored database', () => {
    const before = after(shown, ['metrics:updated', metrics_event(11, 'a')]);
    const restored = merge(on_new_connection(before, false), 'reconnected', state(3, [a])).data;
    expect(restored).toMatchObject({ version: 3, total: 1, businesses: [a] });
    expect(restored.metrics.size).toBe(0);
  });

  it('shows nothing of one user to the next', () => {
    const before = after(shown, ['metrics:updated', metrics_event(11, 'a')]);
    const other = merge(
      on_new_connection(before, false),
      'reconnected',
      state(99, [business('z', { user_id: 'v' })]),
    ).data;
    expect(other.metrics.size).toBe(0);
    expect(other.businesses).toHaveLength(1);
  });

  it('shows what REST says without a version, and lets the socket replace it', () => {
    const polled = show_state(shown, { kpis: kpis(77), businesses: [c, b, a], total: 3 });
    expect(polled).toMatchObject({ total: 3, version: 10 });
    expect(polled.kpis?.landlordViews).toBe(77);
    expect(after(polled, ['kpi:update', kpi_event(11)]).kpis?.landlordViews).toBe(11);
  });

  it('does not let the list grow without end', () => {
    let data = shown;
    for (let version = 11; version < 400; ++version)
      data = after(data, ['business:created', business_event(version, business(`${version}`))]);
    expect(data.businesses.length).toBe(100);
    expect(data.total).toBe(2 + 389);
  });
});

describe('whatever arrives twice, late or out of order', () => {
  it('the version only grows, and nothing is counted twice', () => {
    const event = fc.record({
      version: fc.integer({ min: 1, max: 30 }),
      id: fc.constantFrom('a', 'b', 'c', 'd'),
      what: fc.nat(5),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        let data = shown;
        for (const { version, id, what } of events) {
          const [name, payload] = (
            [
              ['kpi:update', kpi_event(version)],
              ['business:created', business_event(version, business(id))],
              ['business:updated', business_event(version, business(id, { name: `${version}` }))],
              ['business:deleted', deleted_event(version, id)],
              ['metrics:updated', metrics_event(version, id)],
              ['reconnected', state(version, [business(id)])],
            ] as const
          )[what] as [DataEvent, never];
          const once = merge(data, name, payload);
          expect(once.data.version).toBeGreaterThanOrEqual(data.version ?? 0);
          // The same again changes nothing.
          const twice = merge(once.data, name, payload).data;
          expect(twice.total).toBe(once.data.total);
          expect(twice.businesses).toBe(once.data.businesses);
          expect(new Set(twice.businesses.map((each) => each.id)).size).toBe(twice.businesses.length);
          expect(twice.total ?? 0).toBeGreaterThanOrEqual(twice.businesses.length);
          data = twice;
        }
      }),
      { numRuns: 1000 },
    );
  });
});
