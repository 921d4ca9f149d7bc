/** The plan stage as a process: `node main.js STUDY.yaml FOLDER` checks the study and writes its slices. */
import { resolve } from 'node:path';
import { studyFolder } from '@galvani/artifact';
import { interruptible, runCommand, UserMistake } from '@galvani/terminal';
import { planStudy } from './plan.js';
import { withPlan } from './slice-file.js';
import { readStudyFile } from './study-file.js';

await runCommand(async () => {
  const [study, folder] = process.argv.slice(2);
  if (!study || !folder)
    throw new UserMistake('the plan stage needs a study.yaml and a folder for the study’s derivatives.');
  const plan = await planStudy(await readStudyFile(study));
  await interruptible((signal) => withPlan(studyFolder(resolve(folder)), plan, signal, async () => undefined));
});
