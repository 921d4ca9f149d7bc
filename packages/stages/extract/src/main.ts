import { claimed } from '@galvani/study';
import { stageMain } from '@galvani/terminal';
import { runExtract } from './run-extract.js';

await stageMain(claimed('extract', runExtract));
