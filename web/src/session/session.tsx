// Who is signed in, and the client that shows their dashboard. A session has a client of its own: nothing of one
// user's figures is left when the next one signs in.
import { createDashboardClient, type DashboardClient, type User } from '@pulseboard/client';
import { DashboardProvider } from '@pulseboard/client/react';
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { failure_of } from '../client/failure';

export type Session =
  | { status: 'checking' }
  | { status: 'unreachable' }
  | { status: 'signed_out'; reason: 'never' | 'expired' | 'by_user' }
  | { status: 'signed_in'; user: User };

interface SessionState {
  session: Session;
  sign_in: (credentials: { email: string; password: string }) => Promise<void>;
  sign_out: () => Promise<void>;
  check: () => void;
}

const Context = createContext<SessionState | null>(null);

export function useSession(): SessionState {
  const value = useContext(Context);
  if (!value) throw new Error('useSession outside of SessionProvider');
  return value;
}

const check_again_ms = 5000;

// Who signs out means every tab, at once; the server's word reaches the others too, but later, and not when it is away.
const tabs = new BroadcastChannel('pulseboard.session');

export function SessionProvider({ children }: { children: ReactNode }) {
  const [client, set_client] = useState<DashboardClient>(() => createDashboardClient());
  const [session, set_session] = useState<Session>({ status: 'checking' });
  const asked = useRef(0);

  const check = useCallback(() => {
    const turn = ++asked.current;
    client.api.me().then(
      (user) => turn === asked.current && set_session({ status: 'signed_in', user }),
      (error: unknown) => {
        if (turn !== asked.current) return;
        const signed_out = failure_of(error).kind === 'unauthorised';
        set_session(signed_out ? { status: 'signed_out', reason: 'never' } : { status: 'unreachable' });
      },
    );
  }, [client]);

  useEffect(() => {
    if (session.status === 'checking') check();
    if (session.status !== 'unreachable') return;
    const timer = setInterval(check, check_again_ms);
    return () => clearInterval(timer);
  }, [session.status, check]);

  const leave = useCallback((reason: 'expired' | 'by_user') => {
    set_client(createDashboardClient());
    set_session({ status: 'signed_out', reason });
  }, []);

  useEffect(() => {
    const elsewhere = () => leave('expired');
    tabs.addEventListener('message', elsewhere);
    return () => tabs.removeEventListener('message', elsewhere);
  }, [leave]);

  const live = session.status === 'signed_in' && session.user.role === 'tenant';
  useEffect(() => {
    if (!live) return;
    const ended = () => {
      if (client.getSnapshot().connection.state === 'unauthorised') leave('expired');
    };
    const unsubscribe = client.subscribe(ended);
    client.connect();
    return () => {
      unsubscribe();
      client.close();
    };
  }, [live, client, leave]);

  const sign_in = useCallback(
    async (credentials: { email: string; password: string }) => {
      const { user } = await client.api.login(credentials);
      set_session({ status: 'signed_in', user });
    },
    [client],
  );

  const sign_out = useCallback(async () => {
    await client.api.logout();
    tabs.postMessage('signed_out');
    leave('by_user');
  }, [client, leave]);

  const value = useMemo(() => ({ session, sign_in, sign_out, check }), [session, sign_in, sign_out, check]);
  return (
    <Context value={value}>
      <DashboardProvider client={client}>{children}</DashboardProvider>
    </Context>
  );
}
