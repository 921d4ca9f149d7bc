import type { Interval } from '@galvani/numerics';

/** What a study says of a claim. */
export type Judgement = 'supported' | 'no evidence' | 'against' | 'cannot be said';

/** A claim as a test. */
export interface Verdict {
  claim: string;
  verdict: Judgement;
  /** What is measured, in the claim's direction. */
  effect?: { what: string; value: number; unit?: 'share' } & Interval;
  p?: number;
  /** Whole sentences: what was found, and why it says no more. */
  words: string;
  /** What would have counted against the claim. */
  refutedBy: string;
}

/** Each claim is tested by itself at this level. */
export const level = 0.05;

/** What a test says. */
export interface TestedClaim {
  /** One-sided, that the effect is in the claim's direction; NaN where there was nothing to test. */
  p: number;
  /** The least p that so few runs, tasks or topics can give. */
  smallest: number;
  /** Whether the effect's interval lies on the other side of what the claim says. */
  opposite: boolean;
  /** One-sided, that the effect is in the other direction, ties counted with it. Default: 1 - p. */
  oppositeP?: number;
}

/**
 * Supported where p is at most .05. Against where the interval excludes the claim and the other tail's p is at most .05: an effect near 0 is no
 * evidence, which is not evidence of none. A test that could not have found anything says nothing.
 */
export function judge({ p, smallest, opposite, oppositeP = 1 - p }: TestedClaim): Judgement {
  if (!Number.isFinite(p)) return 'cannot be said';
  if (p <= level + 1e-12) return 'supported';
  if (smallest > level) return 'cannot be said';
  return opposite && oppositeP <= level + 1e-12 ? 'against' : 'no evidence';
}
