import { stageMain } from '@galvani/terminal';
import { runNetworks } from './run-networks.js';

await stageMain(runNetworks);
