/**
 * The general linear model: designs, contrasts, noise models, inference; and what else is tested.
 *
 * @module @galvani/statistics
 */
export { calibrate } from './calibration/calibrate.js';
export { calibratePrompts } from './calibration/calibrate-prompts.js';
export { noiseProcesses, simulateNoise, varianceOfMean } from './calibration/noise-process.js';
export { promptNoises } from './calibration/prompt-noise.js';
export { calibrateOnActivations } from './calibration/real-activations.js';
export type { CalibrationRow } from './calibration/tally.js';
export { componentTasks } from './components/component-tasks.js';
export { type SpatialComponents, spatialComponents } from './components/spatial-components.js';
export type { Contrast } from './contrast/contrast.js';
export { checkEstimable, requireEstimable } from './contrast/estimability.js';
export { contrastF, type FContrastResult } from './contrast/f-contrast.js';
export { contrastT, type TContrastResult } from './contrast/t-contrast.js';
export { columnProducts } from './decoders/column-products.js';
export { type Decoder, identifiedClasses, type Scorer, type Training } from './decoders/decoder.js';
export { chosenRows, type DecodingFold, heldOutScores } from './decoders/held-out-scores.js';
export { innerProducts, type Patterns } from './decoders/inner-products.js';
export { logistic, softmax } from './decoders/logistic.js';
export { heldOutCentroidScores, nearestCentroid } from './decoders/nearest-centroid.js';
export { coordinatesOf, type PatternCoordinates, patternCoordinates } from './decoders/pattern-coordinates.js';
export { ridgeClassifier } from './decoders/ridge-classifier.js';
export { shrunkenLda } from './decoders/shrunken-lda.js';
export { type Standardisation, standardisation, standardisedPatterns } from './decoders/standardised-patterns.js';
export { blockDesign, boxcars, runIntercepts } from './design/block-design.js';
export { confoundDesign } from './design/confounds.js';
export { type DesignReport, designReport } from './design/design-report.js';
export { cosineDrift, driftPerRun, polynomialDrift } from './design/drift.js';
export { eventDesign, type TimedEvent } from './design/event-regressor.js';
export { exponentialKernel } from './design/exponential-kernel.js';
export { tokenResponse } from './design/finite-impulse-response.js';
export type { HemodynamicModel } from './design/hemodynamic-response.js';
export { modulator } from './design/modulator.js';
export { firstRowFrom, lastRowUntil } from './design/time-to-row.js';
export {
  type DesignMatrix,
  designOf,
  designSpace,
  joinDesigns,
  type NamedColumns,
  segmentMeans,
} from './design-matrix.js';
export { outlierUnits } from './diagnostics/outlier-units.js';
export { createDiagnostics, type ResidualDiagnostics } from './diagnostics/residual-diagnostics.js';
export { createRestDrift } from './diagnostics/rest-drift.js';
export { unitCopies } from './diagnostics/unit-copies.js';
export { cohensDInterval } from './effect-size/cohens-d.js';
export { partialEtaSquaredInterval } from './effect-size/partial-eta-squared.js';
export { createEstimator, effectiveDesign, fitsPrompts } from './estimator.js';
export { type Estimator, type Fit, unitFlag } from './fit.js';
export { averageLinkage } from './geometry/average-linkage.js';
export { crossnobis } from './geometry/crossnobis.js';
export { noiseCeiling, sessionDistances } from './geometry/noise-ceiling.js';
export { noiseNormalisedProducts, type PatternProducts, shrunkenProducts } from './geometry/noise-normalisation.js';
export { conditionPairs, type PatternCells } from './geometry/pattern-cells.js';
export { ceilingP, meanOverSessions } from './geometry/relabelled-ceiling.js';
export { relabelledDistances } from './geometry/relabelled-distances.js';
export { type Conjunction, conjunction } from './groups/conjunction.js';
export { fixedEffects } from './groups/fixed-effects.js';
export { fixedEffectsF } from './groups/fixed-effects-f.js';
export { type MetaAnalysis, metaAnalysis } from './groups/meta-analysis.js';
export { randomEffects } from './groups/random-effects.js';
export { accuracyInterval } from './identification/accuracy-interval.js';
export {
  hubness,
  type IdentificationMeasures,
  identificationMeasures,
} from './identification/identification-measures.js';
export { mcnemarP } from './identification/mcnemar.js';
export { type PairedAnswers, type PairedComparison, pairedComparison } from './identification/paired-comparison.js';
export {
  calibrationBin,
  calibrationBins,
  type ScoreCalibration,
  type ScoredFold,
  scoreCalibration,
} from './identification/score-calibration.js';
export { signFlipSumP } from './identification/sign-flip-sum.js';
export { requireExchangeable } from './inference/exchangeability.js';
export type { FamilywiseNull, FamilywiseP, Tail } from './inference/familywise-null.js';
export { joinFamilies } from './inference/joint-null.js';
export type { MaximumNull } from './inference/maximum-null.js';
export { maximumNull } from './inference/maximum-statistic.js';
export { partitionDesign } from './inference/partition.js';
export { type PermutationPlan, planPermutations } from './inference/permutation-plan.js';
export { permutationF, permutationT, signFlipT } from './inference/permutation-test.js';
export { planSignFlips } from './inference/sign-flip-plan.js';
export { smallestP } from './inference/smallest-p.js';
export { type PromptLayout, promptLayout, segmentsOf, uniformLayout } from './layout.js';
export { lesionTest } from './lesion/lesion-test.js';
export { imbalance, type RestActivity, unitMatcher } from './lesion/matched-units.js';
export { resampledMeans } from './lesion/resampled-means.js';
export { overlapTest } from './network-overlap/overlap-test.js';
export { relabelledOverlap } from './network-overlap/relabelled-overlap.js';
export { diceInterval, resampledOverlap } from './network-overlap/resampled-overlap.js';
export { strongestCut } from './network-overlap/strongest-cut.js';
export { type RunMeans, type TaskPatterns, taskPatterns } from './network-overlap/task-patterns.js';
export { bytesPerUnit, calibratedModels, type NoiseModel, noiseModel } from './noise/noise-models.js';
export type { PromptMoments } from './noise/prompt-moments.js';
export { expectedPower, noncentralitiesOf } from './power/expected-power.js';
export { fingerprinted, mostAlike } from './reliability/fingerprinting.js';
export { halvesOf } from './reliability/halves.js';
export {
  emptyMoments,
  intraclassCoefficients,
  intraclassCorrelation,
  ratingMoments,
} from './reliability/intraclass-correlation.js';
export { jackknife } from './reliability/jackknife.js';
export { chooseRuns, relabelledP, relabelSessions } from './reliability/relabelled-sessions.js';
export {
  correlationsOf,
  likenessOverHalves,
  likenessOverSessions,
  type MapProducts,
  mapProducts,
  withinBetween,
} from './reliability/run-likeness.js';
export { spearmanBrown } from './reliability/spearman-brown.js';
export { contrastRows, rowsOf } from './spread/bearing-rows.js';
export { type CellSums, cellSums, cellSumsWithout, meanOfCells } from './task-effect/cell-sums.js';
export { cellTest } from './task-effect/cell-test.js';
export {
  criticalSquares,
  type EffectModel,
  effectModel,
  sizeOfDeviate,
  type UnitEffect,
  type VarianceRule,
} from './task-effect/effect-model.js';
export { adjustedDeviate, familywiseDeviate, levelDeviate } from './task-effect/network-threshold.js';
export { cellEffects, promptEffects } from './task-effect/prompt-effects.js';
export { relabelledMaxima } from './task-effect/relabelled-maxima.js';
export { type RunSums, runSums } from './task-effect/run-sums.js';
export { strongestSoFar } from './task-effect/strongest-so-far.js';
export { taskDeviates, taskEffect } from './task-effect/task-effect.js';
export { contrastScreen } from './topics/contrast-screen.js';
export { type OverTopics, overTopics } from './topics/over-topics.js';
export {
  type PromptContrastStatistics,
  type PromptSelection,
  promptContrast,
} from './topics/prompt-contrast.js';
export { rankSum } from './topics/rank-sum.js';
export { largestDeviate, shuffledLabels } from './topics/relabelled-selection.js';
export { topicEffects } from './topics/topic-effects.js';
export { blockUnits, placeOf, type UnitBlocks, unitBlocks } from './topics/unit-blocks.js';
