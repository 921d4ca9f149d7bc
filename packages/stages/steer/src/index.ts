export { type SteeredTask, steerRows } from './steer-rows.js';
export { steerSamples } from './steer-samples.js';
export { steerStage as stage } from './steer-stage.js';
export { textDecoder } from './text-decoder.js';
