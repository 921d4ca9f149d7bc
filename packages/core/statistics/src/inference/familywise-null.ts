/** Which direction counts as extreme: |t|, t or -t. F looks one way only ('greater'). */
export type Tail = 'two' | 'greater' | 'less';

/** How extreme a value is, the larger the more so. */
export function extremenessOf(tail: Tail): (value: number) => number {
  if (tail === 'two') return Math.abs;
  return tail === 'less' ? (value) => -value : (value) => value;
}

/** Family-wise p of statistics, and the threshold that goes with it. */
export interface FamilywiseP {
  /** Log10 of the family-wise p of each statistic (signed t, or F); NaN stays NaN. */
  log10p(statistic: Float64Array): Float64Array;
  /** The extremeness (|t|, t, -t or F) above which the family-wise p is at most `alpha`; Infinity when none is. */
  threshold(alpha: number): number;
}

/** The null distribution of the most extreme statistic over a family of units. */
export interface FamilywiseNull extends FamilywiseP {
  /** Largest |t| ('two'), t ('greater', and F) or -t ('less') over the family under each permutation, [m], in plan order. */
  readonly maxima: Float64Array;
  readonly tail: Tail;
  /** Whether the permutations were all that there are. */
  readonly exhaustive: boolean;
  /** What maxima have been divided by, at most 1: see studentizedNull. */
  readonly wildRatio?: number;
}

/**
 * @param maxima most extreme statistic of each permutation, as reported
 * @param reach the same raised by what rounding may have taken away: a statistic up to here counts as equalled
 */
export function familywiseNull(maxima: Float64Array, reach: Float64Array, tail: Tail, exhaustive: boolean): Joinable {
  const sorted = reach.slice().sort();
  const extremeness = extremenessOf(tail);
  return {
    maxima,
    reach,
    tail,
    exhaustive,
    log10p(statistic) {
      return statistic.map((value) => {
        if (Number.isNaN(value)) return NaN;
        return log10Share(sorted.length - firstAtLeast(sorted, extremeness(value)), sorted.length, exhaustive);
      });
    },
    threshold(alpha) {
      const m = sorted.length;
      const allowed = Math.floor((exhaustive ? alpha * m : alpha * (m + 1) - 1) + 1e-9);
      if (allowed < (exhaustive ? 1 : 0)) return Infinity;
      return allowed >= m ? -Infinity : sorted[m - 1 - allowed];
    },
  };
}

/** A null that can be taken as one with others. */
export interface Joinable extends FamilywiseNull {
  readonly reach: Float64Array;
}

/**
 * Log10 of a permutation p: b / m when all permutations are listed (the observed one is among them), (b + 1) / (m + 1) when
 * they are drawn at random. Never 0.
 * Phipson, B. & Smyth, G. (2010). Permutation p-values should never be zero. Stat. Appl. Genet. Mol. Biol. 9, 39.
 */
export function log10Share(reached: number, m: number, exhaustive: boolean): number {
  return Math.log10(exhaustive ? Math.max(reached, 1) / m : (reached + 1) / (m + 1));
}

/** Index of the first of `sorted` (ascending) that is at least `value`. */
export function firstAtLeast(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
