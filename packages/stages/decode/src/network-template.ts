import { effectSign } from '@galvani/results';
import { pooledEffect, type RunEffect } from '@galvani/statistics';
import type { StageParameters } from '@galvani/study';

/** A task's network as a pattern to compare activity with: its units and how each responds to the task. */
export interface NetworkTemplate {
  /** Members, as places among all units. */
  units: Uint32Array;
  /** Cohen's d of each member. */
  weights: Float64Array;
}

/** The network that the given runs of one task show, with a threshold in |t|. */
export function networkTemplate(
  runs: readonly RunEffect[],
  threshold: number,
  rule: Pick<StageParameters['networks'], 'minimumEffect' | 'sign'>,
): NetworkTemplate {
  const { t, d } = pooledEffect(runs);
  const units: number[] = [];
  for (let u = 0; u < t.length; u++) {
    if (Math.abs(t[u]) >= threshold && effectSign(d[u], rule) !== 0) units.push(u);
  }
  return { units: Uint32Array.from(units), weights: Float64Array.from(units, (u) => d[u]) };
}

/**
 * How well activity matches a network: the cosine of the angle between the activity of its members (in standard deviations
 * of rest) and their task effects. It does not grow with the size of a network or the strength of the activity.
 * -1 to 1; -Infinity for an empty network, which therefore identifies nothing.
 */
export function matchNetwork(template: NetworkTemplate, z: Float64Array): number {
  const { units, weights } = template;
  if (units.length === 0) return Number.NEGATIVE_INFINITY;
  let dot = 0;
  let ownLength = 0;
  let length = 0;
  for (let i = 0; i < units.length; i++) {
    const value = z[units[i]];
    dot += weights[i] * value;
    ownLength += weights[i] * weights[i];
    length += value * value;
  }
  return length === 0 ? 0 : dot / Math.sqrt(ownLength * length);
}
