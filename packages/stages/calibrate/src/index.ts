export { calibrationText, calibrationTrials } from './calibration-text.js';
export { readRestActivations } from './rest-activations.js';
export { runCalibrate as stage, runCalibration } from './run-calibration.js';
