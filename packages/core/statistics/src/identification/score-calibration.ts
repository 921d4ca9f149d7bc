import { softmax } from '../decoders/logistic.js';
import { minimize } from '../noise/minimize.js';

/** Scores of the rows that a fold held out, [rows x classes], and the rows' classes. */
export interface ScoredFold {
  readonly scores: Float64Array;
  readonly classes: Int32Array;
}

/** How far scores can be read as probabilities. */
export interface ScoreCalibration {
  /** [folds], what each fold's scores were divided by. */
  readonly temperatures: Float64Array;
  /** For each fold [rows x classes]. */
  readonly probabilities: Float64Array[];
  /** Mean of (probability of what is identified) against (share right), over ten bins of equal width, weighted by patterns: 0 to 1. */
  readonly expectedCalibrationError: number;
  /** Mean over patterns of the sum over classes of squared errors of probabilities: 0 to 2. */
  readonly brier: number;
}

/** Bins of equal width by which scores are compared with what comes of them. */
export const calibrationBins = 10;

/** The bin of a probability; each has its upper bound and not its lower one, the first has 0 too. */
export const calibrationBin = (probability: number): number =>
  Math.max(0, Math.ceil(probability * calibrationBins) - 1);

/**
 * Calibration of scores, which are made probabilities by a softmax of scores over a temperature. A fold's temperature is the one of the
 * highest likelihood for all other folds' scores, so that neither its own scores nor their classes have a part in it (the other folds'
 * decoders did learn from its rows).
 *
 * Guo et al., ICML 2017 (temperature, expected calibration error); Brier, Monthly Weather Review 78 (1950), 1-3.
 *
 * @param folds at least two
 */
export function scoreCalibration(folds: readonly ScoredFold[], count: number): ScoreCalibration {
  if (folds.length < 2) throw new RangeError('A temperature is fitted to other folds, so there must be at least two.');
  const temperatures = Float64Array.from(folds, (_, held) =>
    fittedTemperature(
      folds.filter((_, f) => f !== held),
      count,
    ),
  );
  const probabilities = folds.map(({ scores }, f) => softmax(scores, count, temperatures[f]));
  const bins = Array.from({ length: calibrationBins }, () => ({ sure: 0, right: 0 }));
  let [squares, total] = [0, 0];
  for (const [f, { classes }] of folds.entries())
    for (let i = 0; i < classes.length; i++) {
      const own = probabilities[f].subarray(i * count, (i + 1) * count);
      let best = 0;
      for (let c = 0; c < count; c++) {
        if (own[c] > own[best]) best = c;
        squares += (own[c] - (classes[i] === c ? 1 : 0)) ** 2;
      }
      const bin = bins[calibrationBin(own[best])];
      bin.sure += own[best];
      bin.right += best === classes[i] ? 1 : 0;
      total++;
    }
  const error = bins.reduce((sum, { sure, right }) => sum + Math.abs(sure - right), 0);
  return { temperatures, probabilities, expectedCalibrationError: error / total, brier: squares / total };
}

/**
 * The temperature by which scores have the highest likelihood, within e^10 times the standard deviation of scores about their row's
 * highest either way (where all are right it would be 0, where they tell nothing it would be infinite).
 */
function fittedTemperature(folds: readonly ScoredFold[], count: number): number {
  const gaps = folds.flatMap(({ scores }) =>
    Array.from(scores, (own, at) => highest(scores, at, count) - own).filter(Number.isFinite),
  );
  const size = Math.sqrt(gaps.reduce((sum, own) => sum + own * own, 0) / gaps.length) || 1;
  const loss = (log: number) => {
    let sum = 0;
    for (const { scores, classes } of folds) {
      const odds = softmax(scores, count, size * Math.exp(log));
      for (let i = 0; i < classes.length; i++)
        sum -= Math.log(Math.max(odds[i * count + classes[i]], Number.MIN_VALUE));
    }
    return sum;
  };
  return size * Math.exp(minimize(loss, -10, 10, 41));
}

function highest(scores: Float64Array, at: number, count: number): number {
  const from = at - (at % count);
  let most = Number.NEGATIVE_INFINITY;
  for (let c = 0; c < count; c++) most = Math.max(most, scores[from + c]);
  return most;
}
