export { reportStage, reportStage as stage } from './report-stage.js';
