/** A site among all units of a model. */
export interface CountedSite {
  /** Place of its first unit. */
  start: number;
  /** Units of the site. */
  width: number;
  /** Of these, units that could be members. */
  units: number;
}

/** How two networks share units. */
export interface Overlap {
  membersA: number;
  membersB: number;
  /** Units in both with the same sign. */
  same: number;
  /** Units in both with opposite signs. */
  opposed: number;
  /** Dice, L. (1945), Ecology 26, 297, of same-sign units: 2 same / (membersA + membersB). NaN for two empty networks. */
  dice: number;
  /** 2 opposed / (membersA + membersB). */
  opposedDice: number;
  /** same / either. NaN for two empty networks. */
  jaccard: number;
  /**
   * What same and opposed would be on average, were the members of each network placed anew in their own sites, signs included: a sum
   * over sites of products of members divided by the site's units.
   */
  expectedSame: number;
  expectedOpposed: number;
  /** Dice of these. */
  expectedDice: number;
  expectedOpposedDice: number;
}

/**
 * @param a members of one network as 1 and -1, others 0, [units]; b likewise
 * @param sites in which members stay when overlap by chance is worked out. Default: one site of all units
 */
export function overlapOf(a: Int8Array, b: Int8Array, sites: readonly CountedSite[] = [oneSite(a)]): Overlap {
  const all = { membersA: 0, membersB: 0, same: 0, opposed: 0, expectedSame: 0, expectedOpposed: 0 };
  for (const { start, width, units } of sites) {
    let [aboveA, belowA, aboveB, belowB] = [0, 0, 0, 0];
    for (let u = start; u < start + width; u++) {
      if (a[u] > 0) aboveA++;
      else if (a[u] < 0) belowA++;
      if (b[u] > 0) aboveB++;
      else if (b[u] < 0) belowB++;
      const product = a[u] * b[u];
      if (product > 0) all.same++;
      else if (product < 0) all.opposed++;
    }
    all.membersA += aboveA + belowA;
    all.membersB += aboveB + belowB;
    if (units === 0) continue;
    all.expectedSame += (aboveA * aboveB + belowA * belowB) / units;
    all.expectedOpposed += (aboveA * belowB + belowA * aboveB) / units;
  }
  const { membersA, membersB, same, opposed, expectedSame, expectedOpposed } = all;
  const diceOf = (shared: number) => (2 * shared) / (membersA + membersB);
  return {
    ...all,
    dice: diceOf(same),
    opposedDice: diceOf(opposed),
    jaccard: same / (membersA + membersB - same - opposed),
    expectedDice: diceOf(expectedSame),
    expectedOpposedDice: diceOf(expectedOpposed),
  };
}

const oneSite = ({ length }: Int8Array): CountedSite => ({ start: 0, width: length, units: length });
