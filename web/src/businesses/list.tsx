// The rows, of which only those near the window are in the document. The page itself scrolls.
import type { Business } from '@pulseboard/client';
import { useWindowVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, type KeyboardEvent } from 'react';
import { useI18n } from '../i18n/i18n';
import type { ListView } from './business_list';
import { BusinessRow, SkeletonRow } from './row';
import { useAnchor } from './use_anchor';
import type { BusinessActions } from './use_actions';
import { useMeasures } from './use_measures';
import { useTotals } from './use_totals';
import './list.css';

interface ListProps {
  view: ListView;
  pending: boolean;
  actions: BusinessActions;
  want: (rows: number) => void;
}

// Fetched before somebody scrolls there.
const ahead = 60;

export function List({ view, pending, actions, want }: ListProps) {
  const { t } = useI18n();
  const body = useRef<HTMLDivElement>(null);
  const { height, margin, top, wide } = useMeasures(body);
  const count = view.total ?? 8;
  const focused = useRef<string | null>(null);

  const windowed = useWindowVirtualizer({
    count,
    estimateSize: () => height,
    overscan: 8,
    scrollMargin: margin,
    // The row with the focus stays in the document, wherever it was scrolled to.
    rangeExtractor: ({ startIndex, endIndex, overscan, count: all }) => {
      const first = Math.max(0, startIndex - overscan);
      const last = Math.min(all - 1, endIndex + overscan);
      const range = Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
      const kept = focused.current === null ? -1 : view.rows.findIndex((each) => each.id === focused.current);
      if (kept >= 0 && kept < first) range.unshift(kept);
      if (kept > last && kept < all) range.push(kept);
      return range;
    },
  });
  useEffect(() => windowed.measure(), [windowed, height]);
  useAnchor(body, view.rows, height, top);

  const items = windowed.getVirtualItems();
  const last = windowed.range?.endIndex ?? 0;
  useEffect(() => want(last + ahead), [want, last]);
  const in_view = items.map(({ index }) => view.rows[index]?.id ?? '').filter((id) => id !== '');
  const metrics = useTotals(wide ? in_view.join(' ') : '');

  return (
    <div
      className={`list ${pending ? 'list--pending' : ''}`}
      role="table"
      aria-label={t('businesses.title')}
      aria-rowcount={view.total === null ? -1 : view.total + 1}
      aria-busy={pending || view.total === null}
    >
      <div className="list__head" role="rowgroup">
        <div className="row row--head" role="row" aria-rowindex={1}>
          <span role="columnheader">{t('businesses.column_name')}</span>
          <span role="columnheader">{t('businesses.column_status')}</span>
          <span role="columnheader">{t('businesses.column_activity')}</span>
          <span role="columnheader">{t('businesses.column_created')}</span>
          <span role="columnheader" className="row__menu">
            <span className="visually-hidden">{t('businesses.column_actions')}</span>
          </span>
        </div>
      </div>
      <div
        className="list__body"
        role="rowgroup"
        ref={body}
        style={{ height: count * height }}
        onKeyDown={move}
        onFocus={(event) => (focused.current = row_of(event.target)?.['id'] ?? null)}
        onBlur={() => (focused.current = null)}
      >
        {items.map(({ index, start }) => {
          const business: Business | undefined = view.rows[index];
          const place = { height, transform: `translateY(${start - margin}px)` };
          return business ? (
            <BusinessRow
              key={business.id}
              business={business}
              index={index}
              top={start - margin}
              height={height}
              metrics={metrics.get(business.id)}
              actions={actions}
            />
          ) : (
            <SkeletonRow key={index} style={place} />
          );
        })}
      </div>
    </div>
  );
}

const row_of = (element: Element) => element.closest<HTMLElement>('[data-index]')?.dataset;

// Up and down go from name to name; Tab goes through everything.
function move(event: KeyboardEvent<HTMLElement>) {
  const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
  const from = event.target as HTMLElement;
  if (step === 0 || !from.matches('.row__link')) return;
  const next = Number(row_of(from)?.['index']) + step;
  const link = event.currentTarget.querySelector<HTMLElement>(`[data-index="${next}"] .row__link`);
  if (!link) return;
  event.preventDefault();
  link.focus();
}
