import { claimed } from '@galvani/study';
import { stageMain } from '@galvani/terminal';
import { powerStage } from './power-stage.js';

await stageMain(claimed('power', powerStage));
