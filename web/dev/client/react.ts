// Stands in for @pulseboard/client/react until that is there.
import { createContext, createElement, useContext, useSyncExternalStore, type ReactNode } from 'react';
import type { DashboardClient, Snapshot } from './index';

const Context = createContext<DashboardClient | null>(null);

export function DashboardProvider({ client, children }: { client: DashboardClient; children?: ReactNode }) {
  return createElement(Context.Provider, { value: client }, children);
}
export function useDashboardClient(): DashboardClient {
  const client = useContext(Context);
  if (!client) throw new Error('no DashboardProvider');
  return client;
}
function use_part<T>(part: (snapshot: Snapshot) => T): T {
  const client = useDashboardClient();
  return useSyncExternalStore(client.subscribe, () => part(client.getSnapshot()));
}
export const useKpis = () => use_part((snapshot) => snapshot.kpis);
export const useConnection = () => use_part((snapshot) => snapshot.connection);
export function useBusinesses() {
  return {
    businesses: use_part((snapshot) => snapshot.businesses),
    total: use_part((snapshot) => snapshot.total),
    metrics: use_part((snapshot) => snapshot.metrics),
  };
}
