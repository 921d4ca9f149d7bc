/** The plan stage as a process. */
import { stageMain } from '@galvani/terminal';
import { runPlan } from './run-plan.js';

await stageMain(runPlan);
