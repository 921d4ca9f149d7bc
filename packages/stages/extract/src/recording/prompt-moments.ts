import { type MomentSet, momentParts } from '@galvani/artifact';

/** Moments of prompts whose tokens arrive one after the other. */
export interface GrowingMoments {
  /** Adds the outputs of a site at the next token of a prompt. */
  add(site: number, row: number, values: Float32Array): void;
  /** Means and the set's other moments, one after the other: of each for all sites [rows x width]. All starts afresh. */
  take(): Float32Array[];
}

/**
 * Adds up in float64 about each prompt's first token, of which a level hundreds of times the spread takes nothing, and rounds to float32
 * at the end. All moments but means are about the prompt's own mean.
 *
 * @param widths units of each site
 */
export function growingMoments(set: MomentSet, widths: readonly number[], rows: number): GrowingMoments {
  const made = () => widths.map((width) => new Float64Array(rows * width));
  const parts: readonly string[] = momentParts[set];
  const [squared, lagged] = [parts.includes('squares'), parts.includes('lagged')];
  const none: Float64Array[] = [];
  const first = widths.map((width) => new Float32Array(rows * width));
  const sums = made();
  const [squares, products, previous] = [squared ? made() : none, lagged ? made() : none, lagged ? made() : none];
  const counts = widths.map(() => new Int32Array(rows));
  return {
    add(site, row, values) {
      const from = row * widths[site];
      const [level, sum] = [first[site], sums[site]];
      if (counts[site][row]++ === 0) {
        level.set(values, from);
        return;
      }
      if (!squared) {
        for (let u = 0, at = from; u < values.length; u++, at++) sum[at] += values[u] - level[at];
        return;
      }
      for (let u = 0, at = from; u < values.length; u++, at++) {
        const value = values[u] - level[at];
        sum[at] += value;
        squares[site][at] += value * value;
        if (!lagged) continue;
        products[site][at] += value * previous[site][at];
        previous[site][at] = value;
      }
    },
    take() {
      const of = (moment: (site: number, at: number, count: number, mean: number) => number) =>
        widths.map((width, site) => {
          const own = new Float32Array(rows * width);
          for (let row = 0, at = 0; row < rows; row++) {
            const count = counts[site][row];
            for (const end = at + width; at < end; at++) own[at] = moment(site, at, count, sums[site][at] / count);
          }
          return own;
        });
      // About the first token, whose own value is 0.
      const moments = {
        means: () => of((site, at, _, mean) => first[site][at] + mean),
        squares: () => of((site, at, count, mean) => squares[site][at] - count * mean * mean),
        first: () => of((_site, _at, _count, mean) => -mean),
        last: () => of((site, at, _, mean) => previous[site][at] - mean),
        lagged: () =>
          of(
            (site, at, count, mean) =>
              products[site][at] - mean * (2 * count * mean - previous[site][at]) + (count - 1) * mean * mean,
          ),
      };
      const taken = [moments.means(), ...momentParts[set].map((part) => moments[part]())].flat();
      for (const all of [sums, squares, products, previous]) for (const own of all) own.fill(0);
      for (const own of counts) own.fill(0);
      return taken;
    },
  };
}
