import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const root = fileURLToPath(new URL('.', import.meta.url));

/** Tests run on sources, so that a red test never means a stale build. */
const sources = ['packages/core', 'packages/stages'].flatMap((family) =>
  readdirSync(`${root}${family}`).map((name) => ({
    find: `@galvani/${name}`,
    replacement: `${root}${family}/${name}/src/index.ts`,
  })),
);

export default defineConfig({
  resolve: { alias: sources },
  test: {
    include: ['packages/**/test/**/*.test.ts', 'apps/**/test/**/*.test.ts', 'test/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
