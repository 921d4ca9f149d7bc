/**
 * Whole studies on random checkpoints of growing shape: time, peak memory and disk of each stage, each stage a process of its own; beside
 * them the plain model's time for as many tokens (no site recorded, 32 prompts at once), and the bytes that the stage must read. At
 * the end how each stage grows with parameters, tokens and prompts. A study that the machine cannot hold is left out, with the reason.
 *
 *     node apps/cli/bench/study.mjs [--shapes frog,125m,350m,1.3b] [--tokens 16,128] [--prompts 432,1728] [--keep tokens]
 *         [--without lesion] [--relabellings 2000] [--minutes 60] [--folder DIR] [--json FILE]
 *
 * Lesions read texts through the model and a report may play runs again, so that what they take is the model's speed: of what comes after
 * recording lesions are told apart.
 */
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { forecastStudy, freeBytes, machineMemory, tooLarge } from '@galvani/forecast';
import { describeSubject } from '@galvani/model';
import { stageTable } from '@galvani/pipeline';
import { formatBytes, formatCount, formatSeconds } from '@galvani/terminal';
import { randomCheckpoint } from '../../../packages/stages/extract/bench/random-checkpoint.mjs';
import { diskUse } from './disk-use.mjs';
import { growthExponents } from './growth.mjs';
import { splicedBank, taskTopics } from './spliced-bank.mjs';

const { values: flags } = parseArgs({
  options: {
    shapes: { type: 'string', default: 'frog,125m,350m,1.3b' },
    tokens: { type: 'string', default: '16,128' },
    prompts: { type: 'string', default: '432,1728' },
    keep: { type: 'string', default: 'tokens' },
    without: { type: 'string', default: '' },
    relabellings: { type: 'string' },
    minutes: { type: 'string', default: '60' },
    folder: { type: 'string', default: join(tmpdir(), 'galvani-bench') },
    json: { type: 'string' },
  },
});
const unknown = flags.shapes.split(',').find((name) => !['frog', '125m', '350m', '1.3b'].includes(name));
if (unknown !== undefined) {
  process.stderr.write(`There is no shape ${unknown}; there are: frog, 125m, 350m, 1.3b.\n`);
  process.exit(2);
}
const root = fileURLToPath(new URL('../../../', import.meta.url));
const say = (line = '') => process.stdout.write(`${line}\n`);
const began = performance.now();
const secondsLeft = () => 60 * Number(flags.minutes) - (performance.now() - began) / 1000;

/** Frog's and OPT's shapes. */
const shapes = {
  frog: { blocks: 6, width: 192, heads: 6, feedForward: 768, vocabulary: 4096, context: 256 },
  '125m': { blocks: 12, width: 768, heads: 12, feedForward: 3072, vocabulary: 50_000, context: 2048 },
  '350m': { blocks: 24, width: 1024, heads: 16, feedForward: 4096, vocabulary: 50_272, context: 2048 },
  '1.3b': { blocks: 24, width: 2048, heads: 32, feedForward: 8192, vocabulary: 50_272, context: 2048 },
};
const parametersOf = ({ blocks, width, feedForward, vocabulary, context }) =>
  vocabulary * width + (context + 2) * width + blocks * (4 * width * width + 2 * width * feedForward);

/** The shape's random checkpoint with frog's tokenizer, whose tokens are the first of any vocabulary. */
async function modelOf(name) {
  const folder = await randomCheckpoint(join(flags.folder, `${name}-shape`), shapes[name]);
  for (const file of ['tokenizer.json', 'tokenizer_config.json'])
    await copyFile(join(root, 'data/models/frog', file), join(folder, file));
  return folder;
}

/** Writes a study of six tasks in four sessions, 18 blocks a session, into a folder of its own. */
async function writeStudy(folder, model, { tokens, prompts }) {
  const perBlock = prompts / 72;
  if (!Number.isInteger(perBlock)) throw new RangeError(`--prompts ${prompts}: it has to be a multiple of 72`);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  // Some more of each task than runs present: lesions read texts that were not shown.
  const bank = await splicedBank(root, 4 * perBlock + 36, Math.min(256, Math.ceil((48 * perBlock) / 33) + 12));
  await writeFile(join(folder, 'bank.csv'), bank);
  const study = {
    title: 'A random checkpoint',
    model,
    prompts: 'bank.csv',
    tasks: [...taskTopics, 'random-strings'],
    design: { sessions: 4, promptsPerBlock: perBlock },
    extraction: { newTokens: tokens, ...(flags.keep === 'tokens' ? {} : { keep: flags.keep }) },
    ...(flags.relabellings && fewer(Number(flags.relabellings))),
  };
  await writeFile(join(folder, 'study.yaml'), JSON.stringify(study, null, 2));
}

/** Sections of a study whose tests relabel so often. */
const fewer = (count) => ({
  glm: { relabellings: count, runRelabellings: count },
  decode: { permutations: count },
  geometry: { relabellings: count },
});

/** Runs a stage through the command, measured. */
function runStage(stage, folder) {
  const usage = join(folder, 'usage.json');
  const preload = new URL('peak-memory.mjs', import.meta.url).href;
  const args = ['--import', preload, join(root, 'apps/cli/bin/galvani.mjs'), stage, folder];
  const from = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, {
    env: { ...process.env, GALVANI_BENCH_USAGE: usage, GALVANI_STORE: join(folder, 'store') },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  return { status, stderr, usage, seconds: (performance.now() - from) / 1000 };
}

/** Seconds in which the plain model generates a study's tokens: 32 prompts measured, the rest in proportion. */
function plainSeconds(model, bank, { tokens, prompts }) {
  const script = fileURLToPath(new URL('plain-generation.mjs', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, model, bank, String(tokens)], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  return prompts * JSON.parse(stdout).seconds;
}

const columns = [9, 9, 11, 8, 9, 10, 9, 9];
const line = (cells) => say(cells.map((cell, c) => (c === 0 ? cell.padEnd(10) : cell.padStart(columns[c]))).join(' '));

/** One study, stage by stage; the rows that were measured. */
async function measure(name, size) {
  const model = await modelOf(name);
  const folder = join(flags.folder, 'study');
  await writeStudy(folder, model, size);
  const plain = plainSeconds(model, join(folder, 'bank.csv'), size);
  const { unitsPerToken } = await describeSubject(model);
  const parameters = parametersOf(shapes[name]);
  say(
    `\n${name}, ${size.prompts} prompts x ${size.tokens} tokens, keep: ${flags.keep}: ${formatCount(parameters / 1e6)} million parameters, ${formatCount(unitsPerToken)} units; the plain model generates these tokens in ${formatSeconds(plain)}`,
  );
  line(['stage', 'time', 'processor', 'x plain', 'to read', 'a second', 'memory', 'disk']);
  const written = new Map();
  const rows = [];
  for (const { name: stage, reads, byHand } of stageTable) {
    if (byHand || flags.without.split(',').includes(stage)) continue;
    const before = await diskUse(folder);
    const { status, stderr, usage, seconds } = runStage(stage, folder);
    if (status !== 0) {
      say(`${stage} failed, and the rest was left out: ${stderr.trim().split('\n').at(-1)}`);
      break;
    }
    const { peak, processor } = JSON.parse(await readFile(usage, 'utf8'));
    const disk = Math.max(0, (await diskUse(folder)) - before);
    written.set(stage, disk);
    const read = reads.reduce((sum, each) => sum + (written.get(each) ?? 0), 0);
    rows.push({ stage, seconds, ratio: seconds / plain, processor, read, peak, disk, parameters, ...size });
    line([
      stage,
      formatSeconds(seconds),
      formatSeconds(processor),
      (seconds / plain).toFixed(2),
      read === 0 ? '' : formatBytes(read),
      read === 0 ? '' : formatBytes(read / seconds),
      formatBytes(peak),
      formatBytes(disk),
    ]);
  }
  const after = rows.filter(({ stage }) => !['plan', 'design', 'extract', 'twin', 'wording', 'lesion'].includes(stage));
  const lesion = rows.find(({ stage }) => stage === 'lesion');
  const sum = (of, key) => of.reduce((total, row) => total + row[key], 0);
  say(
    `whole: ${formatSeconds(sum(rows, 'seconds'))}, ${formatBytes(sum(rows, 'disk'))} of disk; after recording ${formatSeconds(sum(after, 'seconds'))} (${formatSeconds(sum(after, 'processor'))} of processors)${lesion ? `, lesions ${formatSeconds(lesion.seconds)} more,` : ''} and at most ${formatBytes(Math.max(0, ...after.map(({ peak }) => peak)))} of memory`,
  );
  await rm(folder, { recursive: true, force: true });
  return rows;
}

/** What a study is forecast to take, before its checkpoint is written. */
function sizeOf(name, { tokens, prompts }) {
  const { blocks, width, feedForward, vocabulary } = shapes[name];
  const weights = 4 * parametersOf(shapes[name]);
  const units = blocks * (8 * width + 2 * feedForward) + 3 * width + vocabulary;
  const widestLayer = Math.max(8 * width + 2 * feedForward, vocabulary + width);
  const recorded = { units, widestLayer, sites: 10 * blocks, runs: 24, storage: 'float32', twin: true, batch: 32 };
  return {
    weights,
    modelBytes: weights / 2,
    prompts,
    tokens,
    ...recorded,
    ...(flags.keep === 'tokens' ? {} : { moments: 1 }),
  };
}

/** Why a study is left out, as the end of a sentence; undefined if it is not. */
async function whyNot(name, size) {
  const stages = forecastStudy(sizeOf(name, size), availableParallelism());
  const seconds = stages.reduce((sum, each) => sum + each.seconds, 0);
  const left = secondsLeft();
  if (seconds > left)
    return `it takes about ${formatSeconds(seconds)}, and ${formatSeconds(Math.max(0, left))} of ${flags.minutes} minutes are left (--minutes)`;
  const disk = stages.reduce((sum, each) => sum + each.disk, 0) + 2 * parametersOf(shapes[name]);
  const free = await freeBytes(flags.folder);
  if (disk > free) return `it takes about ${formatBytes(disk)} of disk, and ${formatBytes(free)} are free`;
  const largest = stages.reduce((a, b) => (b.memory > a.memory ? b : a));
  return tooLarge(largest, machineMemory());
}

const sizes = flags.tokens
  .split(',')
  .flatMap((tokens) =>
    flags.prompts.split(',').map((prompts) => ({ tokens: Number(tokens), prompts: Number(prompts) })),
  );
const measured = [];
for (const name of flags.shapes.split(','))
  for (const size of sizes) {
    const why = await whyNot(name, size);
    if (why === undefined) measured.push(...(await measure(name, size)));
    else say(`\n${name}, ${size.prompts} prompts x ${size.tokens} tokens: left out, since ${why}`);
    if (flags.json) await writeFile(flags.json, JSON.stringify(measured, null, 1));
  }
tellGrowth();

/** For each stage the exponents of parameters, tokens and prompts, of its processor's seconds, its memory and its disk. */
function tellGrowth() {
  say('\ngrowth: exponents of parameters, tokens and prompts (those of which several were measured)');
  for (const stage of new Set(measured.map((row) => row.stage))) {
    const rows = measured.filter((row) => row.stage === stage);
    const grown = rows.map(({ parameters, tokens, prompts }) => ({ parameters, tokens, prompts }));
    const told = ['processor', 'peak', 'disk'].map((what) => {
      const fitted = growthExponents(
        grown,
        rows.map((row) => Math.max(row[what], 1e-3)),
      );
      const terms = Object.entries(fitted).map(([of, exponent]) => `${of}^${exponent.toFixed(2)}`);
      return `${what} ~ ${terms.join(' ')}`;
    });
    if (rows.length > 1 && !told[0].endsWith('~ ')) say(`${stage.padEnd(10)} ${told.join('   ')}`);
  }
}
