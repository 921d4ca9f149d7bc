import { stageMain } from '@galvani/terminal';
import { runGlm } from './run-glm.js';

await stageMain(runGlm);
