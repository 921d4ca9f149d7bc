import { claimed } from '@galvani/study';
import { stageMain } from '@galvani/terminal';
import { glmStage } from './glm-stage.js';

await stageMain(claimed('glm', glmStage));
