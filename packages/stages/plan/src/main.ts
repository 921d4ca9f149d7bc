import { stageMain } from '@galvani/terminal';
import { planStage } from './plan-stage.js';

await stageMain(planStage);
