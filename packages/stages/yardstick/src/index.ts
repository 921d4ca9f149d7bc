export { drawHalves } from './draw-halves.js';
export { halfAgreement } from './half-maps.js';
export { matchTopics } from './presented-topics.js';
export { yardstickStage as stage } from './yardstick-stage.js';
