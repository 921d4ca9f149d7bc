// Throughput of each noise model as a ratio of a plain pass (read and sum) over the same activation files in the same process,
// and the peak memory of it all.
//
//   node packages/stages/glm/bench/activation-files.mjs [--small] [--models prompt,ols,ar1] [--folder DIR] [--rounds 3]
//
// Files are as extract writes them: 6 runs of 32 prompts of 16 tokens, 12 layers of 16 sites of 768 units, float32, 1.8 GB
// (--small: 2 layers). They are removed at the end. A model's time is the stage's own path from file to statistics of every
// unit: means over prompts for permutations, moments, fit, t, z, log p, d and its interval.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createActivationFile, openActivationLayer } from '@galvani/artifact';
import { designOfRuns, fitGlms, layerRows, prepareMaps } from '@galvani/glm';
import { randomStream } from '@galvani/numerics';
import { activationsPath, studyFolder } from '@galvani/study';

const { values } = parseArgs({
  options: {
    small: { type: 'boolean', default: false },
    models: { type: 'string', default: 'prompt,ols,ar1' },
    folder: { type: 'string', default: tmpdir() },
    rounds: { type: 'string', default: '3' },
  },
});
const limits = { prompt: 0.5, ols: 0.5, ar1: 0.2 };
const [runs, prompts, tokens, sites, width] = [6, 32, 16, 16, 768];
const layers = Array.from({ length: values.small ? 2 : 12 }, (_, l) => `block-${String(l).padStart(2, '0')}`);
const promptsPerBatch = 8;
const perRun = prompts * tokens;

const root = await mkdtemp(join(values.folder, 'galvani-bench-'));
const folder = studyFolder(root);
try {
  const recordings = Array.from({ length: runs }, (_, r) => recordingOf(r));
  const { layout } = designOfRuns(recordings, {});
  const bytes = await writeRuns(recordings);
  const units = layers.length * sites * width;
  console.log(
    `${runs * perRun} tokens by ${units} units, ${(bytes / 1e9).toFixed(2)} GB in ${layers.length * runs} files`,
  );
  console.log(`  memory before fitting ${peak()} MB`);
  await plainPass(recordings);
  for (const noise of values.models.split(',')) {
    const map = {
      name: 'task-a',
      kind: 'task',
      contrast: 'a',
      expression: '"a"',
      runs: recordings.map(({ run }) => run),
      relabellings: 100,
    };
    const glms = prepareMaps([map], recordings, { noise, variance: 'separate', seed: 1 });
    // Means are gathered for permutations, which have a benchmark of their own.
    for (const contrast of glms[0].contrasts.values())
      contrast.permutations = { ...contrast.permutations, add: async () => ({}) };
    await fitLayer(recordings, layout, glms, layers[0]); // compiled before it is timed
    // Rounds in turns, the best of each: what else the machine does falls on both sides.
    const best = { model: Infinity, plain: Infinity };
    for (let round = 0; round < Number(values.rounds); round++) {
      best.plain = Math.min(best.plain, await seconds(() => plainPass(recordings)));
      best.model = Math.min(best.model, await seconds(() => fitAll(recordings, layout, glms)));
    }
    const limit = limits[noise] ? ` (limit: at least ${limits[noise]})` : '';
    console.log(
      `  ${noise}: ${best.model.toFixed(2)} s, plain pass ${best.plain.toFixed(2)} s, ratio ${(best.plain / best.model).toFixed(3)}${limit}`,
    );
  }
  console.log(`  peak memory ${peak()} MB (limit: below 1000)`);
} finally {
  await rm(root, { recursive: true, force: true });
}

function peak() {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}

async function seconds(work) {
  const began = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - began) / 1e9;
}

async function fitAll(recordings, layout, glms) {
  for (const layer of layers) await fitLayer(recordings, layout, glms, layer);
}

async function fitLayer(recordings, layout, glms, layer) {
  for await (const _fit of fitGlms(await layerRows(layer, recordings, layout), glms));
}

/** Reads and sums every value. */
async function plainPass(recordings) {
  let sum = 0;
  for (const layer of layers)
    for (const { openLayer } of recordings) {
      const file = await openLayer(layer);
      for await (const batch of file.batches()) for (const own of batch.values) sum += total(own);
      await file.close();
    }
  if (Number.isNaN(sum)) throw new Error('the series holds NaN');
}

function total(values) {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum;
}

function recordingOf(r) {
  const run = { name: `ses-0${r + 1}_task-a`, session: r + 1, task: 'a' };
  const rows = Array.from({ length: perRun }, (_, row) => ({
    prompt: Math.floor(row / tokens),
    position: row % tokens,
    log_probability: -1,
    entropy: 1,
  }));
  return {
    run,
    layers,
    isTask: Uint8Array.from({ length: prompts }, (_, p) => (p % 16 >= 8 ? 1 : 0)),
    tokens: rows,
    promptOfRow: Int32Array.from(rows, ({ prompt }) => prompt),
    openLayer: (layer) => openActivationLayer(activationsPath(folder, run.name), layer),
  };
}

async function writeRuns(recordings) {
  const stream = randomStream(1, 'bench');
  const pool = Float32Array.from({ length: 1 << 20 }, () => 3 + stream.normal());
  const columns = layers.flatMap((layer) =>
    Array.from({ length: sites }, (_, s) => ({ site: `${layer}, site ${s}`, kind: 'linear', width, layer })),
  );
  const batchRows = promptsPerBatch * tokens;
  const own = Array.from({ length: sites }, () => new Float32Array(batchRows * width));
  let bytes = 0;
  for (const { run } of recordings) {
    const writer = await createActivationFile(activationsPath(folder, run.name), columns, 'float32');
    for (let row = 0; row < perRun; row += batchRows) {
      for (const array of own) {
        const shift = stream.integer(pool.length);
        for (let at = 0; at < array.length; at += 4096)
          array.set(pool.subarray((shift + at * 31) & 0xff000, ((shift + at * 31) & 0xff000) + 4096), at);
      }
      // Every layer the same numbers: what is measured does not depend on them.
      await writer.append(
        batchRows,
        columns.map((_, c) => own[c % sites]),
      );
    }
    bytes += (await writer.finish()).bytes;
  }
  return bytes;
}
