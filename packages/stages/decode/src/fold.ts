import {
  againstRest,
  type Baseline,
  type RunActivity,
  restBaseline,
  taskActivity,
  taskPrompts,
} from '@galvani/identification';
import { strongestCount } from '@galvani/results';
import { type EffectModel, familywiseDeviate, levelDeviate } from '@galvani/statistics';
import { correctionOf, type StageParameters } from '@galvani/study';
import { type Labellings, trainingSources } from './labellings.js';
import { type NetworkThreshold, scoreNetworks, statisticOf } from './network-scores.js';

/** A held-out pattern of activity and the run it comes from. */
export interface HeldOut {
  level: 'run' | 'prompt';
  /** Place of the run among those of its session. */
  run: number;
  /** Empty for a run. */
  promptId: string;
}

/**
 * One session held out: networks, thresholds and baseline come from the other sessions alone. A source is a choice of a training
 * run of each other session; each labelling names one for each task.
 */
export interface Fold {
  session: number;
  heldOut: HeldOut[];
  /** |t| or |z|, as `statistic` says, from which a unit belongs to each task's network, with the true labels. */
  thresholds: number[];
  statistic: 't' | 'z';
  /** Number of members of each task's network, with the true labels. */
  members: number[];
  /** Match of every held-out pattern with the network of every source, [sources x patterns]. */
  scores: Float64Array;
  /** For each labelling and task its source, [labellings x tasks]. */
  sourceOf: Int32Array;
}

export interface FoldRules {
  networks: StageParameters['networks'];
  labellings: Labellings;
  model: EffectModel;
  /** Largest |t| of relabelled training runs, for each held-out session, where the correction asks for them. */
  maxima?: readonly Float64Array[];
  onUnits?: (units: number) => void;
}

/**
 * @param sessions for each session its runs, all in the same order of tasks
 * @param held place of the session to hold out
 */
export async function prepareFold(
  sessions: readonly (readonly RunActivity[])[],
  held: number,
  { networks, labellings, model, maxima, onUnits }: FoldRules,
): Promise<Fold> {
  const training = sessions.filter((_, s) => s !== held);
  const baseline = restBaseline(training.flat());
  const { heldOut, patterns } = heldOutPatterns(baseline, sessions[held]);
  const { sources, sourceOf } = trainingSources(labellings, held);
  const threshold = foldThreshold(training, networks, maxima?.[held]);
  const { scores, members, thresholds } = await scoreNetworks({
    training: training.map((session) => session.map(({ sums }) => sums)),
    sources,
    profiles: training.map((session) => session.map((run) => taskActivity(baseline, run))),
    patterns,
    model,
    rule: networks,
    threshold,
    onUnits,
  });
  const { tasks } = labellings;
  return {
    session: sessions[held][0].run.session,
    heldOut,
    thresholds: Array.from({ length: tasks }, (_, task) => thresholds[sourceOf[task]]),
    statistic: statisticOf(threshold),
    members: Array.from({ length: tasks }, (_, task) => members[sourceOf[task]]),
    scores,
    sourceOf,
  };
}

/** Units that are put into patterns together. */
const block = 32;

/** In standard deviations of the training sessions' rest, [units x patterns]. */
function heldOutPatterns(baseline: Baseline, session: readonly RunActivity[]) {
  const heldOut: HeldOut[] = [];
  const activity: Float64Array[] = [];
  for (const [run, { isTask, promptIds }] of session.entries()) {
    heldOut.push({ level: 'run', run, promptId: '' });
    activity.push(taskActivity(baseline, session[run]));
    for (const p of taskPrompts(isTask)) {
      heldOut.push({ level: 'prompt', run, promptId: promptIds[p] });
      activity.push(againstRest(baseline, session[run], [p]));
    }
  }
  const units = baseline.mean.length;
  const patterns = new Float64Array(units * heldOut.length);
  // A few units at a time, whose patterns lie together.
  for (let first = 0; first < units; first += block) {
    const end = Math.min(units, first + block);
    for (const [k, own] of activity.entries())
      for (let u = first, at = first * heldOut.length + k; u < end; u++, at += heldOut.length)
        patterns[at] = Number.isFinite(own[u]) ? own[u] : 0;
  }
  return { heldOut, patterns };
}

/**
 * The study's own rule for networks, in a form that takes no notice of which training run had which task: one threshold for all
 * tasks; or, where it depends on a network's own p or has a number of members, for any choice of runs by what they show.
 */
function foldThreshold(
  training: readonly (readonly RunActivity[])[],
  { correction, alpha, family, top }: StageParameters['networks'],
  maxima: Float64Array | undefined,
): NetworkThreshold {
  const rule = correctionOf(correction);
  const tasks = training[0].length;
  const tested = testedUnits(training);
  if (top !== undefined) return { strongest: strongestCount(top, tested) };
  const fixed = levelDeviate(rule, alpha, tested * (family === 'study' ? tasks : 1));
  if (fixed !== undefined) return { statistic: 'z', least: fixed };
  if (rule.adjust) return { adjust: rule.adjust, alpha, tested };
  if (!maxima) throw new RangeError('a family-wise threshold needs the maxima of relabelled runs');
  return { statistic: 't', least: familywiseDeviate(maxima, alpha, family === 'study' ? tasks : 1) };
}

/** Units that vary in some training run. */
function testedUnits(training: readonly (readonly RunActivity[])[]): number {
  const runs = training.flat().map(({ sums }) => sums);
  let tested = 0;
  for (let u = 0; u < runs[0].sum.length; u++)
    if (runs.some(({ taskSquares, restSquares }) => taskSquares[u] + restSquares[u] > 0)) tested++;
  return tested;
}
