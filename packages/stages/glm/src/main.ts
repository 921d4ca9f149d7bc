import { claimed } from '@galvani/study';
import { stageMain } from '@galvani/terminal';
import { runGlm } from './run-glm.js';

await stageMain(claimed('glm', runGlm));
