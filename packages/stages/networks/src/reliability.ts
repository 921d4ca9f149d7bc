import type { Reliability } from '@galvani/artifact';
import { clopperPearson } from '@galvani/numerics';
import {
  chooseRuns,
  correlationsOf,
  fingerprinted,
  halvesOf,
  jackknife,
  likenessOverHalves,
  likenessOverSessions,
  mapProducts,
  mostAlike,
  relabelledP,
  relabelSessions,
  spearmanBrown,
  withinBetween,
} from '@galvani/statistics';
import { overlapOf } from './overlap.js';
import { strongestUnits } from './repeatability.js';
import { bearersOf, leftOut, type SessionMaps } from './session-maps.js';

/** Most relabellings of sessions, and most ways to halve them. */
export const mostRelabellings = 2000;
const mostHalves = 100;

/** Share of units whose overlap is compared: the same for all tasks, so that no relabelling changes how many they are. */
const strongestShare = 0.05;

type Bearers = readonly ArrayLike<number>[];

/** How alike tasks are, [first x tasks] as likenessOverSessions has it. */
type Likeness = (bearers: Bearers, first?: number) => Float64Array;

interface Measure {
  name: string;
  likeness: Likeness;
  /** To a scale on which estimates spread alike, and back. */
  scale?: { to(x: number): number; from(x: number): number };
  /** Of likeness found with so many sessions left, what it is with all of them. */
  lengthened?(r: number, sessions: number): number;
  /** Reliability of the mean map of all sessions. */
  whole(within: number): number;
}

const fisher = { to: Math.atanh, from: Math.tanh };

/** Rows of `reliability.parquet`. */
export function reliabilityRows(maps: SessionMaps): Reliability[] {
  const { products } = mapProducts(maps.z);
  const correlations = correlationsOf(products);
  const sessions = maps.sessions.length;
  const half = (of: number) => Math.floor(of / 2);
  const measures: Measure[] = [
    {
      name: 'correlation',
      likeness: (bearers, first) => likenessOverSessions(correlations, bearers, first),
      scale: fisher,
      whole: (r) => spearmanBrown(r, sessions),
    },
    { name: 'dice', likeness: diceLikeness(maps), whole: () => Number.NaN },
    {
      name: 'split-half',
      likeness: (bearers, first) => likenessOverHalves(products, bearers, halvesOf(bearers.length, mostHalves), first),
      scale: fisher,
      lengthened: (r, left) => spearmanBrown(r, half(sessions) / half(left)),
      whole: (r) => spearmanBrown(r, sessions / half(sessions)),
    },
  ];
  return [...measures.flatMap((measure) => rowsOf(measure, maps)), ...fingerprintRows(correlations, maps)];
}

/** Of the strongest units of each run those that two have in common with one sign. */
function diceLikeness({ z, counted }: SessionMaps): Likeness {
  const chosen = z.map((map) => strongestUnits(map, Math.max(1, Math.round(strongestShare * counted))));
  const dice = new Float64Array(z.length ** 2);
  for (let a = 0; a < z.length; a++)
    for (let b = 0; b <= a; b++) {
      const own = overlapOf(chosen[a], chosen[b]).dice;
      dice[a * z.length + b] = own;
      dice[b * z.length + a] = own;
    }
  return (bearers, first) => likenessOverSessions(dice, bearers, first);
}

function rowsOf({ name, likeness, scale, lengthened = (r) => r, whole }: Measure, maps: SessionMaps): Reliability[] {
  const tasks = maps.tasks.length;
  const sessions = maps.sessions.length;
  const { all, without } = leftOut(sessions);
  const found = estimatesOf(likeness(bearersOf(maps, all)), tasks);
  const left = without.map((some) => {
    const own = likeness(bearersOf(maps, some)).map((r) => lengthened(r, some.length));
    return some.length < 2 ? undefined : estimatesOf(own, tasks);
  });
  const joint = relabelSessions(tasks, sessions, mostRelabellings, 1);
  const relabelled = Float64Array.from({ length: joint.count }, (_, i) => {
    const bearers = all.map((s) =>
      Array.from({ length: tasks }, (_, t) => s * tasks + joint.runOf[(i * sessions + s) * tasks + t]),
    );
    return estimatesOf(likeness(bearers), tasks).at(-1)!.difference;
  });
  const choices = chooseRuns(tasks, sessions, mostRelabellings, 1);
  const chosen = Float64Array.from(tasks > 1 ? choices.runs : [], (places) => {
    const bearers = places.map((place, s) => {
      const others = Array.from({ length: tasks - 1 }, (_, k) => s * tasks + (k < place ? k : k + 1));
      return [s * tasks + place, ...others];
    });
    return estimatesOf(likeness(bearers, 1), tasks)[0].difference;
  });
  return [...maps.tasks, ''].map((task, t) => {
    const { within, between, difference } = found[t];
    const spread = (of: 'within' | 'difference', on?: Measure['scale']) => {
      const { to, from } = on ?? { to: Number, from: Number };
      const values = left.map((own) => to(own?.[t][of] ?? Number.NaN));
      const { lower, upper } = jackknife(to(found[t][of]), values);
      return { lower: from(lower), upper: from(upper) };
    };
    const [own, apart] = [spread('within', scale), spread('difference')];
    const [values, exhaustive] = task === '' ? [relabelled, joint.exhaustive] : [chosen, choices.exhaustive];
    const tested = tasks > 1 ? values.length : 0;
    return {
      measure: name,
      task,
      within,
      lower: own.lower,
      upper: own.upper,
      between,
      difference,
      difference_lower: apart.lower,
      difference_upper: apart.upper,
      whole: whole(within),
      p: tested > 0 ? relabelledP(difference, values, exhaustive) : Number.NaN,
      labellings: tested,
      exhaustive,
    };
  });
}

interface Estimate {
  within: number;
  between: number;
  difference: number;
}

/** Of each task, and last their means. */
function estimatesOf(likeness: Float64Array, tasks: number): Estimate[] {
  const { within, between } = withinBetween(likeness, tasks);
  const estimate = (a: number, b: number) => ({ within: a, between: b, difference: a - b });
  const mean = (values: Float64Array) => values.reduce((a, b) => a + b, 0) / values.length;
  return [...Array.from(within, (own, t) => estimate(own, between[t])), estimate(mean(within), mean(between))];
}

function fingerprintRows(correlations: Float64Array, { tasks, sessions }: SessionMaps): Reliability[] {
  const [T, S] = [tasks.length, sessions.length];
  if (T < 2) return [];
  const runs = Array.from({ length: S * T }, (_, run) => run);
  const alike = mostAlike(
    correlations,
    runs.map((run) => Math.floor(run / T)),
  );
  const shareOf = (taskOf: ArrayLike<number>) => fingerprinted(alike, taskOf, T).reduce((a, b) => a + b, 0) / S / T;
  const joint = relabelSessions(T, S, mostRelabellings, 1);
  const relabelled = Array.from({ length: joint.count }, (_, i) => {
    const taskOf = new Int32Array(S * T);
    for (const run of runs) taskOf[Math.floor(run / T) * T + joint.runOf[i * S * T + run]] = run % T;
    return shareOf(taskOf);
  });
  const shareAmong = (chosen: readonly number[]) => chosen.filter((run) => chosen.includes(alike[run])).length / S;
  const ofTask = (places: readonly number[]) => shareAmong(places.map((place, s) => s * T + place));
  const choices = chooseRuns(T, S, mostRelabellings, 1);
  const chosen = choices.runs.map(ofTask);
  return [...tasks, ''].map((task, t) => {
    const all = task === '';
    const [shares, exhaustive] = all ? [relabelled, joint.exhaustive] : [chosen, choices.exhaustive];
    const own = all ? shareOf(runs.map((run) => run % T)) : ofTask(sessions.map(() => t));
    const between = shares.reduce((a, b) => a + b, 0) / shares.length;
    const trials = all ? S * T : S;
    const { lower, upper } = clopperPearson(Math.round(own * trials), trials);
    return {
      measure: 'fingerprint',
      task,
      within: own,
      lower,
      upper,
      between,
      difference: own - between,
      difference_lower: Number.NaN,
      difference_upper: Number.NaN,
      whole: Number.NaN,
      p: relabelledP(own, shares, exhaustive),
      labellings: shares.length,
      exhaustive,
    };
  });
}
