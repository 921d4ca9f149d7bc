import { UserMistake } from '@galvani/terminal';

/** Which direction counts as extreme: |t|, t or -t. F looks one way only ('greater'). */
export type Tail = 'two' | 'greater' | 'less';

/** The null distribution of the most extreme statistic over a family of units. */
export interface FamilywiseNull {
  /** Largest |t| ('two'), t ('greater', and F) or -t ('less') over the family under each permutation, [m], in plan order. */
  readonly maxima: Float64Array;
  readonly tail: Tail;
  /** Whether the permutations were all that there are. */
  readonly exhaustive: boolean;
  /** Log10 of the family-wise p of each statistic (signed t, or F); NaN stays NaN. */
  log10p(statistic: Float64Array): Float64Array;
  /** The extremeness (|t|, t, -t or F) above which the family-wise p is at most `alpha`; Infinity when none is. */
  threshold(alpha: number): number;
}

/**
 * @param maxima most extreme statistic of each permutation, as reported
 * @param reach the same raised by what rounding may have taken away: a statistic up to here counts as equalled
 */
export function familywiseNull(maxima: Float64Array, reach: Float64Array, tail: Tail, exhaustive: boolean): Joinable {
  const sorted = reach.slice().sort();
  return {
    maxima,
    reach,
    tail,
    exhaustive,
    log10p(statistic) {
      return statistic.map((value) => {
        if (Number.isNaN(value)) return NaN;
        const extremeness = tail === 'two' ? Math.abs(value) : tail === 'less' ? -value : value;
        return log10Share(sorted.length - firstAtLeast(sorted, extremeness), sorted.length, exhaustive);
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

interface Joinable extends FamilywiseNull {
  readonly reach: Float64Array;
}

/**
 * The null of several families taken as one (several tasks): permutation i of the whole is permutation i of each part, so
 * the parts need equally many random permutations, drawn from different seeds.
 *
 * @throws UserMistake for exhaustive parts: their lists are not the list of joint permutations
 */
export function joinFamilies(parts: readonly FamilywiseNull[]): FamilywiseNull {
  const joinable = parts as readonly Joinable[];
  const [first] = joinable;
  if (parts.some((part) => part.exhaustive))
    throw new UserMistake(
      'Families whose relabellings were listed exhaustively cannot be taken as one; ask for fewer relabellings than there are, so that they are drawn at random.',
    );
  if (parts.some((part) => part.maxima.length !== first.maxima.length || part.tail !== first.tail))
    throw new RangeError('families to be joined need the same number of relabellings and the same tail');
  const largest = (of: (part: Joinable) => Float64Array) =>
    of(first).map((_, i) => Math.max(...joinable.map((part) => of(part)[i])));
  return familywiseNull(
    largest((part) => part.maxima),
    largest((part) => part.reach),
    first.tail,
    false,
  );
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
function firstAtLeast(sorted: Float64Array, value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
