import { claimed } from '@galvani/study';
import { stageMain } from '@galvani/terminal';
import { yardstickStage } from './yardstick-stage.js';

await stageMain(claimed('yardstick', yardstickStage));
