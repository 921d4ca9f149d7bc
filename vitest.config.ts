import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const root = fileURLToPath(new URL('.', import.meta.url));

/** Tests run on sources, so that a red test never means a stale build. */
const sources = ['packages/core', 'packages/stages'].flatMap((family) =>
  readdirSync(`${root}${family}`).map((name) => {
    const index = `${root}${family}/${name}/src/index`;
    return { find: `@galvani/${name}`, replacement: `${index}${existsSync(`${index}.ts`) ? '.ts' : '.mjs'}` };
  }),
);

/** Starts the files that run Nx first: they take longest, and begun last they would be waited for. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const runsNx = ({ moduleId }: TestSpecification) => moduleId.startsWith(`${root}test/`);
    const sorted = await super.sort(files);
    return [...sorted.filter(runsNx), ...sorted.filter((file) => !runsNx(file))];
  }
}

export default defineConfig({
  resolve: {
    alias: [
      ...sources,
      { find: 'galvani', replacement: `${root}apps/cli/src/index.ts` },
      { find: 'onnxruntime-node', replacement: `${root}test/one-thread.ts` },
    ],
  },
  test: {
    include: ['packages/**/test/**/*.test.ts', 'apps/**/test/**/*.test.ts', 'test/**/*.test.ts'],
    // Types that carry a contract. Their packages have to be built.
    typecheck: {
      enabled: true,
      tsconfig: 'test/tsconfig.json',
      include: ['packages/**/test/**/*.test-d.ts', 'test/*.test-d.ts'],
    },
    globalSetup: 'test/temporary-folder.ts',
    setupFiles: 'test/drawn-examples.ts',
    // npx says that it starts what it starts, and advice says so too.
    env: { npm_command: '' },
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    execArgv: ['--import', new URL('test/without-sync.mjs', import.meta.url).href],
    // Files share what they import, which took longer than many of them run. Each restores what it mocks.
    isolate: false,
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
  },
});
