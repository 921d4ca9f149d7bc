import { squareOfDeviate, type VarianceRule } from '../task-effect/effect-model.js';
import { type LevelledPrompts, type PromptSelection, promptContrast } from './prompt-contrast.js';
import { blockUnits, placeOf, type UnitBlocks } from './unit-blocks.js';

/** What one unit shows. */
export interface UnitStatistics {
  /** NaN for a unit without variation. */
  t: number;
  df: number;
  /** The effect in residual standard deviations of a prompt. */
  d: number;
}

/** The contrast of a selection of prompts under several labellings, most of whose units are known not to matter. */
export interface ContrastScreen {
  /**
   * Units whose |z| may be larger than what matters; none is left out.
   *
   * @param least |z| that matters of each labelling, [labellings]
   * @returns labelling and unit, in turn; overwritten by the next call
   */
  reaching(blocks: UnitBlocks, least: Float64Array): Int32Array;
  /** The statistics of one unit; overwritten by the next call. */
  evaluate(blocks: UnitBlocks, labelling: number, unit: number): UnitStatistics;
}

/** Rounding of sums: a unit that is so little below what matters is evaluated. */
const slack = 1 - 1e-6;

/**
 * All units at once without their degrees of freedom, which are at most those of the whole fit, and without what keeps the variance of a condition
 * from being taken for too little: the few that may matter by that are evaluated.
 *
 * @param labellings 1 (on) or 0 for each selected prompt, in each run as many as truly are
 */
export function contrastScreen(
  selection: PromptSelection,
  rule: VarianceRule,
  labellings: readonly Uint8Array[],
): ContrastScreen {
  const contrast = promptContrast(selection, rule);
  const { length, loss, weights, mostFreedom } = contrast;
  const { rows, runs, isOn } = selection;
  const places = rows.map((row) => blockUnits * row);
  const runEnds: number[] = [];
  for (let b = 1; b <= rows.length; b++) if (runs[b] !== runs[b - 1] || b === rows.length) runEnds.push(b);
  const runStarts = [0, ...runEnds.slice(0, -1)];
  const ofRun = (values: ArrayLike<number>, r: number) => {
    let sum = 0;
    for (let b = runStarts[r]; b < runEnds[r]; b++) sum += values[b];
    return sum;
  };
  const sizes = runEnds.map((end, r) => end - runStarts[r]);
  let onEnd = 0;
  const layout: Layout = {
    places,
    runEnds: Int32Array.from(runEnds),
    perSize: Float64Array.from(sizes, (size) => 1 / size),
    shares: Float64Array.from(sizes, (size, r) => ofRun(isOn, r) / size),
    labellings: labellings.length,
    on: isOn.reduce((sum, own) => sum + own, 0),
    onPlaces: Int32Array.from(labellings.flatMap((labels) => [...places].filter((_, b) => labels[b]))),
    onEnds: Int32Array.from(sizes, (_, r) => (onEnd += ofRun(isOn, r))),
    onCounts: Float64Array.from(sizes, (_, r) => ofRun(isOn, r)),
    terms: Float64Array.of(1 / length, ...loss, ...weights),
    means: new Float64Array(blockUnits * sizes.length),
  };
  const square = squareOfDeviate(mostFreedom);
  // A deviate's square takes long, and |z| that matter seldom change.
  const known = new Float64Array(labellings.length).fill(Number.POSITIVE_INFINITY);
  const bounds = known.slice();
  let hits = new Int32Array(0);
  let column = new Float64Array(0);
  let levelled: LevelledPrompts | undefined;
  const found: UnitStatistics = { t: 0, df: 0, d: 0 };
  return {
    reaching(blocks, least) {
      for (let l = 0; l < bounds.length; l++) {
        if (least[l] === known[l]) continue;
        known[l] = least[l];
        bounds[l] = least[l] === Infinity ? Infinity : slack * square(least[l]);
      }
      const most = 2 * labellings.length * blockUnits * Math.ceil(blocks.units / blockUnits);
      if (hits.length < most) hits = new Int32Array(most);
      return hits.subarray(0, screen(blocks, layout, bounds, hits));
    },
    evaluate(blocks, labelling, unit) {
      if (column.length !== blocks.prompts) column = new Float64Array(blocks.prompts);
      const place = placeOf(blocks, unit);
      for (const row of rows) column[row] = blocks.values[place + blockUnits * row];
      levelled = contrast.level(column, 1, 0, 1, levelled);
      const { t, df, d } = contrast.evaluate(levelled, labellings[labelling]);
      found.t = t[0];
      found.df = df[0];
      found.d = d[0];
      return found;
    },
  };
}

interface Layout {
  /** Of each selected prompt in a block, run after run. */
  places: Int32Array;
  /** One past each run's last prompt. */
  runEnds: Int32Array;
  /** 1 / prompts of each run. */
  perSize: Float64Array;
  /** Share of each run's prompts that are on. */
  shares: Float64Array;
  labellings: number;
  /** Prompts that are on in a labelling; their places, one labelling after the other, and one past each run's last. */
  on: number;
  onPlaces: Int32Array;
  onEnds: Int32Array;
  /** Of each run's prompts those that are on. */
  onCounts: Float64Array;
  /** 1 / length, losses and weights of the contrast. */
  terms: Float64Array;
  /** Memory for the means of runs, [runs x 4]. */
  means: Float64Array;
}

/**
 * Four units at a time, since a prompt's place is looked up for each.
 *
 * Squares of both conditions about the fit, each by its weight, are at least those of all prompts by the smaller one, and these follow from the effect
 * and squares that no labelling changes. By that nearly all units are known not to matter from the sum of the prompts that are on.
 *
 * @returns how many numbers of `hits` are set
 */
function screen(
  { values, prompts, units }: UnitBlocks,
  { places, runEnds, perSize, shares, labellings, on, onPlaces, onEnds, onCounts, terms, means }: Layout,
  bounds: Float64Array,
  hits: Int32Array,
): number {
  const step = blockUnits * prompts;
  const perLength = terms[0];
  const onLoss = terms[1];
  const offLoss = terms[2];
  const onWeight = terms[3];
  const offWeight = terms[4];
  const bothLoss = onLoss + offLoss;
  const leastWeight = slack * Math.min(onWeight, offWeight);
  let count = 0;
  for (let unit = 0, base = 0; unit < units; unit += blockUnits, base += step) {
    // Squares about the run's mean.
    let q0 = 0;
    let q1 = 0;
    let q2 = 0;
    let q3 = 0;
    // What the prompts that are on have of their runs' means.
    let l0 = 0;
    let l1 = 0;
    let l2 = 0;
    let l3 = 0;
    for (let r = 0, b = 0; r < runEnds.length; r++) {
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      for (const end = runEnds[r]; b < end; b++) {
        const at = base + places[b];
        const x0 = values[at];
        const x1 = values[at + 1];
        const x2 = values[at + 2];
        const x3 = values[at + 3];
        s0 += x0;
        s1 += x1;
        s2 += x2;
        s3 += x3;
        q0 += x0 * x0;
        q1 += x1 * x1;
        q2 += x2 * x2;
        q3 += x3 * x3;
      }
      const perPrompt = perSize[r];
      const m0 = s0 * perPrompt;
      const m1 = s1 * perPrompt;
      const m2 = s2 * perPrompt;
      const m3 = s3 * perPrompt;
      q0 -= s0 * m0;
      q1 -= s1 * m1;
      q2 -= s2 * m2;
      q3 -= s3 * m3;
      const own = onCounts[r];
      l0 += own * m0;
      l1 += own * m1;
      l2 += own * m2;
      l3 += own * m3;
      means[4 * r] = m0;
      means[4 * r + 1] = m1;
      means[4 * r + 2] = m2;
      means[4 * r + 3] = m3;
    }
    for (let l = 0, first = 0; l < labellings; l++, first += on) {
      let a0 = -l0;
      let a1 = -l1;
      let a2 = -l2;
      let a3 = -l3;
      for (let i = first; i < first + on; i++) {
        const at = base + onPlaces[i];
        a0 += values[at];
        a1 += values[at + 1];
        a2 += values[at + 2];
        a3 += values[at + 3];
      }
      const bound = bounds[l];
      const least = bound * leastWeight;
      const f0 = a0 * perLength;
      const f1 = a1 * perLength;
      const f2 = a2 * perLength;
      const f3 = a3 * perLength;
      if (
        !(f0 * f0 > least * (q0 + f0 * (f0 * bothLoss - 2 * a0))) &&
        !(f1 * f1 > least * (q1 + f1 * (f1 * bothLoss - 2 * a1))) &&
        !(f2 * f2 > least * (q2 + f2 * (f2 * bothLoss - 2 * a2))) &&
        !(f3 * f3 > least * (q3 + f3 * (f3 * bothLoss - 2 * a3)))
      )
        continue;
      // Of prompts that are on: sums, sums times the regressor, and squares.
      let s0 = 0;
      let s1 = 0;
      let s2 = 0;
      let s3 = 0;
      let w0 = 0;
      let w1 = 0;
      let w2 = 0;
      let w3 = 0;
      let p0 = 0;
      let p1 = 0;
      let p2 = 0;
      let p3 = 0;
      for (let r = 0, i = first; r < onEnds.length; r++) {
        const rest = 1 - shares[r];
        const m0 = means[4 * r];
        const m1 = means[4 * r + 1];
        const m2 = means[4 * r + 2];
        const m3 = means[4 * r + 3];
        for (const end = first + onEnds[r]; i < end; i++) {
          const at = base + onPlaces[i];
          const x0 = values[at] - m0;
          const x1 = values[at + 1] - m1;
          const x2 = values[at + 2] - m2;
          const x3 = values[at + 3] - m3;
          s0 += x0;
          s1 += x1;
          s2 += x2;
          s3 += x3;
          w0 += rest * x0;
          w1 += rest * x1;
          w2 += rest * x2;
          w3 += rest * x3;
          p0 += x0 * x0;
          p1 += x1 * x1;
          p2 += x2 * x2;
          p3 += x3 * x3;
        }
      }
      const e0 = s0 * perLength;
      const e1 = s1 * perLength;
      const e2 = s2 * perLength;
      const e3 = s3 * perLength;
      const on0 = p0 + e0 * (e0 * onLoss - 2 * w0);
      const on1 = p1 + e1 * (e1 * onLoss - 2 * w1);
      const on2 = p2 + e2 * (e2 * onLoss - 2 * w2);
      const on3 = p3 + e3 * (e3 * onLoss - 2 * w3);
      const off0 = q0 - p0 + e0 * (e0 * offLoss - 2 * (s0 - w0));
      const off1 = q1 - p1 + e1 * (e1 * offLoss - 2 * (s1 - w1));
      const off2 = q2 - p2 + e2 * (e2 * offLoss - 2 * (s2 - w2));
      const off3 = q3 - p3 + e3 * (e3 * offLoss - 2 * (s3 - w3));
      if (e0 * e0 > bound * (onWeight * on0 + offWeight * off0)) count = put(hits, count, l, unit);
      if (e1 * e1 > bound * (onWeight * on1 + offWeight * off1)) count = put(hits, count, l, unit + 1);
      if (e2 * e2 > bound * (onWeight * on2 + offWeight * off2)) count = put(hits, count, l, unit + 2);
      if (e3 * e3 > bound * (onWeight * on3 + offWeight * off3)) count = put(hits, count, l, unit + 3);
    }
  }
  return count;
}

function put(hits: Int32Array, at: number, labelling: number, unit: number): number {
  hits[at] = labelling;
  hits[at + 1] = unit;
  return at + 2;
}
