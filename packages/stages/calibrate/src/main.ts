/** The calibrate stage as a process. */
import { claimed } from '@galvani/study';
import { stageMain } from '@galvani/terminal';
import { runCalibrate } from './run-calibration.js';

await stageMain(claimed('calibrate', runCalibrate));
