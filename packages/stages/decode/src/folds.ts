import type { RunActivity } from '@galvani/identification';
import { effectModel, relabelledMaxima, type VarianceRule } from '@galvani/statistics';
import { correctionOf, type StageParameters } from '@galvani/study';
import { advised, Failure, startProgress } from '@galvani/terminal';
import { type Fold, prepareFold } from './fold.js';
import type { Labellings } from './labellings.js';

export interface FoldsOptions {
  networks: StageParameters['networks'];
  labellings: Labellings;
  /** Relabellings of prompts for family-wise thresholds. */
  relabellings: number;
  variance: VarianceRule;
  seed: number;
  /** Places of the sessions that are held out. Default: each in turn. */
  held?: readonly number[];
  signal?: AbortSignal;
}

/**
 * Each session held out in turn.
 *
 * @param sessions for each session its runs, all in the same order of tasks
 */
export async function prepareFolds(
  sessions: readonly (readonly RunActivity[])[],
  { networks, labellings, relabellings, variance, seed, held = [...sessions.keys()], signal }: FoldsOptions,
): Promise<Fold[]> {
  const { task, rest } = commonDesign(sessions.flat());
  const model = effectModel({ task, rest, runs: sessions.length - 1 }, variance);
  const units = sessions[0][0].sums.sum.length;
  const progress = (label: string, total: number) => {
    const shown = startProgress(label, total, 'units');
    const onUnits = (done: number) => {
      signal?.throwIfAborted();
      shown.advance(done);
    };
    return { onUnits, finish: () => shown.finish() };
  };
  const correction = correctionOf(networks.correction);
  let maxima: Float64Array[] | undefined;
  if (networks.top === undefined && !correction.level && !correction.adjust) {
    const relabelling = progress('decode: relabelling prompts', units);
    const means = sessions.map((session) => session.map((run) => run.means));
    const options = { units, task, model, count: relabellings, seed, held };
    maxima = await relabelledMaxima({ ...options, sessions: means, onUnits: relabelling.onUnits });
    relabelling.finish();
  }
  const matching = progress('decode: matching networks of permuted labels', units * held.length);
  const rules = { networks, labellings, model, maxima, onUnits: matching.onUnits };
  const folds: Fold[] = [];
  for (const session of held) folds.push(await prepareFold(sessions, session, rules));
  matching.finish();
  return folds;
}

/** @throws Failure where runs differ in how many prompts they have on and off */
function commonDesign(runs: readonly RunActivity[]): { task: number; rest: number } {
  const [first] = runs;
  const { task, rest } = first.sums;
  const other = runs.find(({ sums }) => sums.task !== task || sums.rest !== rest);
  if (other)
    throw new Failure(
      `${first.run.name} has ${task} prompts on and ${rest} off, ${other.run.name} ${other.sums.task} and ${other.sums.rest}; identification takes one run for another, so all need the same: run ${advised('design', 'design')} again.`,
    );
  return { task, rest };
}
