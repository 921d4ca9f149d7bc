import { stageMain } from '@galvani/terminal';
import { runExtract } from './run-extract.js';

await stageMain(runExtract);
