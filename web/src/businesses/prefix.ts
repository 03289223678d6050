// Fetches rows from the newest down, page by page, while changes keep arriving.
import { changed, merge, no_rows, offset_of, page_at, recounted, type Change, type Page, type PageRequest, type Rows } from './rows';
import type { Filter } from './filter';

export type FetchPage = (filter: Filter, request: PageRequest) => Promise<Page>;

// A list that changes faster than pages arrive is given up on, rather than asked for without end.
const most_detours = 20;

export class Prefix {
  rows: Rows;
  // What happened while an answer was under way: it may be older than that.
  private meanwhile: Change[] = [];

  constructor(filter: Filter, private readonly fetch_page: FetchPage) {
    this.rows = no_rows(filter);
  }

  change(change: Change): void {
    this.rows = changed(this.rows, change);
    this.meanwhile.push(change);
  }

  /** Fetches until `wanted` rows are known, or all. `go_on` is asked after each page. */
  async extend(wanted: number, go_on: () => boolean = () => true): Promise<void> {
    // By how many rows the server's list seems to be longer above what is known, or shorter.
    let shift = 0;
    let detours = 0;
    while (!this.rows.ended && this.rows.rows.length < wanted) {
      const known = this.rows.rows.length;
      const request = page_at(known + shift);
      const page = await this.ask(request);
      const merged = merge(this.rows, request, page);
      if (merged) {
        this.take(merged);
        const first = page.businesses[0]?.id;
        shift = offset_of(request) - this.rows.rows.findIndex((each) => each.id === first);
      } else {
        // Rows are missing between what is known and this page: begin further up.
        shift = -Math.min(known, Math.max(50, -2 * shift));
      }
      if (!go_on()) return;
      detours = this.rows.rows.length > known ? 0 : detours + 1;
      if (detours > most_detours) throw new Error('the list changes too fast to be read');
    }
  }

  /** Asks only how many there are. */
  async count(): Promise<void> {
    const page = await this.ask({ page: 1, limit: 1 });
    this.rows = recounted(this.rows, page.total, this.meanwhile.length === 0);
  }

  private ask(request: PageRequest): Promise<Page> {
    this.meanwhile = [];
    return this.fetch_page(this.rows.filter, request);
  }

  private take(merged: Rows): void {
    this.rows = merged;
    for (const each of this.meanwhile) this.rows = changed(this.rows, each);
    if (this.meanwhile.length > 0 && !this.rows.ended) this.rows = { ...this.rows, counted: false };
  }
}
