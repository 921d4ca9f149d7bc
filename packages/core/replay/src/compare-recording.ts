import { join } from 'node:path';
import { damagedOutputs, readManifest, recordedFile } from '@galvani/artifact';
import { runFolder, type StudyFolder } from '@galvani/study';
import { advised, Failure } from '@galvani/terminal';
import { rowsOfUnits } from './replay-rows.js';
import type { ReplayedRun } from './replay-sites.js';

/** A site's rows beside what was recorded. */
export interface Comparison {
  run: string;
  site: string;
  /** What was recorded: a row of each token, or their means over each prompt, which rounding moves. */
  of: 'tokens' | 'prompts';
  /** Numbers that differ in any bit. */
  different: number;
  numbers: number;
  /** Of numbers that differ, relative to the site's largest number in the run. 0 where none differ; NaN where one of two is NaN. */
  largest: number;
}

/**
 * Holds the units of a site that were asked for against their recorded activations, bit for bit, or their means over each prompt against those
 * that were recorded. Undefined where nothing of the site was.
 * @throws Failure where the recorded file is damaged
 */
export async function compareWithRecording(
  folder: StudyFolder,
  replayed: ReplayedRun,
  site: string,
  signal?: AbortSignal,
): Promise<Comparison | undefined> {
  const { run, recording } = replayed;
  const recorded = recording.sites.find(({ name }) => name === site);
  if (!recorded) return undefined;
  const of = recording.keep;
  const file = recordedFile(of);
  const path = join(runFolder(folder, run), file);
  const listed = (await readManifest(runFolder(folder, run)))?.outputs[file];
  if (!listed) return undefined;
  const [damage] = await damagedOutputs(
    runFolder(folder, run),
    { outputs: { [file]: listed } },
    { memory: folder.verified, signal },
  );
  if (damage)
    throw new Failure(`extract/${run}/${damage.file} ${damage.problem}: run ${advised('extract', 'extract')} again.`);
  const units = replayed.unitsOf(site);
  const rows = await replayed.rows(site);
  const now = of === 'tokens' ? rows : promptMeans(rows, units?.length ?? recorded.width, replayed);
  const then = await rowsOfUnits(path, site, units);
  return { run, site, of, numbers: then.length, ...difference(now, then) };
}

/** Numbers that differ in any bit, and by how much at most, relative to the largest that is expected. */
function difference(found: Float32Array, expected: Float32Array): Pick<Comparison, 'different' | 'largest'> {
  const [ours, theirs] = [found, expected].map((own) => new Uint32Array(own.buffer, own.byteOffset, own.length));
  let different = Math.abs(found.length - expected.length);
  let largest = 0;
  let scale = 0;
  for (let i = 0; i < expected.length; i++) {
    scale = Math.max(scale, Math.abs(expected[i]) || 0);
    if (ours[i] === theirs[i]) continue;
    different++;
    const distance = Math.abs(found[i] - expected[i]);
    if (!(distance <= largest)) largest = distance;
  }
  return { different, largest: largest === 0 ? 0 : largest / scale };
}

/** Means of rows [rows x width] over each prompt's tokens, [prompts x width], of those tokens that the recording's means are of. */
function promptMeans(
  rows: Float32Array,
  width: number,
  { tokens, events, recording }: Pick<ReplayedRun, 'tokens' | 'events' | 'recording'>,
): Float32Array {
  const sums = new Float64Array(events.length * width);
  const counts = new Int32Array(events.length);
  for (const [row, { prompt, after_end }] of tokens.entries()) {
    if (after_end && recording.afterEnd === 'drop') continue;
    counts[prompt]++;
    for (let unit = 0; unit < width; unit++) sums[prompt * width + unit] += rows[row * width + unit];
  }
  return Float32Array.from(sums, (sum, at) => sum / counts[Math.floor(at / width)]);
}
