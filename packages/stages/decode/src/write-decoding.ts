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
import { accuracyInterval } from '@galvani/statistics';
import { replaceStage, type StudyFolder } from '@galvani/study';
import { formatCount, say } from '@galvani/terminal';
import type { Fold } from './fold.js';
import { identify } from './identification.js';
import { type Level, permutationTest } from './permutation-test.js';
import type { Decoding, DecodingRecord } from './prepared-decoding.js';

const levels = ['run', 'prompt'] as const satisfies readonly Level[];

/** Ends the stage: what all folds identify and what permuted labels say of it, as tables and in sentences. */
export async function writeDecoding(
  folder: StudyFolder,
  decoding: Decoding,
  folds: readonly Fold[],
  record: DecodingRecord,
): Promise<void> {
  const { asked, tasks, labellings } = decoding;
  const test = permutationTest(folds, labellings);
  const { scores, predictions } = outcome(folds, decoding);
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
    return { ...record, facts: { tasks } };
  });
  for (const { level, correct, total, lower, upper, chance, p } of accuracy)
    say(
      `decode: ${correct} of ${formatCount(total)} held-out ${level}s identified (95% interval ${percent(lower)} to ${percent(upper)}, chance ${percent(chance)}, permutation p ${p.toPrecision(2)})`,
    );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)}%`;
}

function outcome(folds: readonly Fold[], { tasks, sessions }: Pick<Decoding, 'tasks' | 'sessions'>) {
  const scores: Score[] = [];
  const predictions: Prediction[] = [];
  for (const [held, fold] of folds.entries())
    for (const [i, { scores: all, identified }] of identify(fold, tasks.length, 0).entries()) {
      const { level, run: place, promptId } = fold.heldOut[i];
      const run = sessions[held][place];
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
