import { damagedOutputs, openActivationFile, readManifest } from '@galvani/artifact';
import { activationsPath, runFolder, type StudyFolder } from '@galvani/study';
import { Failure } from '@galvani/terminal';
import type { ReplayedRun } from './replay-sites.js';
import { wholeColumn } from './whole-column.js';

/** A site's rows beside those that were recorded. */
export interface Comparison {
  run: string;
  site: string;
  /** Numbers that differ in any bit. */
  different: number;
  numbers: number;
  /** Of numbers that differ, relative to the site's largest number in the run. 0 where none differ; NaN where one of two is NaN. */
  largest: number;
}

/**
 * Holds a replayed site against its recorded activations, bit for bit. Undefined where no rows of it were recorded.
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
  if (!recorded || recording.keep !== 'tokens') return undefined;
  const path = activationsPath(folder, run, recorded.layer);
  const file = `${recorded.layer}.arrow`;
  const listed = (await readManifest(runFolder(folder, run)))?.outputs[file];
  if (!listed) return undefined;
  const [damage] = await damagedOutputs(
    runFolder(folder, run),
    { outputs: { [file]: listed } },
    { memory: folder.verified, signal },
  );
  if (damage) throw new Failure(`extract/${run}/${damage.file} ${damage.problem}: run galvani extract again.`);
  const now = await wholeColumn(await replayed.open(site), site);
  const then = await wholeColumn(await openActivationFile(path), site);
  const different = { count: Math.abs(now.length - then.length), largest: 0 };
  const [nowBits, thenBits] = [now, then].map((own) => new Uint32Array(own.buffer, own.byteOffset, own.length));
  let scale = 0;
  for (let i = 0; i < then.length; i++) {
    if (Math.abs(then[i]) > scale) scale = Math.abs(then[i]);
    if (nowBits[i] === thenBits[i]) continue;
    different.count++;
    const distance = Math.abs(now[i] - then[i]);
    if (!(distance <= different.largest)) different.largest = distance;
  }
  const largest = different.largest === 0 ? 0 : different.largest / scale;
  return { run, site, different: different.count, numbers: then.length, largest };
}
