export { calibrateStage as stage, isSimulated, measureErrorRates } from './calibrate-stage.js';
export { calibrationText, calibrationTrials } from './calibration-text.js';
export { readRestActivations } from './rest-activations.js';
