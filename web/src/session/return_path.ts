// Where signing in leads: the page that was asked for, as ?next= of the sign-in page.

export function sign_in_path({ pathname, search }: { pathname: string; search: string }): string {
  const asked = pathname + search;
  return asked === '/' ? '/signin' : `/signin?next=${encodeURIComponent(asked)}`;
}

/** Only paths of this app: `//host` and `/\host` are other sites to a browser. */
export function return_path(search: string): string {
  const next = new URLSearchParams(search).get('next') ?? '/';
  return /^\/(?![/\\])/.test(next) && !next.startsWith('/signin') ? next : '/';
}
