export { designRuns } from './design.js';
export { designStage as stage } from './design-stage.js';
export { balancedOrder } from './stimulus-order.js';
