export { compareTopics } from './compare-topics.js';
export { drawHalves } from './draw-halves.js';
export { halfAgreement } from './half-maps.js';
export { matchTopics, presentedTopics } from './presented-topics.js';
export { ranksOfTasks, rowsOfTopics } from './topic-rows.js';
export { yardstickStage as stage } from './yardstick-stage.js';
