import { claimed } from '@galvani/study';
import { stageMain } from '@galvani/terminal';
import { reportStage } from './report-stage.js';

await stageMain(claimed('report', reportStage));
