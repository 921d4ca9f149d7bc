import { claimed } from '@galvani/study';
import { stageMain } from '@galvani/terminal';
import { wordingStage } from './wording-stage.js';

await stageMain(claimed('wording', wordingStage));
