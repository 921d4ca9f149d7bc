import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const root = fileURLToPath(new URL('.', import.meta.url));

/** Tests run on sources, so that a red test never means a stale build. */
const sources = ['packages/core', 'packages/stages'].flatMap((family) =>
  readdirSync(`${root}${family}`).map((name) => {
    const index = `${root}${family}/${name}/src/index`;
    return { find: `@galvani/${name}`, replacement: `${index}${existsSync(`${index}.ts`) ? '.ts' : '.mjs'}` };
  }),
);

/**
 * Files that take longer than some second and a half and start programs (Nx in a workspace of its own, Chromium, npm, Python, Node), run
 * whole studies or stages again and again, draw many datasets or damaged files, or try on every kind of model what another file tries on
 * some. What compares families of models with transformers is not among them, nor is a small whole study of each kind of model.
 * `npm run test:long` runs these, and `.ci/run` does besides `npm test`.
 */
const long = [
  'test/pipeline-cache.test.ts',
  'test/packed-packages.test.ts',
  'test/report-access.test.ts',
  'test/viewer/viewer*.test.ts',
  'test/divided-stages.test.ts',
  'test/planted-truth.test.ts',
  'test/kept-prompts.test.ts',
  'test/study-without-rest.test.ts',
  'test/absent-stages.test.ts',
  'test/onnx-lesion.test.ts',
  'test/group.test.ts',
  'packages/core/cluster/test/run-tasks.test.ts',
  'packages/core/model/test/unit-weights/more-unit-weights.test.ts',
  'packages/stages/extract/test/built-stage.test.ts',
  'packages/stages/extract/test/threaded-run.test.ts',
  'test/doc-commands.test.ts',
  'test/bids.test.ts',
  'test/python/module.test.ts',
  'apps/cli/test/json-output.test.ts',
  'packages/core/replay/test/replay-sites.test.ts',
  'packages/core/model/test/twin/twin.test.ts',
  'packages/core/model/test/unit-weights/unit-weights.test.ts',
  'packages/core/model/test/weights/torch-archive.test.ts',
  'packages/core/model/test/onnx-import/imported-interventions.test.ts',
  'packages/core/statistics/test/calibration/calibrate*.test.ts',
  'packages/core/statistics/test/network-overlap/relabelled-overlap.test.ts',
  'packages/stages/extract/test/extract-stage.test.ts',
  'packages/stages/extract/test/after-end.test.ts',
  'packages/stages/glm/test/design-without-rest.test.ts',
  'packages/stages/glm/test/glm-options.test.ts',
  'packages/stages/glm/test/memory-passes.test.ts',
  'packages/stages/glm/test/series/drift-regressors.test.ts',
  'packages/stages/report/test/report-stage.test.ts',
  'packages/stages/extract/test/shared-batches.test.ts',
  'apps/cli/test/cluster-commands.test.ts',
  'apps/cli/test/unwritable-study.test.ts',
  'packages/core/artifact/test/claims/claims.test.ts',
  'packages/core/artifact/test/direct-io/sequential-file.test.ts',
  'packages/core/model/test/onnx-import/hostile-onnx.test.ts',
  'packages/core/model/test/self-check.test.ts',
  'packages/core/onnx/test/telemetry.test.ts',
  'packages/core/statistics/test/components/components.test.ts',
  'packages/core/statistics/test/diagnostics/unit-copies.test.ts',
  'packages/core/statistics/test/inference/joint-null.test.ts',
  'packages/core/statistics/test/inference/studentized.test.ts',
  'packages/core/statistics/test/lesion/resampled-means.test.ts',
  'packages/core/statistics/test/noise/laws.test.ts',
  'packages/core/statistics/test/topics/topics.test.ts',
  'packages/core/study/test/own-words.test.ts',
  'packages/core/terminal/test/print.test.ts',
  'packages/core/terminal/test/text-file.test.ts',
  'packages/nx-plugin/test/build-executor.test.ts',
  'packages/nx-plugin/test/exit-code.test.ts',
  'packages/stages/calibrate/test/calibration.test.ts',
  'packages/stages/controls/test/controls-stage.test.ts',
  'packages/stages/extract/test/onnx-study.test.ts',
  'packages/stages/extract/test/template-tokens.test.ts',
  'packages/stages/extract/test/twin-stage.test.ts',
  'packages/stages/geometry/test/geometry-stage.test.ts',
  'packages/stages/glm/test/glm-stage.test.ts',
  'packages/stages/glm/test/maps-over-tasks.test.ts',
  'packages/stages/power/test/learning-curve.test.ts',
  'packages/stages/report/test/findings/shuffled-studies.test.ts',
  'packages/stages/report/test/findings/steering.test.ts',
  'packages/stages/yardstick/test/yardstick-stage.test.ts',
];

const suite = ['packages/**/test/**/*.test.ts', 'apps/**/test/**/*.test.ts', 'test/**/*.test.ts'];

/** Starts the workspace's own files first, whole studies and Nx: they take longest, and begun last they would be waited for. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => moduleId.startsWith(`${root}test/`);
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
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
    projects: [
      {
        extends: true,
        test: {
          name: 'suite',
          include: suite,
          exclude: [...configDefaults.exclude, ...long],
          // Types that carry a contract. Their packages have to be built.
          typecheck: {
            enabled: true,
            tsconfig: 'test/tsconfig.json',
            include: ['packages/**/test/**/*.test-d.ts', 'test/*.test-d.ts'],
          },
        },
      },
      { extends: true, test: { name: 'long', include: long } },
    ],
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
