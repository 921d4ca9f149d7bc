import { claimed } from '@galvani/study';
import { stageMain } from '@galvani/terminal';
import { runDecode } from './run-decode.js';

await stageMain(claimed('decode', runDecode));
