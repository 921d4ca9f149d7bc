import { claimed } from '@galvani/study';
import { stageMain } from '@galvani/terminal';
import { designStage } from './design-stage.js';

await stageMain(claimed('design', designStage));
