// The list of businesses that one filter shows, kept up to date: rows are fetched as far as somebody looks, changes
// are merged as they arrive, and what may have been missed is fetched again without taking away what is shown.
import type { Filter } from './filter';
import { Prefix, type FetchPage } from './prefix';
import { page_limit, type Change, type Rows } from './rows';

export interface Source {
  fetch_page: FetchPage;
  /** `missed`: changes may have been missed. `back`: the connection is back. Gives the function that ends it. */
  listen: (change: (change: Change) => void, missed: () => void, back: () => void) => () => void;
}

export interface ListView extends Rows {
  /** Why the last request failed; what was known is still here. */
  readonly error: unknown;
}

// A burst of changes asks for the total once.
const count_after = 300;

export class BusinessList {
  private shown: Prefix;
  private fresh: Prefix | null = null;
  private wanted = page_limit;
  private stale = false;
  private error: unknown = null;
  private working = false;
  private closed = false;
  private view: ListView;
  private frame = false;
  private readonly listeners = new Set<() => void>();
  private readonly deaf: () => void;

  constructor(
    private readonly source: Source,
    readonly filter: Filter,
    private readonly next_frame: (draw: () => void) => void = (draw) => void requestAnimationFrame(draw),
  ) {
    this.shown = new Prefix(filter, source.fetch_page);
    this.view = { ...this.shown.rows, error: null };
    this.deaf = source.listen(
      (change) => this.change(change),
      () => this.retry(),
      () => this.error !== null && this.retry(),
    );
    void this.work();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  get_view = (): ListView => this.view;

  /** Rows that are looked at, and some beyond. */
  want(rows: number): void {
    const wanted = Math.max(page_limit, rows);
    if (wanted === this.wanted) return;
    this.wanted = wanted;
    void this.work();
  }

  change(change: Change): void {
    this.shown.change(change);
    this.fresh?.change(change);
    this.draw();
    void this.work();
  }

  /** What an answer to a change of our own said: its event may have been here before, and later ones too. */
  told(change: Change, what: 'created' | 'updated' | 'deleted'): void {
    if (change.type === 'put' && what === 'updated') {
      const known = this.shown.rows.rows.find((each) => each.id === change.business.id);
      if (!known || known.updated_at > change.business.updated_at) return;
    }
    this.change(change);
  }

  /** Fetches again what is shown. */
  retry(): void {
    this.stale = this.shown.rows.total !== null;
    this.error = null;
    this.draw();
    void this.work();
  }

  close(): void {
    this.closed = true;
    this.deaf();
    this.listeners.clear();
  }

  // One request at a time, so that answers cannot overtake each other.
  private async work(): Promise<void> {
    if (this.working || this.closed || this.error !== null) return;
    this.working = true;
    try {
      while (!this.closed && (await this.step()));
    } catch (error) {
      this.error = error ?? new Error('unknown');
    } finally {
      this.working = false;
      this.fresh = null;
      this.draw();
    }
  }

  private async step(): Promise<boolean> {
    const { rows, ended, counted } = this.shown.rows;
    if (this.stale) {
      await this.reload();
    } else if (!ended && rows.length < this.wanted) {
      const { wanted } = this;
      await this.shown.extend(wanted, () => {
        this.draw();
        return !this.closed && !this.stale && wanted === this.wanted;
      });
    } else if (!counted) {
      await new Promise((done) => setTimeout(done, count_after));
      if (this.closed || this.stale) return true;
      await this.shown.count();
      // Every row down to the end is here, and the server has more or fewer: some news never came.
      if (ended && !this.shown.rows.counted) this.stale = true;
    } else {
      return false;
    }
    this.draw();
    return true;
  }

  private async reload(): Promise<void> {
    this.stale = false;
    const fresh = new Prefix(this.filter, this.source.fetch_page);
    this.fresh = fresh;
    await fresh.extend(this.wanted, () => !this.closed && !this.stale);
    if (!this.stale) this.shown = fresh;
    this.fresh = null;
  }

  // At most one new view a frame.
  private draw(): void {
    if (this.frame || this.closed) return;
    this.frame = true;
    this.next_frame(() => {
      this.frame = false;
      this.view = { ...this.shown.rows, error: this.error };
      for (const each of this.listeners) each();
    });
  }
}
