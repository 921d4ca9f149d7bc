/** The report stage as a process. */
import { claimed } from '@galvani/study';
import { stageMain } from '@galvani/terminal';
import { runReport } from './run-report.js';

await stageMain(claimed('report', runReport));
