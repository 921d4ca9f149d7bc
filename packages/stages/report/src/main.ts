/** The report stage as a process. */
import { stageMain } from '@galvani/terminal';
import { runReport } from './run-report.js';

await stageMain(runReport);
