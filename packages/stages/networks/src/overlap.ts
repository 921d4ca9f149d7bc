/** How two networks share units. */
export interface Overlap {
  membersA: number;
  membersB: number;
  /** Units in both, whatever their signs. */
  both: number;
  /** Units in both with opposite signs. */
  opposed: number;
  /** Dice, L. (1945), Ecology 26, 297: 2 both / (membersA + membersB). NaN for two empty networks. */
  dice: number;
  /** both / either. NaN for two empty networks. */
  jaccard: number;
  /** Units in both if the members of each were drawn independently. */
  expectedBoth: number;
  expectedDice: number;
}

/**
 * @param a members of one network as 1 and -1, others 0, [units]; b likewise
 * @param counted units that could be members. Default: all
 */
export function overlapOf(a: Int8Array, b: Int8Array, counted = a.length): Overlap {
  let membersA = 0;
  let membersB = 0;
  let both = 0;
  let opposed = 0;
  for (let u = 0; u < a.length; u++) {
    if (a[u] !== 0) membersA++;
    if (b[u] !== 0) membersB++;
    if (a[u] === 0 || b[u] === 0) continue;
    both++;
    if (a[u] !== b[u]) opposed++;
  }
  const expectedBoth = (membersA * membersB) / counted;
  return {
    membersA,
    membersB,
    both,
    opposed,
    dice: (2 * both) / (membersA + membersB),
    jaccard: both / (membersA + membersB - both),
    expectedBoth,
    expectedDice: (2 * expectedBoth) / (membersA + membersB),
  };
}
