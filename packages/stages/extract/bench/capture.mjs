/**
 * What recording costs on Galactica-125M's shape: tokens per second with every site written to disk, as the same graph
 * without sites gives them in the same process, and the share of the time that is spent in onnxruntime's run. The last
 * lines are whole traces, each in a process of its own, loading included.
 *
 *     node packages/stages/extract/bench/capture.mjs [--tokens 32] [--batches 1,8,32] [--rounds 3]
 *         [--storage float32] [--folder DIR]
 */
import { spawnSync } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadSubject } from '@galvani/model';
import { trace } from '../dist/index.js';
import { columnsOf, record, scalarColumns } from '../dist/recording/record.js';
import { slabSize } from '../dist/recording/slab-size.js';
import { createSlabWriter } from '../dist/recording/slab-writer.js';
import { randomCheckpoint } from './random-checkpoint.mjs';

const { values: flags } = parseArgs({
  options: {
    tokens: { type: 'string', default: '32' },
    batches: { type: 'string', default: '1,8,32' },
    rounds: { type: 'string', default: '3' },
    folder: { type: 'string', default: join(tmpdir(), 'galvani-bench') },
    storage: { type: 'string', default: 'float32' },
    memory: { type: 'string' },
  },
});
const { storage } = flags;
const newTokens = Number(flags.tokens);
const rounds = Number(flags.rounds);
const model = await randomCheckpoint(join(flags.folder, 'galactica-shape'));
const path = join(flags.folder, 'trace.arrow');
await mkdir(flags.folder, { recursive: true });
const promptOf = (row) => Int32Array.from({ length: 16 }, (_, i) => 5 + ((row * 7919 + i * 104_729) % 49_000));
const promptsOf = (batch) => Array.from({ length: batch }, (_, row) => promptOf(row));
const greedy = { method: 'greedy' };

if (flags.memory) await measureMemory(Number(flags.memory));
else await measureSpeed(flags.batches.split(',').map(Number));
await rm(path, { force: true });

/** One trace in a process of its own: its peak memory and its time from start to the file's end. */
async function measureMemory(batch) {
  const began = performance.now();
  let first;
  const onTokens = () => {
    first ??= performance.now() - began;
  };
  const { bytes } = await trace({ model, inputIds: promptsOf(batch), newTokens, out: path, storage, batch, onTokens });
  const seconds = (performance.now() - began) / 1000;
  const peak = process.resourceUsage().maxRSS / 1e3;
  process.stdout.write(
    `batch ${batch}: ${(bytes / 1e6).toFixed(0)} MB in ${seconds.toFixed(2)} s with loading, first token after ${(first / 1000).toFixed(2)} s, peak memory ${peak.toFixed(0)} MB\n`,
  );
}

async function measureSpeed(batches) {
  const inside = watchOnnxruntime();
  const plain = await loadSubject(model, { tap: false });
  const tapped = await loadSubject(model, { half: storage === 'float16' });
  process.stdout.write(`${tapped.sites.length} sites, ${tapped.sites.reduce((n, { width }) => n + width, 0)} units\n`);
  process.stdout.write('batch   plain tokens/s   recorded tokens/s   ratio   inside onnxruntime\n');
  for (const batch of batches) {
    const prompts = promptsOf(batch);
    const best = { plain: 0, recorded: 0, inside: 0 };
    for (let round = 0; round <= rounds; round++) {
      const plainTime = await timed(() => plain.generate({ prompts, newTokens, sampling: greedy }));
      // To free the last round's file is not part of recording, and goes on in the file system when it is gone.
      await rm(path, { force: true });
      await setTimeout(250);
      inside.reset();
      const recordedTime = await timed(() => recordOnce(tapped, prompts));
      const share = inside.seconds() / recordedTime;
      // The first round makes buffers and warms caches.
      if (round === 0) continue;
      best.plain = Math.max(best.plain, (batch * newTokens) / plainTime);
      best.recorded = Math.max(best.recorded, (batch * newTokens) / recordedTime);
      best.inside = Math.max(best.inside, share);
    }
    const ratio = best.recorded / best.plain;
    const columns = [
      String(batch).padStart(5),
      best.plain.toFixed(1).padStart(16),
      best.recorded.toFixed(1).padStart(19),
      ratio.toFixed(3).padStart(7),
      best.inside.toFixed(3).padStart(20),
    ];
    process.stdout.write(`${columns.join(' ')}${storage === 'float32' ? '   (at least 0.9 each)' : ''}\n`);
  }
  await plain.release();
  await tapped.release();
  for (const batch of batches)
    spawnSync(
      process.execPath,
      [
        fileURLToPath(import.meta.url),
        '--memory',
        String(batch),
        '--tokens',
        flags.tokens,
        '--folder',
        flags.folder,
        '--storage',
        storage,
      ],
      {
        stdio: 'inherit',
      },
    );
}

async function recordOnce(subject, prompts) {
  const columns = columnsOf(subject);
  const files = [{ path, sites: columns.map((_, s) => s) }];
  const units = subject.sites.reduce((n, { width }) => n + width, 0);
  const scalars = Object.values(scalarColumns);
  const size = slabSize({ prompts: prompts.length, newTokens, units, order: 'generation', batch: prompts.length });
  const writer = await createSlabWriter({
    columns,
    files,
    storage,
    scalars,
    checksum: false,
    durable: false,
  });
  const keys = prompts.map((_, p) => p);
  const presentation = { prompts, keys, newTokens, sampling: greedy };
  await record(subject, presentation, { ...size, order: 'generation', scalars }, writer);
  await writer.finish();
}

async function timed(work) {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

/** Counts the time inside onnxruntime's own `run`. */
function watchOnnxruntime() {
  const require = createRequire(import.meta.url);
  const { binding } = require(join(dirname(require.resolve('onnxruntime-node')), 'binding.js'));
  let total = 0;
  binding.InferenceSession = class extends binding.InferenceSession {
    run(...args) {
      const began = performance.now();
      try {
        return super.run(...args);
      } finally {
        total += performance.now() - began;
      }
    }
  };
  return {
    reset: () => {
      total = 0;
    },
    seconds: () => total / 1000,
  };
}
