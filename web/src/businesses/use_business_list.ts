// The list for a filter, from the session's client. The last one is kept while other pages are shown, so that going
// back to it shows it at once, as it is by then.
import type { DashboardClient } from '@pulseboard/client';
import { useDashboardClient } from '@pulseboard/client/react';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import { on_missed } from '../client/missed';
import { BusinessList, type ListView, type Source } from './business_list';
import { same_filter, type Filter } from './filter';
import type { FetchPage } from './prefix';

export const fetch_from =
  (client: DashboardClient): FetchPage =>
  (filter, request) =>
    client.api.businesses({
      ...request,
      ...(filter.search ? { search: filter.search } : {}),
      ...(filter.status ? { status: filter.status } : {}),
    });

function source_of(client: DashboardClient): Source {
  return {
    fetch_page: fetch_from(client),
    listen(change, missed, back) {
      const ends = [
        client.on('business:created', ({ business }) => change({ type: 'put', business })),
        client.on('business:updated', ({ business }) => change({ type: 'put', business })),
        client.on('business:deleted', ({ businessId }) => change({ type: 'remove', id: businessId })),
        on_missed(client, { missed, back }),
      ];
      return () => ends.forEach((end) => end());
    },
  };
}

const kept = new WeakMap<DashboardClient, BusinessList>();

function list_for(client: DashboardClient, filter: Filter): BusinessList {
  const last = kept.get(client);
  if (last && same_filter(last.filter, filter)) return last;
  last?.close();
  const list = new BusinessList(source_of(client), filter);
  kept.set(client, list);
  return list;
}

/** What was done here is shown at once, before its event arrives. */
export const tell = (client: DashboardClient, ...change: Parameters<BusinessList['told']>) =>
  kept.get(client)?.told(...change);

export interface ShownList {
  list: BusinessList;
  view: ListView;
  /** The rows are still those of the filter before. */
  pending: boolean;
}

export function useBusinessList(filter: Filter): ShownList {
  const client = useDashboardClient();
  const [list, set_list] = useState(() => list_for(client, filter));
  useEffect(() => set_list(list_for(client, filter)), [client, filter]);
  const view = useSyncExternalStore(list.subscribe, list.get_view);
  const before = useRef(view);
  const pending = view.total === null && view.error === null && before.current.total !== null;
  useEffect(() => {
    if (view.total !== null) before.current = view;
  }, [view]);
  return { list, view: pending ? before.current : view, pending };
}
