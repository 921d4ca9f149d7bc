import type { RandomStream } from '@galvani/numerics';

/** What units of a site do at rest, [units] each: their mean over tokens, and the standard deviation. */
export interface RestActivity {
  mean: Float64Array;
  spread: Float64Array;
}

/** Units of one site that resemble a network's: `draw` gives as many, in rising order. */
export interface UnitMatcher {
  draw(stream: RandomStream): Int32Array;
}

/** Units from which each member's substitute is drawn. */
const poolSize = 10;

/**
 * Draws sets of units that are matched with a network's members in number and activity. Each member, in random order, has as its substitute
 * one of the ten units that are nearest to it in mean and in the logarithm of the spread, each in standard
 * deviations over the site, and that are not taken yet.
 *
 * Members may be drawn too: under the null hypothesis a network is a draw like any other, and so p are exact only where it could have
 * been drawn. Units that do not vary are matched with each other.
 *
 * @param members of the site, positions among its units
 * @param candidates units that may be drawn, the members among them
 */
export function unitMatcher(members: Int32Array, candidates: Int32Array, activity: RestActivity): UnitMatcher {
  const [mean, spread] = matchedFeatures(activity, candidates);
  const pool = Math.min(candidates.length, poolSize);
  const distance = new Float64Array(candidates.length);
  const nearest = Array.from(members, (member) => {
    for (const [k, u] of candidates.entries())
      distance[k] = (mean[u] - mean[member]) ** 2 + (spread[u] - spread[member]) ** 2;
    return candidates
      .map((_, k) => k)
      .sort((a, b) => distance[a] - distance[b] || a - b)
      .map((k) => candidates[k]);
  });
  return {
    draw(stream) {
      const taken = new Set<number>();
      const free = new Int32Array(pool);
      for (const k of stream.shuffled([...members.keys()])) {
        let count = 0;
        for (let at = 0; at < candidates.length && count < pool; at++) {
          const unit = nearest[k][at];
          if (!taken.has(unit)) free[count++] = unit;
        }
        taken.add(free[stream.integer(count)]);
      }
      return Int32Array.from(taken).sort();
    },
  };
}

/**
 * How far sets of units are from a network's members in mean and logarithm of spread: differences of averages, in standard deviations over
 * the site's units. Below .1 is called balanced (Austin, Statistics in Medicine 28 (2009), 3083-3107).
 */
export function imbalance(
  members: Int32Array,
  drawn: readonly Int32Array[],
  candidates: Int32Array,
  activity: RestActivity,
): { mean: number; spread: number } {
  const [mean, spread] = matchedFeatures(activity, candidates).map((feature) => {
    const average = (units: Int32Array) => units.reduce((sum, u) => sum + feature[u], 0) / units.length;
    return drawn.reduce((sum, units) => sum + average(units), 0) / drawn.length - average(members);
  });
  return { mean, spread };
}

/** Mean and logarithm of spread of each unit, in standard deviations over the candidates; units that do not vary lie below all others. */
function matchedFeatures({ mean, spread }: RestActivity, candidates: Int32Array): [Float64Array, Float64Array] {
  const least = candidates.reduce(
    (low, u) => (spread[u] > 0 ? Math.min(low, spread[u]) : low),
    Number.POSITIVE_INFINITY,
  );
  const floor = Number.isFinite(least) ? least / 10 : 1;
  const logarithm = spread.map((value) => Math.log(value > 0 ? value : floor));
  return [standardised(mean, candidates), standardised(logarithm, candidates)];
}

function standardised(values: Float64Array, over: Int32Array): Float64Array {
  const mean = over.reduce((sum, u) => sum + values[u], 0) / over.length;
  const variance = over.reduce((sum, u) => sum + (values[u] - mean) ** 2, 0) / over.length;
  const scale = variance > 0 ? 1 / Math.sqrt(variance) : 0;
  return values.map((value) => (value - mean) * scale);
}
