/**
 * What one run says of its task's effect on every unit: sums of the prompts' means about the run's mean. They add over runs, so
 * any choice of runs can be fitted without going back to the activations.
 */
export interface RunSums {
  /** Prompts of the task. */
  task: number;
  /** Prompts of rest. */
  rest: number;
  /** Sum over task prompts, [units]; that over rest is its negative. */
  sum: Float64Array;
  /** Sum of squares over task prompts, [units]. */
  taskSquares: Float64Array;
  /** Sum of squares over rest prompts, [units]. */
  restSquares: Float64Array;
}

/** Units that are gone through together, so that their sums stay in the cache. */
const block = 1024;

/**
 * @param means prompt means, [prompts x units] row-major
 * @param isTask for each prompt 1 (task) or 0 (rest)
 * @example runSums(Float64Array.of(3, 5, 0, 2), 1, [1, 1, 0, 0]) // { sum: [3], taskSquares: [6.5], restSquares: [6.5] }
 */
export function runSums(means: Float32Array | Float64Array, units: number, isTask: ArrayLike<number>): RunSums {
  const prompts = means.length / units;
  const mean = new Float64Array(units);
  const sum = new Float64Array(units);
  const squares = [new Float64Array(units), new Float64Array(units)];
  const counts = [0, 0];
  for (let p = 0; p < prompts; p++) counts[isTask[p]]++;
  for (let first = 0; first < units; first += block) {
    const end = Math.min(units, first + block);
    for (let p = 0; p < prompts; p++)
      for (let u = first, at = p * units + first; u < end; u++, at++) mean[u] += means[at];
    for (let u = first; u < end; u++) mean[u] /= prompts;
    for (let p = 0; p < prompts; p++) {
      const own = squares[isTask[p]];
      for (let u = first, at = p * units + first; u < end; u++, at++) {
        const value = means[at] - mean[u];
        own[u] += value * value;
        if (isTask[p]) sum[u] += value;
      }
    }
  }
  const [restSquares, taskSquares] = squares;
  for (let u = 0; u < units; u++) {
    // Spread that is rounding of the values themselves is no spread.
    if (taskSquares[u] + restSquares[u] > prompts * (1e-13 * mean[u]) ** 2) continue;
    sum[u] = 0;
    taskSquares[u] = 0;
    restSquares[u] = 0;
  }
  return { task: counts[1], rest: counts[0], sum, taskSquares, restSquares };
}
