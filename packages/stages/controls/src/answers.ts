import type { FoldKind } from './harder-folds.js';

/** What one decoder said of every held-out prompt, on one kind of folds. */
export interface Answers {
  folds: FoldKind;
  features: string;
  source: 'activity' | 'twin' | 'wording';
  /** Numbers that stand for a prompt. */
  width: number;
  decoder: string;
  /** Rows of the prompts, ascending. */
  rows: Int32Array;
  /** For each prompt the task with the highest score, -1 for none. */
  identified: Int32Array;
  /** For each prompt 1 where that is right, else 0. */
  correct: Uint8Array;
  /** Whether the task is among the two with the highest scores, likewise. */
  topTwo: Uint8Array;
}

/** Scores of some rows for each task, [rows x tasks]; NaN or -Infinity identifies nothing. */
export interface RowScores {
  rows: Int32Array;
  scores: Float64Array;
}

/** Answers of one decoder from its folds' scores. */
export function answersOf(
  about: Pick<Answers, 'folds' | 'features' | 'source' | 'width' | 'decoder'>,
  parts: readonly RowScores[],
  taskOf: Int32Array,
  tasks: number,
): Answers {
  const rows = Int32Array.from(parts.flatMap((part) => [...part.rows])).sort();
  const place = new Map(Array.from(rows, (row, at) => [row, at]));
  const found: Answers = {
    ...about,
    rows,
    identified: new Int32Array(rows.length).fill(-1),
    correct: new Uint8Array(rows.length),
    topTwo: new Uint8Array(rows.length),
  };
  for (const { rows: own, scores } of parts)
    for (const [i, row] of own.entries()) {
      const at = place.get(row)!;
      const [best, second] = bestTwo(scores.subarray(i * tasks, (i + 1) * tasks));
      found.identified[at] = best;
      found.correct[at] = best === taskOf[row] ? 1 : 0;
      found.topTwo[at] = best === taskOf[row] || second === taskOf[row] ? 1 : 0;
    }
  return found;
}

export const countCorrect = ({ correct }: Pick<Answers, 'correct'>): number =>
  correct.reduce((sum, own) => sum + own, 0);

/** Of an odd number of draws the one with the median number of correct answers. */
export function medianDraw(draws: readonly Answers[]): Answers {
  const ordered = draws.toSorted((a, b) => countCorrect(a) - countCorrect(b));
  return ordered[(ordered.length - 1) / 2];
}

/** The two classes with the highest scores, the first of equals; -1 where there is none. */
function bestTwo(scores: Float64Array): [number, number] {
  let [best, second] = [-1, -1];
  for (const [c, score] of scores.entries()) {
    if (!(score > Number.NEGATIVE_INFINITY)) continue;
    if (best < 0 || score > scores[best]) [best, second] = [c, best];
    else if (second < 0 || score > scores[second]) second = c;
  }
  return [best, second];
}
