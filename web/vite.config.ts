import react from '@vitejs/plugin-react';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const client = here('../clients/typescript/src');

// A theme that was chosen is put on <html> before anything is painted. That takes a classic script in <head>,
// which Vite would leave alone; and the Content-Security-Policy wants it in a file.
function theme_before_paint(): Plugin {
  const source = here('./src/theme/before_paint.js');
  let building = false;
  return {
    name: 'theme-before-paint',
    configResolved: (config) => void (building = config.command === 'build'),
    buildStart() {
      if (building) this.emitFile({ type: 'asset', name: 'theme.js', source: readFileSync(source, 'utf8') });
    },
    transformIndexHtml: {
      order: 'post',
      handler: (_html, context) => {
        const emitted = Object.values(context.bundle ?? {}).find((each) => each.name === 'theme.js');
        const src = emitted ? `/${emitted.fileName}` : '/src/theme/before_paint.js';
        return [{ tag: 'script', attrs: { src }, injectTo: 'head-prepend' }];
      },
    },
  };
}

const server = process.env['PULSE_URL'] ?? 'http://127.0.0.1:4000';
// The server takes writes and sockets from its own origin only.
const proxied = { target: server, changeOrigin: true, headers: { origin: server } };
const proxy = {
  '/api': proxied,
  '/demo': proxied,
  '/socket.io': { ...proxied, ws: true },
};

export default defineConfig({
  plugins: [react(), theme_before_paint()],
  resolve: {
    alias: [
      { find: /^@pulseboard\/client$/, replacement: `${client}/index.ts` },
      { find: /^@pulseboard\/client\/react$/, replacement: `${client}/react.ts` },
    ],
    dedupe: ['react', 'react-dom', 'socket.io-client'],
  },
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    // A polyfill would be an inline script.
    modulePreload: { polyfill: false },
    rollupOptions: {
      output: {
        // What changes with its version alone stays in the browser over many of ours.
        manualChunks: { react: ['react', 'react-dom', 'react-router-dom'], aria: ['react-aria-components'] },
      },
    },
  },
  server: { proxy, fs: { allow: ['..'] } },
  preview: { proxy },
});
