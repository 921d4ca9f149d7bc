/** One of a few hypotheses that are tested together. */
export interface FamilyMember {
  /** How extreme it is, in standard deviations of its draws, so that hypotheses can be compared. */
  excess: number;
  /** The same of each draw, [count], in one or more ways: the k-th of all hypotheses are of one draw. */
  drawn: readonly Float64Array[];
  /** Its p alone, which is the least that it has. */
  p: number;
}

/**
 * p corrected over a family of hypotheses: each is held against the largest under the same draw of any hypothesis that is no more
 * extreme itself, and p are made to rise from the most extreme one on (step-down; Westfall and Young 1993, algorithm 4.1).
 * p = (b + 1) / (m + 1), never 0.
 *
 * @returns p of each, in the order in which they are given
 */
export function stepDownFamily(members: readonly FamilyMember[]): Float64Array {
  const rising = members.map((_, k) => k).sort((a, b) => members[a].excess - members[b].excess);
  const count = members[0]?.drawn[0].length ?? 0;
  const largest = new Float64Array(count).fill(Number.NEGATIVE_INFINITY);
  const out = new Float64Array(members.length);
  for (const k of rising) {
    const { excess, drawn, p } = members[k];
    let reached = 0;
    for (let r = 0; r < count; r++) {
      for (const own of drawn) if (own[r] > largest[r]) largest[r] = own[r];
      if (largest[r] >= excess) reached++;
    }
    out[k] = Math.max(p, (reached + 1) / (count + 1));
  }
  for (let at = rising.length - 2; at >= 0; at--) out[rising[at]] = Math.max(out[rising[at]], out[rising[at + 1]]);
  return out;
}

/**
 * What is observed and its draws in standard deviations of all of them, the observed one included, so that it is one of them under the
 * null hypothesis. 0 where draws do not vary.
 */
export function excessOverDraws(observed: number, drawn: ArrayLike<number>): { excess: number; drawn: Float64Array } {
  const count = drawn.length;
  let sum = observed;
  for (let r = 0; r < count; r++) sum += drawn[r];
  const mean = sum / (count + 1);
  let squares = (observed - mean) ** 2;
  for (let r = 0; r < count; r++) squares += (drawn[r] - mean) ** 2;
  const deviation = Math.sqrt(squares / count);
  const excessOf = (value: number) => (deviation > 0 ? (value - mean) / deviation : 0);
  return { excess: excessOf(observed), drawn: Float64Array.from(drawn, excessOf) };
}
