export { runPlan as stage } from './run-plan.js';
