/**
 * A study's extraction on Galactica-125M's shape, 24 runs of 18 prompts x 16 tokens, through the stage as it is: with all
 * sites but the head against a single site, and with runs that share batches against each alone. In turns, in one process,
 * without loading the model. With fewer runs, memory that is touched for the first time weighs more.
 *
 *     node packages/stages/extract/bench/study-runs.mjs [--runs 24] [--rounds 2] [--keep tokens|prompts] [--folder DIR]
 */
import { link, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { describeOutput, eventTable } from '@galvani/artifact';
import { commitStage, eventsPath, planOf, studyFolder, studySchema, writeParameters } from '@galvani/study';
import { stage } from '../dist/index.js';
import { galacticaShape, randomCheckpoint } from './random-checkpoint.mjs';

const { values: flags } = parseArgs({
  options: {
    runs: { type: 'string', default: '24' },
    rounds: { type: 'string', default: '2' },
    keep: { type: 'string', default: 'tokens' },
    folder: { type: 'string', default: join(tmpdir(), 'galvani-bench') },
  },
});
const [prompts, length, newTokens] = [18, 16, 16];
const rounds = Number(flags.rounds);
const names = Array.from({ length: Number(flags.runs) }, (_, r) => `ses-${String(r + 1).padStart(2, '0')}_task-a`);
const all = { include: ['*'], exclude: ['lm_head'] };
const single = { include: ['model.decoder.layers.6'], exclude: [] };
const variants = [
  { name: 'all sites', sites: all },
  { name: 'a single site', sites: single },
  { name: 'all sites, each run alone', sites: all, batch: prompts },
];

const firstRun = watchOnnxruntime();
const root = join(flags.folder, 'study-runs');
process.env.GALVANI_STORE = join(root, 'store');
await rm(root, { recursive: true, force: true });
await writeModel(join(root, 'model'));
const folder = studyFolder(join(root, 'derivatives'));
await writePlan(variants[0]);
await writeDesign();
const seconds = variants.map(() => []);
for (let round = 0; round <= rounds; round++)
  for (const [v, variant] of variants.entries()) {
    const { took, inside } = await extraction(variant);
    // The first round warms caches, and checks the model.
    if (round > 0) seconds[v].push(took);
    process.stdout.write(
      `${round === 0 ? 'warming up' : `round ${round}`}: ${variant.name}, ${took.toFixed(1)} s, ${inside.toFixed(1)} inside onnxruntime\n`,
    );
  }
await rm(root, { recursive: true, force: true });
const tokens = names.length * prompts * newTokens;
for (const [v, { name }] of variants.entries())
  process.stdout.write(
    `${name.padEnd(26)} ${Math.min(...seconds[v]).toFixed(2)} s   ${(tokens / Math.min(...seconds[v])).toFixed(0)} tokens/s\n`,
  );
const [every, one, alone] = seconds;
ratio('all sites / a single site', every, one, `at most ${flags.keep === 'tokens' ? '1.12' : '1.05'}`);
ratio('each run alone / together', alone, every, 'at least 1.25');

/** The ratio of the fastest rounds, and of the rounds one by one. */
function ratio(name, above, below, limit) {
  const each = above.map((took, r) => took / below[r]).sort((a, b) => a - b);
  const [least, most] = [each[0], each.at(-1)].map((one) => one.toFixed(3));
  const best = Math.min(...above) / Math.min(...below);
  process.stdout.write(`${name}   ${best.toFixed(3)}   (${limit}; rounds ${least} to ${most})\n`);
}

/** Seconds of an extraction into nothing, from when the model is loaded. */
async function extraction(variant) {
  await writePlan(variant);
  await writeDesign();
  await rm(folder.extract, { recursive: true, force: true });
  // What the store knows of the model stays: it is checked once, whatever the number of runs.
  const store = process.env.GALVANI_STORE;
  for (const entry of await readdir(store).catch(() => []))
    if (/^[0-9a-f]{64}$/.test(entry)) await rm(join(store, entry), { recursive: true });
  // To free the last round's files goes on in the file system when they are gone.
  await setTimeout(500);
  Object.assign(firstRun, { at: undefined, inside: 0 });
  await stage({ study: folder.root, root, signal: new AbortController().signal });
  return { took: (performance.now() - firstRun.at) / 1000, inside: firstRun.inside / 1000 };
}

/** When onnxruntime's own `run` is first called, and the time inside it. */
function watchOnnxruntime() {
  const require = createRequire(import.meta.url);
  const { binding } = require(join(dirname(require.resolve('onnxruntime-node')), 'binding.js'));
  const first = { at: undefined, inside: 0 };
  binding.InferenceSession = class extends binding.InferenceSession {
    run(...args) {
      const began = performance.now();
      first.at ??= began;
      try {
        return super.run(...args);
      } finally {
        first.inside += performance.now() - began;
      }
    }
  };
  return first;
}

/** The checkpoint under further names, with a tokenizer whose tokens are single characters. */
async function writeModel(target) {
  const model = await randomCheckpoint(join(flags.folder, 'galactica-shape'));
  await mkdir(target, { recursive: true });
  for (const name of ['config.json', 'model.safetensors']) await link(join(model, name), join(target, name));
  const vocab = Object.fromEntries(Array.from({ length: galacticaShape.vocabulary }, (_, id) => [letter(id), id]));
  const parts = { added_tokens: [], normalizer: null, pre_tokenizer: null, post_processor: null };
  const tokenizer = { version: '1.0', ...parts, decoder: { type: 'Fuse' }, model: { type: 'BPE', vocab, merges: [] } };
  await writeFile(join(target, 'tokenizer.json'), JSON.stringify(tokenizer));
}

function letter(id) {
  return String.fromCodePoint(0x10000 + id);
}

async function writePlan({ sites, batch }) {
  const model = { path: 'model' };
  const sampling = { method: 'sample', temperature: 0.8 };
  const extract = { seed: 7, model, mode: 'generate', tokens: 'all', newTokens, sampling, sites, storage: 'float32' };
  const prompted = flags.keep === 'prompts' && { afterEnd: 'keep' };
  const kept = { keep: flags.keep, moments: 'mean', ...prompted };
  const asked = { ...extract, ...kept, device: 'cpu', ...(batch && { batch }) };
  const { design, glm, networks, decode, yardstick, geometry, controls } = studySchema.parse({ tasks: ['a'] });
  await writeParameters(folder, {
    parameters: {
      design: { seed: 7, tasks: ['a'], design, prompts: ['prompts.csv'], restTopics: ['b'] },
      extract: asked,
      twin: { absent: 'a benchmark has none' },
      runs: names.map((name, r) => ({ name, session: r + 1, task: 'a' })),
      glm: { seed: 7, ...glm },
      networks,
      decode: { seed: 7, ...decode },
      controls: { seed: 7, ...controls },
      yardstick: { seed: 7, ...yardstick },
      geometry: { seed: 7, ...geometry },
      report: { study: 'bench', folder: 'pipelines/bench', title: 'Bench', description: '' },
    },
  });
}

async function writeDesign() {
  const outputs = {};
  for (const [r, run] of names.entries()) {
    const events = Array.from({ length: prompts }, (_, p) => eventOf(run, r, p));
    await eventTable.write(eventsPath(folder, run), events);
    outputs[`${run}.parquet`] = await describeOutput(eventsPath(folder, run));
  }
  const plan = await planOf(folder, 'design');
  await commitStage(folder, 'design', folder.design, { plan, parameters: {}, inputs: {}, outputs, facts: {} });
}

function eventOf(run, r, prompt) {
  const ids = Array.from({ length }, (_, i) => 5 + (((r * prompts + prompt) * 7919 + i * 104_729) % 49_000));
  const place = { run, session: r + 1, task: 'a', prompt, block: 0, condition: 'task' };
  return { ...place, prompt_id: `p-${r}-${prompt}`, topic: 'a', form: 'statement', text: ids.map(letter).join('') };
}
