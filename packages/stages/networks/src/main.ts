import { claimed } from '@galvani/study';
import { stageMain } from '@galvani/terminal';
import { networksStage } from './networks-stage.js';

await stageMain(claimed('networks', networksStage));
