// The businesses with search, filter and export: on the page of their own.
import { useDashboardClient } from '@pulseboard/client/react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { failure_of } from '../client/failure';
import { useI18n } from '../i18n/i18n';
import { Button } from '../ui/button';
import { Message } from '../ui/message';
import { toast } from '../ui/toast_queue';
import { export_businesses } from './export';
import { is_filtered, no_filter, same_filter, type Filter } from './filter';
import { List } from './list';
import { Toolbar } from './toolbar';
import { useActions } from './use_actions';
import { useBusinessList } from './use_business_list';
import { useFilter } from './use_filter';
import { useScrollBack } from './use_scroll_back';
import '../ui/card.css';
import './section.css';

export function BusinessesSection() {
  const { t } = useI18n();
  const client = useDashboardClient();
  const { filter, typed, type, choose } = useFilter();
  const { list, view, pending } = useBusinessList(filter);
  const heading = useRef<HTMLHeadingElement>(null);
  const shown = useRef(view.rows);
  shown.current = view.rows;
  const { actions, dialogs } = useActions({
    before_delete(business) {
      // The row that takes its place, or the heading.
      const index = shown.current.findIndex((each) => each.id === business.id);
      return () => {
        const next = Math.min(index, shown.current.length - 1);
        const link = document.querySelector<HTMLElement>(`[data-index="${next}"] .row__link`);
        (link ?? heading.current)?.focus({ preventScroll: true });
      };
    },
  });
  const [exporting, set_exporting] = useState(false);
  const want = useCallback((rows: number) => list.want(rows), [list]);
  useScrollBack(view.total !== null && !pending);

  const save = () => {
    set_exporting(true);
    export_businesses(client, filter, t)
      .then(
        (count) => toast.good(t('businesses.exported', { count })),
        () => toast.bad(t('businesses.export_failed')),
      )
      .finally(() => set_exporting(false));
  };

  const { total, error } = view;
  const problem = t(error !== null && failure_of(error).kind === 'unreachable' ? 'error.unreachable' : 'error.text');
  const filtered = is_filtered(view.filter);
  const count = total === null ? '' : t(filtered ? 'businesses.found' : 'businesses.count', { count: total });
  return (
    <section className="card businesses" aria-labelledby="businesses-title">
      <div className="businesses__head">
        <h1 id="businesses-title" ref={heading} tabIndex={-1}>
          {t('businesses.title')}
        </h1>
        <span className="businesses__count numbers">{count}</span>
      </div>
      <Announcement total={pending ? null : total} filter={view.filter} />
      <Toolbar
        filter={filter}
        typed={typed}
        type={type}
        choose={choose}
        create={actions.create}
        save={exporting ? null : save}
      />
      {total === null && error !== null ? (
        <Message inset heading="h2" alert title={t('businesses.failed')} text={problem}>
          <Button onPress={() => list.retry()}>{t('error.retry')}</Button>
        </Message>
      ) : total === 0 ? (
        <Message
          inset
          heading="h2"
          title={t(filtered ? 'businesses.nothing_found' : 'businesses.empty')}
          text={t(filtered ? 'businesses.nothing_found_text' : 'businesses.empty_text')}
        >
          {filtered ? (
            <Button onPress={() => choose(no_filter)}>{t('businesses.clear_filter')}</Button>
          ) : (
            <Button look="primary" onPress={actions.create}>
              {t('businesses.new')}
            </Button>
          )}
        </Message>
      ) : (
        <List view={view} pending={pending} actions={actions} want={want} />
      )}
      {total !== null && error !== null && (
        <div className="businesses__failed" role="alert">
          <span>{t(view.ended ? 'businesses.failed_again' : 'businesses.failed_more')}</span>
          <Button size="small" onPress={() => list.retry()}>
            {t('error.retry')}
          </Button>
        </div>
      )}
      {dialogs}
    </section>
  );
}

// How many a search found is said once; that the number changes by itself is not.
function Announcement({ total, filter }: { total: number | null; filter: Filter }) {
  const { t } = useI18n();
  const said = useRef(filter);
  const [text, set_text] = useState('');
  useEffect(() => {
    if (total === null || same_filter(said.current, filter)) return;
    said.current = filter;
    set_text(t(is_filtered(filter) ? 'businesses.found' : 'businesses.count', { count: total }));
  }, [total, filter, t]);
  return (
    <p className="visually-hidden" role="status">
      {text}
    </p>
  );
}
