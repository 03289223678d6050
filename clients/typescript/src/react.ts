// What a page shows of its client. Each hook renders only for its own part, and all of them at most once a frame.
import {
  createContext,
  createElement,
  useContext,
  useMemo,
  useSyncExternalStore,
  type ReactNode,
} from 'react';
import type { DashboardClient } from './dashboard_client.js';
import { frames_of } from './frames.js';
import type { Business, Connection, DashboardSnapshot, Kpis, Metrics } from './types.js';

const Context = createContext<DashboardClient | null>(null);

export interface DashboardProviderProps {
  client: DashboardClient;
  children?: ReactNode;
}

/** Hands the client to the hooks below it. When to connect and close it is the application's decision. */
export function DashboardProvider({ client, children }: DashboardProviderProps) {
  return createElement(Context.Provider, { value: client }, children);
}

export function useDashboardClient(): DashboardClient {
  const client = useContext(Context);
  if (!client) throw new Error('useDashboardClient: there is no <DashboardProvider> above');
  return client;
}

function usePart<T>(part: (snapshot: DashboardSnapshot) => T): T {
  const frames = frames_of(useDashboardClient());
  const get = () => part(frames.get());
  return useSyncExternalStore(frames.subscribe, get, get);
}

/** The four figures; null until they are known. */
export const useKpis = (): Kpis | null => usePart((snapshot) => snapshot.kpis);

export const useConnection = (): Connection => usePart((snapshot) => snapshot.connection);

export interface ShownBusinesses {
  /** The newest, newest first. */
  businesses: readonly Business[];
  /** How many there are; null until it is known. */
  total: number | null;
  metrics: ReadonlyMap<string, Metrics>;
}

export function useBusinesses(): ShownBusinesses {
  const businesses = usePart((snapshot) => snapshot.businesses);
  const total = usePart((snapshot) => snapshot.total);
  const metrics = usePart((snapshot) => snapshot.metrics);
  return useMemo(() => ({ businesses, total, metrics }), [businesses, total, metrics]);
}
