import type { ControlCalibration } from '@galvani/artifact';
import { accuracyInterval, calibrationBin, calibrationBins, scoreCalibration } from '@galvani/statistics';
import type { RowScores } from './answers.js';
import { countsByRun } from './identification-rows.js';
import type { PresentedPrompts } from './presented-prompts.js';

interface Said {
  run: number;
  bin: number;
  probability: number;
  right: number;
}

/**
 * How far scores can be read as probabilities: rows of `calibration.parquet`.
 *
 * @param parts scores by fold, each of which has its temperature from the others
 */
export function calibrationRows(
  parts: readonly RowScores[],
  { tasks, task, run }: Pick<PresentedPrompts, 'tasks' | 'task' | 'run'>,
  seed: number,
): ControlCalibration[] {
  const count = tasks.length;
  const scored = parts.map((part) => withScores(part, count)).filter(({ rows }) => rows.length > 0);
  if (scored.length < 2) return [];
  const folds = scored.map(({ rows, scores }) => ({ scores, classes: Int32Array.from(rows, (row) => task[row]) }));
  const { probabilities, expectedCalibrationError, brier } = scoreCalibration(folds, count);
  const said: Said[] = scored.flatMap(({ rows }, f) =>
    Array.from(rows, (row, i) => {
      const own = probabilities[f].subarray(i * count, (i + 1) * count);
      const probability = own.reduce((a, b) => Math.max(a, b));
      const right = own.indexOf(probability) === task[row] ? 1 : 0;
      return { run: run[row], bin: calibrationBin(probability), probability, right };
    }),
  );
  const bins = Array.from({ length: calibrationBins }, (_, bin) => said.filter((own) => own.bin === bin));
  const rows = bins.flatMap((own, bin) => {
    if (own.length === 0) return [];
    const row = rowOf(own, bin / calibrationBins, (bin + 1) / calibrationBins, seed);
    return [{ ...row, error: Math.abs(row.predicted - row.right), brier: Number.NaN }];
  });
  return [...rows, { ...rowOf(said, 0, 1, seed), error: expectedCalibrationError, brier }];
}

function rowOf(said: readonly Said[], from: number, to: number, seed: number) {
  const mean = (of: (own: Said) => number) => said.reduce((sum, own) => sum + of(own), 0) / said.length;
  const correct = Uint8Array.from(said, ({ right }) => right);
  const runs = Int32Array.from(said, ({ run }) => run);
  const { lower, upper } = accuracyInterval(countsByRun(correct, runs), seed);
  const [predicted, right] = [mean(({ probability }) => probability), mean((own) => own.right)];
  return { from, to, prompts: said.length, predicted, right, lower, upper };
}

/** Without rows that no task has a score for. */
function withScores({ rows, scores }: RowScores, count: number): RowScores {
  const known = [...rows.keys()].filter((i) =>
    scores.subarray(i * count, (i + 1) * count).some((score) => score > Number.NEGATIVE_INFINITY),
  );
  return {
    rows: Int32Array.from(known, (i) => rows[i]),
    scores: Float64Array.from(known.flatMap((i) => [...scores.subarray(i * count, (i + 1) * count)])),
  };
}
