import { build } from 'esbuild';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';

const limit = 15_000;

it.each(['src/index.ts', 'src/react.ts'])(
  '%s is under 15 kB gzipped beside what it stands on',
  async (entry) => {
    const built = await build({
      entryPoints: [entry],
      bundle: true,
      minify: true,
      write: false,
      format: 'esm',
      target: 'es2022',
      external: ['socket.io-client', 'react'],
    });
    const size = gzipSync(built.outputFiles[0]?.contents ?? '', { level: 9 }).length;
    expect(size).toBeGreaterThan(500);
    expect(size).toBeLessThan(limit);
  },
);
