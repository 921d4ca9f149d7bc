import { conditionVariances, effectCovariance, leastPart } from '../spread/condition-variances.js';
import { extendBasis } from '../spread/orthonormal-basis.js';
import type { CellSums } from './cell-sums.js';
import type { UnitEffect, VarianceRule } from './effect-model.js';

/** Prompts of one run and condition. */
export interface EffectCell {
  /** By any number. */
  readonly run: number;
  /** 1 (task) or 0 (rest). */
  readonly isTask: number;
  readonly sums: CellSums;
}

/** The test of a task's effect in every unit. */
export interface CellTest {
  /** Between these lie all degrees of freedom. */
  readonly leastFreedom: number;
  readonly mostFreedom: number;
  /**
   * Visits the units that vary about the fit and whose t squared is at least `least`, in order.
   *
   * @param visit what is found is overwritten by the next unit's
   */
  eachBeyond(least: number, visit: (unit: number, found: UnitEffect) => void): void;
}

/** Units that are gone through together, so that their sums stay in the processor's cache. */
const tileWidth = 1024;

/**
 * Least squares of run intercepts and one task effect from sums over the prompts of each run and condition: the model gives all prompts of
 * a cell one value, so that their sum of squares about it is that about their mean and what the mean is off. In a run with both cells that
 * is a matter of the difference of their means; one without either tells nothing but spread.
 *
 * @param cells a run's two at most, in any order
 * @throws RangeError where no run has both task and rest prompts, or none is left to tell the spread
 */
export function cellTest(cells: readonly EffectCell[], rule: VarianceRule): CellTest {
  const runs = [...new Set(cells.map(({ run }) => run))];
  const cellOf = cells.flatMap(({ sums }, c) => Array.from({ length: sums.count }, () => c));
  const B = cellOf.length;
  const intercepts = extendBasis(
    [],
    runs.map((own) => Float64Array.from(cellOf, (c) => (cells[c].run === own ? 1 : 0))),
  );
  const label = Float64Array.from(cellOf, (c) => cells[c].isTask);
  const [regressor] = extendBasis(intercepts, [label]);
  const mostFreedom = B - runs.length - 1;
  if (!regressor || mostFreedom < 1)
    throw new RangeError(`${B} prompts in ${runs.length} runs do not tell a task's effect and its spread.`);
  const length = regressor.reduce((sum, value, b) => sum + value * label[b], 0);
  const model = conditionVariances({
    vectors: [regressor.map((value) => value / length)],
    basis: [...intercepts, regressor],
    conditions: Int32Array.from(cellOf, (c) => (rule === 'separate' ? cells[c].isTask : 0)),
  });
  const estimate = effectCovariance(model);
  const { count, unbiased, shares, freedom } = model;
  const partsOf = (own: readonly number[]) =>
    own.map((c) => {
      const b = cellOf.indexOf(c);
      return { sums: cells[c].sums, weight: regressor[b], condition: model.conditionOf[b] };
    });
  const ofRuns = runs.map((run) =>
    partsOf([...cells.keys()].filter((c) => cells[c].run === run).sort((a, b) => cells[b].isTask - cells[a].isTask)),
  );
  const paired = ofRuns.filter((own) => own.length === 2);
  const single = ofRuns.filter((own) => own.length === 1).flat();
  const units = cells[0].sums.mean.length;
  const along = new Float64Array(tileWidth);
  // Of one condition the second has nothing.
  const squares = [new Float64Array(tileWidth), new Float64Array(tileWidth)];
  const at = (g: number, h: number) => (g < count && h < count ? unbiased[g * count + h] : 0);
  const [tt, tr, rt, rr] = [at(0, 0), at(0, 1), at(1, 0), at(1, 1)];
  const [first, second] = [shares[0][0], count > 1 ? shares[1][0] : 0];
  const [leastFirst, leastSecond] = [leastPart / freedom[0], count > 1 ? leastPart / freedom[1] : 0];

  function addTile(from: number, to: number): void {
    along.fill(0);
    for (const own of squares) own.fill(0);
    for (const [{ sums: task, weight }, { sums: rest }] of paired) {
      const [mean, other, counted] = [task.mean, rest.mean, weight * task.count];
      for (let u = 0, k = from; k < to; u++, k++) along[u] += counted * (mean[k] - other[k]);
    }
    for (const [task, rest] of paired) {
      const [{ count: n, mean, squares: about }, { count: m, mean: other, squares: aboutOther }] = [
        task.sums,
        rest.sums,
      ];
      const [ofTask, ofRest] = [squares[task.condition], squares[rest.condition]];
      const [up, down] = [m / (n + m), -n / (n + m)];
      const [weight, restWeight] = [task.weight, rest.weight];
      for (let u = 0, k = from; k < to; u++, k++) {
        const apart = mean[k] - other[k];
        const off = up * apart - weight * along[u];
        const restOff = down * apart - restWeight * along[u];
        ofTask[u] += about[k] + n * off * off;
        ofRest[u] += aboutOther[k] + m * restOff * restOff;
      }
    }
    for (const { sums, condition } of single) {
      const own = squares[condition];
      for (let u = 0, k = from; k < to; u++, k++) own[u] += sums.squares[k];
    }
  }

  /** A unit's sum of squares. */
  const sizeOf = (unit: number) =>
    cells.reduce((sum, { sums }) => sum + sums.squares[unit] + sums.count * sums.mean[unit] ** 2, 0);

  return {
    mostFreedom,
    leastFreedom: freedom.reduce((least, own) => Math.min(least, own), mostFreedom),
    eachBeyond(least, visit) {
      const found: UnitEffect = { effect: 0, variance: 0, df: 0, d: 0 };
      const [a, b] = squares;
      for (let from = 0; from < units; from += tileWidth) {
        const to = Math.min(units, from + tileWidth);
        addTile(from, to);
        for (let u = 0; u < to - from; u++) {
          const effect = along[u] / length;
          const variance =
            Math.max(tt * a[u] + tr * b[u], leastFirst * a[u]) * first +
            Math.max(rt * a[u] + rr * b[u], leastSecond * b[u]) * second;
          if (!(effect * effect >= least * variance)) continue;
          const residual = a[u] + b[u];
          // Less is rounding of the values themselves.
          if (!(residual > 1e-24 * sizeOf(from + u))) continue;
          const { covariance, df } = estimate([a[u], b[u]]);
          found.effect = effect;
          found.variance = covariance[0];
          found.df = df;
          found.d = effect / Math.sqrt(residual / mostFreedom);
          visit(from + u, found);
        }
      }
    },
  };
}
