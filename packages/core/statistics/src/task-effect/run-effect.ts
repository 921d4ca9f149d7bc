/**
 * What one run says of its task's effect on every unit: sufficient statistics of the model with a run intercept, a task
 * effect and one observation a prompt. They add over runs, so any choice of runs can be fitted without going back to the
 * activations.
 */
export interface RunEffect {
  /** Prompts of the task. */
  on: number;
  /** Prompts of rest. */
  off: number;
  /** Mean over task prompts minus mean over rest prompts, [units]. */
  effect: Float64Array;
  /** Sum of squares about the two means, [units]. */
  within: Float64Array;
}

/**
 * @param means prompt means, [prompts x units] row-major
 * @param isTask for each prompt 1 (task) or 0 (rest)
 * @example runEffect(Float64Array.of(3, 5, 1, 2), 1, [1, 1, 0, 0]) // { effect: [2.5], within: [2.5] }
 */
export function runEffect(means: Float64Array, units: number, isTask: ArrayLike<number>): RunEffect {
  const sums = [new Float64Array(units), new Float64Array(units)];
  const counts = [0, 0];
  const prompts = means.length / units;
  for (let p = 0; p < prompts; p++) {
    const sum = sums[isTask[p]];
    counts[isTask[p]]++;
    for (let u = 0, at = p * units; u < units; u++, at++) sum[u] += means[at];
  }
  for (const [label, sum] of sums.entries()) for (let u = 0; u < units; u++) sum[u] /= counts[label];
  const within = new Float64Array(units);
  for (let p = 0; p < prompts; p++) {
    const mean = sums[isTask[p]];
    for (let u = 0, at = p * units; u < units; u++, at++) within[u] += (means[at] - mean[u]) ** 2;
  }
  const effect = sums[1].map((on, u) => on - sums[0][u]);
  return { on: counts[1], off: counts[0], effect, within };
}

/** The task effect over several runs. */
export interface PooledEffect {
  /** Least-squares estimate of the one effect that all runs share, [units]. */
  effect: Float64Array;
  /** NaN for a unit without variation, [units]. */
  t: Float64Array;
  /** Cohen's d: the effect in residual standard deviations of a prompt's mean, [units]. */
  d: Float64Array;
  df: number;
}

/**
 * Fits run intercepts and one task effect to several runs: identical to the noise model `prompt` on their stacked prompts
 * (prompts of equal length). Differences between runs' effects count as residual, so a network that does not repeat is not
 * found by many prompts alone.
 *
 * @example pooledEffect([runEffect(Float64Array.of(3, 5, 1, 2), 1, [1, 1, 0, 0])]) // { t: [2.2361], df: 2 }
 */
export function pooledEffect(runs: readonly RunEffect[]): PooledEffect {
  const units = runs[0].effect.length;
  const weights = runs.map(({ on, off }) => (on * off) / (on + off));
  const total = weights.reduce((sum, w) => sum + w, 0);
  const df = runs.reduce((sum, { on, off }) => sum + on + off, 0) - runs.length - 1;
  const effect = new Float64Array(units);
  const t = new Float64Array(units);
  const d = new Float64Array(units);
  for (let u = 0; u < units; u++) {
    let mean = 0;
    for (let r = 0; r < runs.length; r++) mean += weights[r] * runs[r].effect[u];
    mean /= total;
    let squares = 0;
    let size = 0;
    for (let r = 0; r < runs.length; r++) {
      squares += runs[r].within[u] + weights[r] * (runs[r].effect[u] - mean) ** 2;
      size = Math.max(size, Math.abs(runs[r].effect[u]));
    }
    const sd = Math.sqrt(squares / df);
    effect[u] = mean;
    // Spread that is rounding of the values themselves is no spread.
    const tested = sd > 1e-12 * size && sd > 0;
    d[u] = tested ? mean / sd : Number.NaN;
    t[u] = d[u] * Math.sqrt(total);
  }
  return { effect, t, d, df };
}
