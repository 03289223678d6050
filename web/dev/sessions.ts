// In development, before the server has sessions of its own: answers /api/auth/* with the session that
// `pulseboard demo` gives to anybody.
import type { Plugin } from 'vite';

export function dev_sessions(server: string): Plugin {
  return {
    name: 'dev-sessions',
    apply: 'serve',
    configureServer({ middlewares }) {
      middlewares.use('/api/auth', (request, response) => {
        const answer = (status: number, body: unknown, cookie?: string) => {
          response.statusCode = status;
          response.setHeader('content-type', 'application/json');
          if (cookie) response.setHeader('set-cookie', cookie);
          response.end(JSON.stringify(body));
        };
        const failure = (status: number, code: string, message: string) =>
          answer(status, { success: false, error: { code, message } });
        const cookie = /accessToken=([^;]+)/.exec(request.headers.cookie ?? '')?.[1];
        if (request.url === '/me') {
          if (!cookie) return failure(401, 'UNAUTHORIZED', 'Access token is required');
          const claims = JSON.parse(Buffer.from(cookie.split('.')[1] ?? '', 'base64url').toString()) as {
            userId: string;
            email: string;
            role: string;
          };
          return answer(200, {
            success: true,
            data: { user: { id: claims.userId, email: claims.email, role: claims.role } },
          });
        }
        if (request.url === '/logout') return answer(200, { success: true, data: {} }, 'accessToken=; Path=/; Max-Age=0');
        if (request.url === '/refresh') return failure(401, 'UNAUTHORIZED', 'Access token is required');
        let body = '';
        request.on('data', (chunk) => (body += String(chunk)));
        request.on('end', () => {
          const { password } = JSON.parse(body || '{}') as { password?: string };
          if (password === 'wrong') return failure(401, 'UNAUTHORIZED', 'Wrong address or password');
          void fetch(`${server}/demo/session`)
            .then(async (demo) => {
              const { data } = (await demo.json()) as { data: { user: object } };
              answer(
                200,
                { success: true, data: { user: { ...data.user, role: 'tenant' }, expiresAt: new Date().toISOString() } },
                demo.headers.get('set-cookie') ?? '',
              );
            })
            .catch(() => failure(503, 'UNAVAILABLE', 'no demo'));
        });
      });
    },
  };
}
