import { claimed } from '@galvani/study';
import { stageMain } from '@galvani/terminal';
import { runDesign } from './run-design.js';

await stageMain(claimed('design', runDesign));
