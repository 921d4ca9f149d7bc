import { identifiedClasses } from '../decoders/decoder.js';

/** How well classes were identified. */
export interface IdentificationMeasures {
  /** Patterns whose class has the highest score. */
  readonly correct: number;
  readonly total: number;
  readonly accuracy: number;
  /** Mean over classes of the share of their patterns that were identified; classes without patterns do not count. */
  readonly balancedAccuracy: number;
  /** Share of patterns whose class has one of the two highest scores. */
  readonly topTwo: number;
}

/**
 * Accuracy, balanced accuracy and top-2 accuracy. Of equal scores the first is the higher. A score of -Infinity is never right.
 *
 * As scikit-learn's accuracy_score, balanced_accuracy_score and, but for ties, top_k_accuracy_score.
 *
 * @param scores [patterns x count]
 * @param classes [patterns]
 */
export function identificationMeasures(
  scores: Float64Array,
  classes: Int32Array,
  count: number,
): IdentificationMeasures {
  const total = classes.length;
  const hits = new Float64Array(count);
  const sizes = new Float64Array(count);
  let [correct, among] = [0, 0];
  for (let i = 0; i < total; i++) {
    const own = scores[i * count + classes[i]];
    sizes[classes[i]]++;
    if (own === Number.NEGATIVE_INFINITY) continue;
    let ahead = 0;
    for (let c = 0; c < count; c++) {
      const other = scores[i * count + c];
      if (other > own || (other === own && c < classes[i])) ahead++;
    }
    if (ahead === 0) {
      correct++;
      hits[classes[i]]++;
    }
    if (ahead < 2) among++;
  }
  const shares = Array.from(hits, (own, c) => own / sizes[c]).filter((_, c) => sizes[c] > 0);
  return {
    correct,
    total,
    accuracy: correct / total,
    balancedAccuracy: shares.reduce((sum, own) => sum + own, 0) / shares.length,
    topTwo: among / total,
  };
}

/**
 * Classes that patterns of other kinds are drawn to: how many patterns that are not of a class, rest among them, are identified as it;
 * and the skewness of these numbers over classes (the third moment over the second to the power 1.5; 0 where all are alike).
 *
 * Radovanovic, Nanopoulos and Ivanovic, J. Machine Learning Research 11 (2010), 2487-2531, with one neighbour.
 *
 * @param scores [patterns x count]
 * @param classes [patterns]; -1 for patterns of no class, as rest
 */
export function hubness(
  scores: Float64Array,
  classes: Int32Array,
  count: number,
): { drawn: Int32Array; skewness: number } {
  const drawn = new Int32Array(count);
  for (const [i, found] of identifiedClasses(scores, count).entries()) if (found !== classes[i]) drawn[found]++;
  const mean = drawn.reduce((sum, own) => sum + own, 0) / count;
  const moment = (power: number) => drawn.reduce((sum, own) => sum + (own - mean) ** power, 0) / count;
  const variance = moment(2);
  return { drawn, skewness: variance > 0 ? moment(3) / variance ** 1.5 : 0 };
}
