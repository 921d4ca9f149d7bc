import {
  type Accuracy,
  accuracyTable,
  type Confusion,
  confusionTable,
  type Prediction,
  predictionTable,
  type Score,
  scoreTable,
} from '@galvani/artifact';
import { clopperPearson } from '@galvani/numerics';
import { openResults, type Results } from '@galvani/results';
import { readParameters, replaceStage, studyFolder } from '@galvani/study';
import { formatCount, type StageArguments, say, startProgress, UserMistake } from '@galvani/terminal';
import { type RunActivity, readRunActivity } from './activity.js';
import { type Fold, prepareFold } from './fold.js';
import { identify, permutationTest } from './identification.js';

const levels = ['run', 'prompt'] as const;

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
  const sessions = await readSessions(results, signal);
  const folds: Fold[] = [];
  const rules = { networks, relabellings: glm.relabellings, seed: asked.seed };
  const folding = startProgress('decode: selecting networks', sessionCount, 'held-out sessions');
  for (const held of sessions.keys()) {
    signal?.throwIfAborted();
    folds.push(await prepareFold(sessions, held, rules));
    folding.advance();
  }
  folding.finish();
  const testing = startProgress('decode: permuting labels', asked.permutations, 'permutations');
  const p = permutationTest(folds, tasks.length, asked.permutations, asked.seed, () => {
    signal?.throwIfAborted();
    testing.advance();
  });
  testing.finish();
  const { scores, predictions } = outcome(folds, tasks, sessions);
  const accuracy = levels.map((level): Accuracy => {
    const own = predictions.filter((prediction) => prediction.level === level);
    const correct = own.filter((prediction) => prediction.correct).length;
    const { lower, upper } = clopperPearson(correct, own.length);
    return {
      level,
      correct,
      total: own.length,
      accuracy: correct / own.length,
      lower,
      upper,
      chance: 1 / tasks.length,
      p: p[level],
      permutations: asked.permutations,
    };
  });
  await replaceStage(folder, 'decode', async (place) => {
    await scoreTable.write(place('scores.parquet'), scores);
    await predictionTable.write(place('predictions.parquet'), predictions);
    await accuracyTable.write(place('accuracy.parquet'), accuracy);
    await confusionTable.write(place('confusion.parquet'), confusion(predictions, tasks));
    const thresholds = Object.fromEntries(folds.map((fold) => [`session ${fold.session}`, fold.thresholds]));
    const parameters = { ...asked, networks, relabellings: glm.relabellings };
    return { plan: results.plan, parameters, inputs: results.inputs, facts: { tasks, thresholds } };
  });
  for (const { level, correct, total, lower, upper, chance, p } of accuracy)
    say(
      `decode: ${correct} of ${formatCount(total)} held-out ${level}s identified (95% interval ${percent(lower)} to ${percent(upper)}, chance ${percent(chance)}, permutation p ${p.toPrecision(2)})`,
    );
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)}%`;
}

async function readSessions({ runs, recording }: Results, signal: AbortSignal): Promise<RunActivity[][]> {
  const sessions: RunActivity[][] = [];
  const reading = startProgress('decode: reading activity', runs.length, 'runs');
  for (const run of runs) {
    signal?.throwIfAborted();
    const activity = await readRunActivity(await recording(run));
    const session = sessions.find(([first]) => first.run.session === run.session);
    if (session) session.push(activity);
    else sessions.push([activity]);
    reading.advance();
  }
  reading.finish();
  return sessions;
}

function outcome(folds: readonly Fold[], tasks: readonly string[], sessions: readonly (readonly RunActivity[])[]) {
  const scores: Score[] = [];
  const predictions: Prediction[] = [];
  const natural = [...tasks.keys()];
  const truth = folds.map(() => natural);
  for (const [held, fold] of folds.entries())
    for (const [i, { scores: all, identified }] of identify(fold, held, truth).entries()) {
      const { level, run: place, promptId } = fold.heldOut[i];
      const { run } = sessions[held][place];
      const row = { level, run: run.name, session: run.session, task: run.task, prompt_id: promptId };
      for (const [k, candidate] of tasks.entries()) scores.push({ ...row, candidate, score: all[k] });
      const name = tasks[identified] ?? '';
      predictions.push({ ...row, identified: name, correct: name === run.task });
    }
  return { scores, predictions };
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
