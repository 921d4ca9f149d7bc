import { join } from 'node:path';
import { canonicalJson, writeFileWhole } from '@galvani/artifact';
import { replaceStage, studyFolder } from '@galvani/study';
import { advised, type StageArguments, say, shownPath, UserMistake, warn } from '@galvani/terminal';
import { cautions } from './findings/cautions.js';
import { sentences } from './findings/summary.js';
import { verdicts } from './findings/verdicts/verdicts.js';
import { reportPage } from './report-page.js';
import { readResults } from './results/study-results.js';
import { readTaskActivity } from './results/task-activity.js';
import { readUnitTexts } from './results/unit-texts.js';

/** The page's name in `report/`, and that of what it says of the study, for programs. */
export const pageName = 'index.html';
const findingsName = 'findings.json';

/**
 * Writes `report/index.html`, one self-contained page, and `report/findings.json`, from whatever stages have finished; then the manifest, whose
 * inputs are the manifests of those stages. Prints where the page is, relative to the workspace.
 * @throws UserMistake where no stage has finished
 */
export async function reportStage({ study, root, signal }: StageArguments): Promise<void> {
  const folder = studyFolder(study, root);
  const results = await readResults(folder, signal);
  for (const line of results.leftOut) warn(line);
  if (![...results.manifests.keys()].some((name) => name !== 'plan'))
    throw new UserMistake(
      `${study} holds no results to report: no stage has finished there. Run ${advised('run', 'all')}, or ${advised('design', 'design')} and the stages after it, or give the folder of a study that was run with --out.`,
    );
  signal.throwIfAborted();
  const courses = await readTaskActivity(results, { folder, root, signal });
  if (courses.notReplayed !== undefined)
    warn(`the activity of the strongest units is shown over prompts' means alone: ${courses.notReplayed}`);
  signal.throwIfAborted();
  const text = reportPage(results, courses, await readUnitTexts(results, courses, signal));
  const findings = { summary: sentences(results), verdicts: verdicts(results), cautions: cautions(results) };
  await replaceStage(folder, 'report', async (place) => {
    await writeFileWhole(place(pageName), text);
    await writeFileWhole(place(findingsName), canonicalJson(findings));
    const { followed: plan, inputs } = results;
    const facts = { runs: results.plan.runs.length, tasks: results.tasks.length };
    return { plan, parameters: { ...results.plan.report }, inputs, facts };
  });
  say(`report: ${shownPath(join(folder.report, pageName))}`);
}
