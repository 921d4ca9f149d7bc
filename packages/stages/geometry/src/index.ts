export { distanceRows } from './distance-rows.js';
export { geometryStage as stage } from './geometry-stage.js';
export { presentedTasks } from './presented-tasks.js';
