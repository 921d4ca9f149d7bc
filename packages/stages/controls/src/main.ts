import { claimed } from '@galvani/study';
import { stageMain } from '@galvani/terminal';
import { controlsStage } from './controls-stage.js';

await stageMain(claimed('controls', controlsStage));
