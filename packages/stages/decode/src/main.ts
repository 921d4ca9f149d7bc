import { stageMain } from '@galvani/terminal';
import { runDecode } from './run-decode.js';

await stageMain(runDecode);
