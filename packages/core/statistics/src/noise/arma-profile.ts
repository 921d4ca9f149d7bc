import type { ArmaForms } from './arma-forms.js';
import type { ArmaProblem } from './arma-problem.js';
import type { ArmaScales } from './arma-scales.js';

/** Steps of the grid of ar from 0 to its bound. */
const arSteps = 12;
/** Into how many parts each of them is cut where the best is sought between its points. */
const parts = 16;

const nowhere: Lowest = { value: Number.POSITIVE_INFINITY, y: 0 };

/** Lowest point over ar at one ma. */
export interface Lowest {
  /** The criterion; Infinity where there is no such ar. */
  value: number;
  /** ar on its scale. */
  y: number;
}

/**
 * The criterion's lowest points over ar at one ma, for a unit's forms: on the side of positive autocorrelation (ar + ma > 0)
 * and on that of negative. What all units share at that ma is computed once.
 */
export function armaProfiles(problem: ArmaProblem, scales: ArmaScales) {
  const { df } = problem;
  const gridY = Float64Array.from({ length: 2 * arSteps + 1 }, (_, i) => (scales.arEnd * (i - arSteps)) / arSteps);
  const grid = gridY.map(scales.arAt);
  const fineY = Float64Array.from(
    { length: 2 * arSteps * parts + 1 },
    (_, k) => scales.arEnd * (k / parts / arSteps - 1),
  );
  const fine = fineY.map(scales.arAt);
  const squares = new Float64Array(grid.length);
  const values = new Float64Array(grid.length);

  return (forms: ArmaForms): ((unit: Float64Array) => [positive: Lowest, negative: Lowest]) => {
    const points = Array.from(grid, (ar) => problem.point(forms, ar));
    const point = problem.point(forms, 0);
    // The criterion rises with squares times these, which takes no logarithm for each unit.
    const least = points.reduce((low, { logs }) => (logs < low ? logs : low), Number.POSITIVE_INFINITY);
    const scale = Float64Array.from(points, ({ logs }) => Math.exp((logs - least) / df));
    let own: Float64Array;
    let side = 0;
    while (side < grid.length && grid[side] <= -forms.ma) side++;

    function lowest(first: number, last: number): Lowest {
      let best = -1;
      for (let i = first; i < last; i++)
        if (best < 0 ? values[i] < Number.POSITIVE_INFINITY : values[i] < values[best]) best = i;
      if (best < 0) return nowhere;
      const known = { value: df * Math.log(squares[best]) + points[best].logs, y: gridY[best] };
      const y = between(Math.min(Math.max(best, 1), grid.length - 2), values[best], known.y);
      if (y === known.y) return known;
      const ar = scales.arAt(y);
      if (ar > -forms.ma !== grid[best] > -forms.ma) return nowhere;
      problem.point(forms, ar, point);
      const value = df * Math.log(problem.squares(point, own)) + point.logs;
      return value < known.value ? { value, y } : known;
    }

    /** Squares and determinants are near parabolas between three points of the grid, however sharp the criterion is. */
    function between(i: number, least: number, from: number): number {
      const a = grid[i - 1];
      const b = grid[i];
      const c = grid[i + 1];
      const la = scale[i - 1];
      const lb = scale[i];
      const lc = scale[i + 1];
      let value = least;
      let y = from;
      let best = Math.round(((y - gridY[0]) / (gridY[1] - gridY[0])) * parts);
      for (let reach = parts / 4; reach >= 1; reach /= 4) {
        const middle = best;
        for (let k = middle - 3 * reach; k <= middle + 3 * reach; k += reach) {
          const t = k / parts - i;
          if (k === middle || t < -1 || t > 1) continue;
          const z = fine[k];
          const wa = ((z - b) * (z - c)) / ((a - b) * (a - c));
          const wc = ((z - a) * (z - b)) / ((c - a) * (c - b));
          const sum = wa * squares[i - 1] + (1 - wa - wc) * squares[i] + wc * squares[i + 1];
          const here = sum * (lb + (t * (lc - la + t * (la - 2 * lb + lc))) / 2);
          if (sum > 0 && here > 0 && here < value) {
            value = here;
            best = k;
            y = fineY[k];
          }
        }
      }
      return y;
    }

    return (unit) => {
      own = unit;
      for (let i = 0; i < grid.length; i++) {
        squares[i] = problem.squares(points[i], unit);
        values[i] = squares[i] * scale[i];
      }
      return [lowest(side, grid.length), lowest(0, side)];
    };
  };
}
