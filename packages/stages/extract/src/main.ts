import { claimed } from '@galvani/study';
import { stageMain } from '@galvani/terminal';
import { extractStage } from './extract-stage.js';

await stageMain(claimed('extract', extractStage));
