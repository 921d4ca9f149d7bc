import type { Control, ControlAnswer, ControlWindow } from '@galvani/artifact';
import { accuracyInterval, pairedComparison } from '@galvani/statistics';
import { type Answers, answersOf, countCorrect, type RowScores } from './answers.js';
import type { PresentedPrompts } from './presented-prompts.js';
import type { TokenWindow } from './token-windows.js';

/** A row for each decoder, with the difference from galvani's networks on the same prompts. */
export function identificationRows(answers: readonly Answers[], prompts: PresentedPrompts, seed: number): Control[] {
  return answers.map((own) => {
    const networks = answers.find(
      ({ folds, features, decoder }) => folds === own.folds && features === 'units' && decoder === 'networks',
    )!;
    const runs = Int32Array.from(own.rows, (row) => prompts.run[row]);
    const total = own.rows.length;
    const correct = countCorrect(own);
    const { lower, upper } = accuracyInterval(countsByRun(own.correct, runs), seed);
    const asked = { first: Array.from(networks.correct, Boolean), second: Array.from(own.correct, Boolean) };
    const paired = pairedComparison({ ...asked, runs: Array.from(runs) }, seed);
    const { folds, features, source, width, decoder } = own;
    return {
      ...{ folds, features, source, width, decoder, correct, total, accuracy: correct / total, lower, upper },
      balanced: balancedAccuracy(own, prompts),
      top_two: own.topTwo.reduce((a, b) => a + b, 0) / total,
      difference: paired.difference,
      difference_lower: paired.lower,
      difference_upper: paired.upper,
      p: paired.permutationP,
    };
  });
}

/** A row for each answer. */
export function answerRows(answers: readonly Answers[], prompts: PresentedPrompts): ControlAnswer[] {
  return answers.flatMap(({ folds, features, decoder, rows, identified, correct }) =>
    Array.from(rows, (row, at) => {
      const { run, session, prompt_id } = prompts.events[row];
      const task = prompts.tasks[prompts.task[row]];
      const own = { run, session, task, prompt_id, identified: prompts.tasks[identified[at]] ?? '' };
      return { folds, features, decoder, ...own, correct: correct[at] === 1 };
    }),
  );
}

/** Identification from some rows of each prompt. */
export function windowRow(
  { from, to, kind }: TokenWindow,
  scores: readonly RowScores[],
  prompts: PresentedPrompts,
  seed: number,
): ControlWindow {
  const about = { folds: 'sessions', features: 'units', source: 'activity', width: 0, decoder: 'networks' } as const;
  const found = answersOf(about, scores, prompts.task, prompts.tasks.length);
  const { rows } = found;
  const right = countCorrect(found);
  const runs = Int32Array.from(rows, (row) => prompts.run[row]);
  const { lower, upper } = accuracyInterval(countsByRun(found.correct, runs), seed);
  return { from, to, kind, correct: right, total: rows.length, accuracy: right / rows.length, lower, upper };
}

/** Right answers and all answers of each run, from those of prompts and the runs that these are of. */
export function countsByRun(correct: Uint8Array, runs: Int32Array): { correct: number; total: number }[] {
  const found = new Map<number, { correct: number; total: number }>();
  for (const [at, run] of runs.entries()) {
    const own = found.get(run) ?? { correct: 0, total: 0 };
    found.set(run, { correct: own.correct + correct[at], total: own.total + 1 });
  }
  return [...found.values()];
}

function balancedAccuracy({ rows, correct }: Answers, prompts: PresentedPrompts): number {
  const shares = prompts.tasks.map((_, task) => {
    const own = [...rows.keys()].filter((at) => prompts.task[rows[at]] === task);
    return own.reduce((sum, at) => sum + correct[at], 0) / own.length;
  });
  const known = shares.filter(Number.isFinite);
  return known.reduce((a, b) => a + b, 0) / known.length;
}
