export { planStage as stage } from './plan-stage.js';
