import { claimed } from '@galvani/study';
import { stageMain } from '@galvani/terminal';
import { geometryStage } from './geometry-stage.js';

await stageMain(claimed('geometry', geometryStage));
