import {
  type Accuracy,
  accuracyTable,
  type Confusion,
  confusionTable,
  decodeNetworkTable,
  type Prediction,
  predictionTable,
  type Score,
  scoreTable,
} from '@galvani/artifact';
import { leaveOutUncounted, type RunActivity, readSessions } from '@galvani/identification';
import { openResults } from '@galvani/results';
import { accuracyInterval } from '@galvani/statistics';
import { readParameters, replaceStage, studyFolder } from '@galvani/study';
import { formatCount, type StageArguments, say, UserMistake } from '@galvani/terminal';
import type { Fold } from './fold.js';
import { prepareFolds } from './folds.js';
import { identify } from './identification.js';
import { drawLabellings } from './labellings.js';
import { type Level, permutationTest } from './permutation-test.js';

const levels = ['run', 'prompt'] as const satisfies readonly Level[];

/** The decode stage: events and activations -> decode/{scores,predictions,accuracy,confusion}.parquet. */
export async function decodeStage({
  study,
  root,
  signal,
}: Pick<StageArguments, 'study' | 'signal'> & { root?: string }): Promise<void> {
  const folder = studyFolder(study, root);
  const [asked, networks, glm, runs] = await Promise.all([
    readParameters(folder, 'decode'),
    readParameters(folder, 'networks'),
    readParameters(folder, 'glm'),
    readParameters(folder, 'runs'),
  ]);
  const tasks = [...new Set(runs.map(({ task }) => task))];
  const sessionCount = new Set(runs.map(({ session }) => session)).size;
  if (sessionCount < 2)
    throw new UserMistake(
      'identification holds out one session and selects networks from the others, so design.sessions must be at least 2.',
    );
  const results = await openResults(folder, 'decode', signal);
  const sessions = await readSessions(results, 'decode: reading activity', signal);
  await leaveOutUncounted(sessions.flat(), await results.recording(results.runs[0]), networks);
  const labellings = drawLabellings(tasks.length, sessionCount, asked.permutations, asked.seed);
  const { relabellings, variance } = glm;
  const folds = await prepareFolds(sessions, {
    networks,
    labellings,
    relabellings,
    variance,
    seed: asked.seed,
    signal,
  });
  const test = permutationTest(folds, labellings);
  const { scores, predictions } = outcome(folds, tasks, sessions);
  const accuracy = levels.map((level): Accuracy => {
    const own = predictions.filter((prediction) => prediction.level === level);
    const correct = own.filter((prediction) => prediction.correct).length;
    const { lower, upper } = accuracyInterval(correctOfRuns(own), asked.seed);
    return {
      level,
      correct,
      total: own.length,
      accuracy: correct / own.length,
      lower,
      upper,
      chance: test[level].chance,
      p: test[level].p,
      opposite_p: test[level].oppositeP,
      permutations: asked.permutations,
    };
  });
  await replaceStage(folder, 'decode', async (place) => {
    await scoreTable.write(place('scores.parquet'), scores);
    await predictionTable.write(place('predictions.parquet'), predictions);
    await accuracyTable.write(place('accuracy.parquet'), accuracy);
    await decodeNetworkTable.write(place('networks.parquet'), networksOf(folds, tasks));
    await confusionTable.write(place('confusion.parquet'), confusion(predictions, tasks));
    const parameters = { ...asked, networks, relabellings, variance };
    return { plan: results.plan, parameters, inputs: results.inputs, facts: { tasks } };
  });
  if (tasks.length === 1) {
    say('decode: one task alone has nothing to be told apart from, so it is identified whatever the model does');
    return;
  }
  for (const { level, correct, total, lower, upper, chance, p } of accuracy)
    say(
      `decode: ${correct} of ${formatCount(total)} held-out ${level}s identified (95% interval ${percent(lower)} to ${percent(upper)}, chance ${percent(chance)}, permutation p ${p.toPrecision(2)})`,
    );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)}%`;
}

function outcome(folds: readonly Fold[], tasks: readonly string[], sessions: readonly (readonly RunActivity[])[]) {
  const scores: Score[] = [];
  const predictions: Prediction[] = [];
  for (const [held, fold] of folds.entries())
    for (const [i, { scores: all, identified }] of identify(fold, tasks.length, 0).entries()) {
      const { level, run: place, promptId } = fold.heldOut[i];
      const { run } = sessions[held][place];
      const row = { level, run: run.name, session: run.session, task: run.task, prompt_id: promptId };
      for (const [k, candidate] of tasks.entries()) scores.push({ ...row, candidate, score: all[k] });
      const name = tasks[identified] ?? '';
      predictions.push({ ...row, identified: name, correct: name === run.task });
    }
  return { scores, predictions };
}

function networksOf(folds: readonly Fold[], tasks: readonly string[]) {
  return folds.flatMap(({ session, thresholds, members, statistic }) =>
    tasks.map((task, i) => ({ session, task, members: members[i], threshold: thresholds[i], statistic })),
  );
}

/** Correct and all identifications of each run. */
function correctOfRuns(predictions: readonly Prediction[]): { correct: number; total: number }[] {
  const runs = new Map<string, { correct: number; total: number }>();
  for (const { run, correct } of predictions) {
    const own = runs.get(run) ?? { correct: 0, total: 0 };
    runs.set(run, { correct: own.correct + (correct ? 1 : 0), total: own.total + 1 });
  }
  return [...runs.values()];
}

function confusion(predictions: readonly Prediction[], tasks: readonly string[]): Confusion[] {
  return levels.flatMap((level) =>
    tasks.flatMap((task) =>
      tasks.map((identified) => ({
        level,
        task,
        identified,
        count: predictions.filter((p) => p.level === level && p.task === task && p.identified === identified).length,
      })),
    ),
  );
}
