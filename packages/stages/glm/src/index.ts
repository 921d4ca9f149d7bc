export { calibrationText, calibrationTrials } from './calibration/calibration-text.js';
export { type RestActivations, readRestActivations } from './calibration/rest-activations.js';
export { type CalibrationArguments, runCalibration } from './calibration/run-calibration.js';
export { correctedStatistics } from './corrected-statistics.js';
export { type MapSet, mapSetsOf } from './map-set.js';
export { runGlm } from './run-glm.js';
export { type RunRows, readRunRows } from './run-rows.js';
export { promptDesign, type SetDesign, tokenDesign } from './set-design.js';
export { type LayerResult, prepareSet, type SetModel } from './set-model.js';
