import { claimed } from '@galvani/study';
import { stageMain } from '@galvani/terminal';
import { steerStage } from './steer-stage.js';

await stageMain(claimed('steer', steerStage));
