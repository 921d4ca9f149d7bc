// Throughput of each noise model as a ratio of a plain pass (read and sum) over the same files in the same process.
//
//   node packages/core/statistics/bench/noise-models.mjs [--units 147456] [--tokens 3072] [--models prompt,ols,ar1] [--folder DIR]
//     [--shape prompts|lengths|position|run] [--per-run 32] [--ar 0]
//
// Shapes: prompts of 16 tokens; prompts of 8 to 16; the first with a regressor of position; one run of 8 regressors that vary.
// --ar makes noise of that autocorrelation. CPU time is the process's user time over units of one map.
//
// Series are raw float32, a chunk [tokens x 768] per site, as the buffers of extract's Arrow columns are.
import { mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { randomStream } from '@galvani/numerics';
import {
  contrastT,
  createEstimator,
  designOf,
  joinDesigns,
  modulator,
  promptLayout,
  uniformLayout,
} from '@galvani/statistics';

const { values } = parseArgs({
  options: {
    units: { type: 'string', default: '147456' },
    tokens: { type: 'string', default: '3072' },
    models: { type: 'string', default: 'prompt,ols,ar1' },
    folder: { type: 'string', default: tmpdir() },
    shape: { type: 'string', default: 'prompts' },
    'per-run': { type: 'string', default: '32' },
    ar: { type: 'string', default: '0' },
  },
});
const width = 768;
const perPrompt = 16;
const perRun = Number(values['per-run']);
const tokens = Number(values.tokens);
const sites = Math.max(1, Math.round(Number(values.units) / width));
const limits = { prompt: 0.5, ols: 0.5, ar1: 0.2 };

const folder = mkdtempSync(join(values.folder, 'galvani-bench-'));
const path = join(folder, 'series.f32');
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
const chunk = new Float32Array(tokens * width);
const bytes = new Uint8Array(chunk.buffer);
writeSeries();
const file = openSync(path, 'r');

const { layout, design } = study(values.shape);
const contrast = Float64Array.from(design.names, (_, j) => (j === 0 ? 1 : 0));

const rows = chunk.subarray(0, design.rows * width);

const plain = () =>
  pass(() => {
    let sum = 0;
    for (let i = 0; i < chunk.length; i++) sum += chunk[i];
    return sum;
  });
plain();
console.log(
  `${design.rows} tokens (${values.shape}, ${design.columns} columns) by ${sites * width} units, ${((sites * bytes.length) / 1e9).toFixed(2)} GB`,
);
for (const model of values.models.split(',')) {
  fit(model); // compiled before it is timed
  // Rounds in turns, the best of each: what else the machine does falls on both sides.
  const times = { model: Infinity, plain: Infinity, user: Infinity };
  for (let round = 0; round < 3; round++) {
    times.plain = Math.min(times.plain, plain());
    const before = process.cpuUsage();
    times.model = Math.min(
      times.model,
      pass(() => fit(model)),
    );
    times.user = Math.min(times.user, process.cpuUsage(before).user / 1e3 / (sites * width));
  }
  const ratio = (times.plain / times.model).toFixed(3);
  const limit = limits[model] ? ` (limit: at least ${limits[model]})` : '';
  console.log(
    `  ${model}: ${times.model.toFixed(2)} s, plain pass ${times.plain.toFixed(2)} s, ratio ${ratio}${limit}, ${times.user.toFixed(3)} ms of CPU a unit`,
  );
}
console.log(`  peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);

function fit(model) {
  const estimator = createEstimator(model, design, layout, width);
  estimator.add(rows, 0);
  return contrastT(estimator.finish(), contrast).t[0];
}

/** Layout and design of a shape of study; regressors are blocks of half the prompts, and an intercept for each run. */
function study(shape) {
  const random = randomStream(2, 'shape');
  if (shape === 'run') {
    const columns = { one: new Float64Array(tokens).fill(1) };
    for (let k = 0; k < 7; k++) {
      let state = 0;
      columns[`x${k}`] = Float64Array.from({ length: tokens }, () => (state = 0.8 * state + random.normal()));
    }
    return { layout: uniformLayout(1, 1, tokens), design: designOf(columns) };
  }
  const runs = Math.floor(tokens / (perRun * perPrompt));
  const layout = shape === 'lengths' ? unequal(runs, random) : uniformLayout(runs, perRun, perPrompt);
  const column = (at) => Array.from(layout.run, (run, row) => at(run, layout.prompt[row]));
  const intercepts = Array.from({ length: runs }, (_, r) => [`run ${r}`, column((run) => (run === r ? 1 : 0))]);
  const task = column((_, prompt) => (prompt % 16 >= 8 ? 1 : 0));
  const blocks = designOf({ task, ...Object.fromEntries(intercepts) });
  const position = shape === 'position';
  return { layout, design: position ? joinDesigns(blocks, modulator('position', layout.position, layout)) : blocks };
}

function unequal(runs, random) {
  const prompt = Array.from({ length: runs * perRun }, (_, p) => new Array(8 + random.integer(9)).fill(p)).flat();
  return promptLayout(
    prompt.map((p) => Math.floor(p / perRun)),
    prompt,
  );
}

/** Seconds to read every chunk and do `work` on it. */
function pass(work) {
  const began = process.hrtime.bigint();
  let kept = 0;
  for (let site = 0; site < sites; site++) {
    readSync(file, bytes, 0, bytes.length, site * bytes.length);
    kept += work();
  }
  if (Number.isNaN(kept)) throw new Error('the series holds NaN');
  return Number(process.hrtime.bigint() - began) / 1e9;
}

function writeSeries() {
  const stream = randomStream(1, 'bench');
  const pool = Float32Array.from({ length: 1 << 20 }, () => stream.normal());
  const out = openSync(path, 'w');
  for (let site = 0; site < sites; site++) {
    const shift = stream.integer(pool.length);
    for (let i = 0; i < chunk.length; i++) chunk[i] = 3 + pool[(i * 31 + (i >> 20) + shift) & (pool.length - 1)];
    const ar = Number(values.ar);
    if (ar !== 0) for (let i = width; i < chunk.length; i++) chunk[i] = chunk[i] + ar * (chunk[i - width] - 3);
    writeSync(out, bytes);
  }
}
