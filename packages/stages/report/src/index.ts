export { reportStage as stage } from './report-stage.js';
