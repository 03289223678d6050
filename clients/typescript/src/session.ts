// Stays signed in: by the application's tokens if it gives them, else by the cookies, which are renewed by a
// request. One renewal at a time, over all tabs where the browser can see to that.
import { is_unauthorised, ApiError } from './api_error.js';
import type { Request } from './api.js';

/** `renew`: the token given before was refused, or is about to expire. */
export type GetToken = (why: { renew: boolean }) => string | null | Promise<string | null>;

export interface Session {
  /** What to show with the next request or connection; null where a cookie does it, or nobody is signed in. */
  token(): Promise<string | null>;
  /** Rejects with an ApiError; with status 401 if nobody is signed in any more. */
  renew(): Promise<void>;
}

const lock_name = 'pulseboard:refresh';

function exclusively<T>(run: () => Promise<T>): Promise<T> {
  const locks = typeof navigator === 'undefined' ? undefined : navigator.locks;
  return locks ? (locks.request(lock_name, run) as Promise<T>) : run();
}

async function renew_cookies(request: Request): Promise<void> {
  try {
    await request('POST', '/api/auth/refresh', {});
  } catch (error) {
    if (!is_unauthorised(error)) throw error;
    // There was no cookie to exchange: nobody else has exchanged it either.
    if ((error as ApiError).message === 'Refresh token is required') throw error;
    // Another tab may have won the exchange; then the new cookies are here already.
    await request('GET', '/api/auth/me');
  }
}

export function cookie_session(request: Request): Session {
  let renewal: Promise<void> | null = null;
  return {
    token: async () => null,
    renew: () => (renewal ??= exclusively(() => renew_cookies(request)).finally(() => (renewal = null))),
  };
}

export function token_session(get: GetToken): Session {
  let next: { token: string | null } | null = null;
  let renewal: Promise<void> | null = null;
  const renew = async () => {
    const token = await get({ renew: true });
    if (token === null) throw new ApiError(401, 'UNAUTHORIZED', 'Signed out');
    next = { token };
  };
  return {
    // What a renewal brought is used once without asking again.
    async token() {
      const renewed = next;
      next = null;
      return renewed ? renewed.token : get({ renew: false });
    },
    renew: () => (renewal ??= renew().finally(() => (renewal = null))),
  };
}
