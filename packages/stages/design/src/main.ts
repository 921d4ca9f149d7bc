import { stageMain } from '@galvani/terminal';
import { runDesign } from './run-design.js';

await stageMain(runDesign);
