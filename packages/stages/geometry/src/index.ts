export { distanceRows } from './distance-rows.js';
export { distinctPrompts, productsAmong } from './distinct-prompts.js';
export { geometryStage as stage } from './geometry-stage.js';
export { presentedTasks } from './presented-tasks.js';
