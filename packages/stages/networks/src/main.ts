import { claimed } from '@galvani/study';
import { stageMain } from '@galvani/terminal';
import { runNetworks } from './run-networks.js';

await stageMain(claimed('networks', runNetworks));
