export { runReport, runReport as stage } from './run-report.js';
