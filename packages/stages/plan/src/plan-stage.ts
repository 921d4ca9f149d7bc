import { planStudy, readStudyFile, studyFolder, withPlan } from '@galvani/study';
import { type StageArguments, UserMistake } from '@galvani/terminal';

/** The plan stage: study.yaml and the prompt bank -> plan/<name>.json, what each stage needs to know. */
export async function planStage({ study, yaml, signal }: StageArguments): Promise<void> {
  if (yaml === undefined) throw new UserMistake('the plan stage needs --yaml: the study.yaml to check.');
  const plan = await planStudy(await readStudyFile(yaml));
  await withPlan(studyFolder(study), plan, signal, async () => undefined);
}
