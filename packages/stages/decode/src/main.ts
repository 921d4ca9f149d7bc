import { claimed } from '@galvani/study';
import { stageMain } from '@galvani/terminal';
import { decodeStage } from './decode-stage.js';

await stageMain(claimed('decode', decodeStage));
