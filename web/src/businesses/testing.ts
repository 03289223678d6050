// For the tests: businesses by number, a server of pages, and chance that can be repeated.
import type { Business } from '@pulseboard/client';
import { matches, type Filter } from './filter';
import { order, type Change, type Page, type PageRequest } from './rows';

/** The higher `n`, the newer. */
export function business(n: number, name = `Business ${n}`): Business {
  const at = new Date(Date.UTC(2026, 0, 1) + n * 1000).toISOString();
  return {
    id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    user_id: '00000000-0000-4000-8000-000000000000',
    name,
    logo_url: null,
    category: 'Retail',
    status: 'active',
    is_verified: true,
    stealth_mode_enabled: false,
    created_at: at,
    updated_at: at,
  };
}

export function random(seed: number): () => number {
  let state = seed * 2654435761;
  return () => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) / 2 ** 32;
  };
}

export class FakeServer {
  rows: Business[];
  requests = 0;
  untold: Change[] = [];
  before_answer = () => {};
  private next: number;

  constructor(count: number) {
    this.rows = Array.from({ length: count }, (_, index) => business(index + 1)).sort(order);
    this.next = count + 1;
  }

  fetch_page = async (filter: Filter, { page, limit }: PageRequest): Promise<Page> => {
    ++this.requests;
    await Promise.resolve();
    this.before_answer();
    const rows = this.rows.filter((each) => matches(filter, each));
    return { businesses: rows.slice((page - 1) * limit, page * limit), total: rows.length };
  };

  /** Creates or deletes one. */
  change(next: () => number): void {
    if (next() < 0.5 || this.rows.length === 0) {
      const made = business(this.next++);
      this.rows = [made, ...this.rows];
      this.untold.push({ type: 'put', business: made });
    } else {
      const [gone] = this.rows.splice(Math.floor(next() * this.rows.length), 1);
      this.untold.push({ type: 'remove', id: gone!.id });
    }
  }
}
