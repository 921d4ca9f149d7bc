/** Gathers how maps of some tasks correlate with other maps of them, over chunks of units. */
export interface MapAgreement {
  /** @param own a map of each task @param others another of each; NaN counts as 0 */
  add(own: readonly Float64Array[], others: readonly Float64Array[]): void;
  /** For each task the correlation of its two maps, and whether the other is the most correlated of all tasks' others. */
  finish(): { correlation: number; identified: boolean }[];
}

export function mapAgreement(tasks: number): MapAgreement {
  let units = 0;
  const products = new Float64Array(tasks * tasks);
  const [sums, squares] = [0, 1].map(() => [new Float64Array(tasks), new Float64Array(tasks)]);
  const value = (x: number) => (Number.isFinite(x) ? x : 0);
  return {
    add(own, others) {
      units += own[0].length;
      for (const [h, maps] of [own, others].entries())
        for (const [t, map] of maps.entries())
          for (let u = 0; u < map.length; u++) {
            const x = value(map[u]);
            sums[h][t] += x;
            squares[h][t] += x * x;
          }
      for (let a = 0; a < tasks; a++)
        for (let b = 0; b < tasks; b++) {
          let sum = 0;
          for (let u = 0; u < own[a].length; u++) sum += value(own[a][u]) * value(others[b][u]);
          products[a * tasks + b] += sum;
        }
    },
    finish() {
      const spread = (h: number, t: number) => squares[h][t] - sums[h][t] ** 2 / units;
      const correlation = (a: number, b: number) =>
        (products[a * tasks + b] - (sums[0][a] * sums[1][b]) / units) / Math.sqrt(spread(0, a) * spread(1, b));
      return Array.from({ length: tasks }, (_, a) => {
        const all = Array.from({ length: tasks }, (_, b) => correlation(a, b));
        return { correlation: all[a], identified: all.every((r, b) => b === a || r < all[a]) };
      });
    },
  };
}
