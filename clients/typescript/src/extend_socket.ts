// Renews the token of an open socket in place: the server has said that it is about to expire, and closes the socket
// some time after it has.
import { is_unauthorised } from './api_error.js';
import type { Session } from './session.js';
import type { Clock } from './surroundings.js';
import type { Transport } from './transport.js';

const tries = 4;
const between = 5000;
const patience = 5000;

interface Answer {
  success?: boolean;
  error?: { code?: string };
}

/** Gives whether it was extended; if not, the connection ends, and the way back asks for a token again. */
export async function extend_socket(
  session: Session,
  transport: Transport,
  clock: Clock,
  still_open: () => boolean,
): Promise<boolean> {
  const pause = (ms: number) => new Promise<void>((done) => void clock.after(ms, done));
  for (let attempt = 1; attempt <= tries; ++attempt) {
    if (attempt > 1) await pause(between);
    if (!still_open()) return false;
    try {
      await session.renew();
      const token = await session.token();
      if (!still_open()) return false;
      const answer = await show(transport, clock, token === null ? {} : { token });
      if (answer?.success) return true;
      const code = answer?.error?.code;
      if (code === 'UNAUTHORIZED' || code === 'FORBIDDEN') return false;
    } catch (error) {
      if (is_unauthorised(error)) return false;
    }
  }
  return false;
}

function show(transport: Transport, clock: Clock, token: { token?: string }): Promise<Answer | null> {
  return new Promise((done) => {
    const in_time = clock.after(patience, () => done(null));
    transport.send('auth:refresh', token, (answer) => {
      in_time();
      done(answer as Answer | null);
    });
  });
}
