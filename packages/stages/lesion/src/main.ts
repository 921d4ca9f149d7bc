import { claimed } from '@galvani/study';
import { stageMain } from '@galvani/terminal';
import { lesionStage } from './lesion-stage.js';

await stageMain(claimed('lesion', lesionStage));
