import { claimed } from '@galvani/study';
import { stageMain } from '@galvani/terminal';
import { twinStage } from './twin-stage.js';

await stageMain(claimed('twin', twinStage));
