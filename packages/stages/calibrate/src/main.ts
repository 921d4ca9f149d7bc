import { claimed } from '@galvani/study';
import { stageMain } from '@galvani/terminal';
import { calibrateStage } from './calibrate-stage.js';

await stageMain(claimed('calibrate', calibrateStage));
