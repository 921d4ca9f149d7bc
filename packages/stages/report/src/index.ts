export { verdicts } from './findings/verdicts/verdicts.js';
export { reportStage as stage } from './report-stage.js';
