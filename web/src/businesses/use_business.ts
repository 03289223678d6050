// One business, as it is now: fetched, then kept up to date by its events.
import type { Business } from '@pulseboard/client';
import { useDashboardClient } from '@pulseboard/client/react';
import { useCallback, useEffect, useRef, useState } from 'react';
import { failure_of, type Failure } from '../client/failure';
import { on_missed } from '../client/missed';

export type BusinessState =
  | { status: 'loading' }
  | { status: 'failed'; failure: Failure }
  | { status: 'not_found' }
  | { status: 'deleted'; business: Business }
  | { status: 'shown'; business: Business };

interface UsedBusiness {
  state: BusinessState;
  reload: () => void;
  /** What an answer to a change of our own said. */
  saved: (business: Business) => void;
}

export function useBusiness(id: string): UsedBusiness {
  const client = useDashboardClient();
  const [{ of, state }, set] = useState<{ of: string; state: BusinessState }>({ of: id, state: { status: 'loading' } });
  const turn = useRef(0);

  const put = useCallback(
    (next: (now: BusinessState) => BusinessState) =>
      set((now) => ({ of: id, state: next(now.of === id ? now.state : { status: 'loading' }) })),
    [id],
  );

  const reload = useCallback(() => {
    const asked = ++turn.current;
    client.api.business(id).then(
      (business) => asked === turn.current && put(() => ({ status: 'shown', business })),
      (error: unknown) => {
        if (asked !== turn.current) return;
        const failure = failure_of(error);
        put((now) => {
          const shown = now.status === 'shown' || now.status === 'deleted' ? now.business : null;
          if (failure.kind === 'not_found') return shown ? { status: 'deleted', business: shown } : { status: 'not_found' };
          // What was shown stays, and the banner says that it may be old.
          return shown ? now : { status: 'failed', failure };
        });
      },
    );
  }, [client, id, put]);

  useEffect(() => {
    put(() => ({ status: 'loading' }));
    reload();
    return () => void ++turn.current;
  }, [put, reload]);

  useEffect(() => {
    // An answer under way may be older than the event.
    const changed = (business: Business) => {
      if (business.id !== id) return;
      ++turn.current;
      put(() => ({ status: 'shown', business }));
    };
    const deleted = (gone: string) => {
      if (gone !== id) return;
      ++turn.current;
      put((now) => (now.status === 'shown' ? { status: 'deleted', business: now.business } : { status: 'not_found' }));
    };
    const ends = [
      client.on('business:created', ({ business }) => changed(business)),
      client.on('business:updated', ({ business }) => changed(business)),
      client.on('business:deleted', ({ businessId }) => deleted(businessId)),
      on_missed(client, { missed: reload, back: reload }),
    ];
    return () => ends.forEach((end) => end());
  }, [client, id, put, reload]);

  const saved = useCallback(
    (business: Business) =>
      put((now) =>
        now.status === 'shown' && now.business.updated_at <= business.updated_at ? { status: 'shown', business } : now,
      ),
    [put],
  );

  return { state: of === id ? state : { status: 'loading' }, reload, saved };
}
