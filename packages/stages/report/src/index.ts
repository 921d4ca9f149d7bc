export { pageName, runReport } from './run-report.js';
