import {
  chosenRows,
  type Decoder,
  heldOutScores,
  logistic,
  nearestCentroid,
  patternCoordinates,
  ridgeClassifier,
  shrunkenLda,
  standardisation,
  standardisedPatterns,
} from '@galvani/statistics';
import type { RowScores } from './answers.js';
import type { ControlFold } from './harder-folds.js';
import { type PresentedPrompts, rowsWhere } from './presented-prompts.js';
import { weighedCounts } from './wording-features.js';

/** What stands for prompts: activity and measures are standardised by training rest, counts weighed by how rare they are. */
export interface Features {
  values: Float32Array | Float64Array;
  width: number;
  kind: 'activity' | 'measures' | 'counts';
}

/** Decoders that controls use, by name, made for so many numbers a prompt. */
export const referenceDecoders: Record<string, (width: number, kind: Features['kind']) => Decoder> = {
  'nearest centroid': () => nearestCentroid(),
  'cosine to centroid': () => nearestCentroid({ metric: 'cosine' }),
  'linear discriminant': () => shrunkenLda({ priors: 'equal' }),
  // Squared lengths of standardised patterns are near their width, of weighed counts 1.
  ridge: (width, kind) => ridgeClassifier({ alpha: kind === 'counts' ? 1 : width }),
  // Counts have length 1, so that the usual penalty leaves nothing of them.
  logistic: (_, kind) => logistic({ c: kind === 'counts' ? 10 : 1 }),
};

/**
 * Scores of held-out prompts by reference decoders, which learn from the folds' training prompts of tasks. What features are
 * standardised or weighed by is of the training sessions.
 *
 * @param kinds folds of several kinds
 * @returns for each kind, by decoder, for each fold
 */
export function referenceScores(
  features: Features,
  prompts: PresentedPrompts,
  kinds: readonly (readonly ControlFold[])[],
  decoders: readonly string[],
): Map<string, RowScores[]>[] {
  const found = kinds.map(() => new Map<string, RowScores[]>(decoders.map((name) => [name, []])));
  const tasks = prompts.tasks.length;
  const presented = rowsWhere(prompts, (row) => prompts.isTask[row] === 1);
  const place = new Map(Array.from(presented, (row, at) => [row, at]));
  const classes = Int32Array.from(presented, (row) => prompts.task[row]);
  for (const session of new Set(prompts.session)) {
    const table = patternCoordinates(preparedRows(features, prompts, session, presented), presented.length);
    for (const [kind, folds] of kinds.entries()) {
      const all = folds.filter((fold) => fold.session === session);
      const own = all.filter(({ training }) => tellsTasks(prompts, training));
      for (const { heldOut } of all.filter((fold) => !own.includes(fold)))
        for (const parts of found[kind].values())
          parts.push({
            rows: heldOut,
            scores: new Float64Array(heldOut.length * tasks).fill(Number.NEGATIVE_INFINITY),
          });
      const within = own.map(({ training, heldOut }) => ({
        training: training.filter((row) => prompts.isTask[row] === 1).map((row) => place.get(row)!),
        heldOut: heldOut.map((row) => place.get(row)!),
      }));
      for (const name of decoders) {
        const decoder = referenceDecoders[name](features.width, features.kind);
        const scores = heldOutScores(decoder, table, classes, tasks, within);
        found[kind].get(name)!.push(...own.map(({ heldOut }, f) => ({ rows: heldOut, scores: scores[f] })));
      }
    }
  }
  return found;
}

/** Whether there are prompts of two tasks at least: of one alone nothing can be told apart. */
const tellsTasks = ({ isTask, task }: PresentedPrompts, training: Int32Array): boolean =>
  new Set(training.filter((row) => isTask[row] === 1).map((row) => task[row])).size > 1;

/** Rows of task prompts, made comparable by what the other sessions than the held-out one show. */
function preparedRows(
  { values, width, kind }: Features,
  prompts: PresentedPrompts,
  session: number,
  presented: Int32Array,
): Float64Array {
  const training = rowsWhere(prompts, (row) => prompts.session[row] !== session);
  if (kind === 'counts') return chosenRows(weighedCounts(Float64Array.from(values), width, training), width, presented);
  const rest = training.filter((row) => prompts.isTask[row] === 0);
  return standardisedPatterns(chosenRows(values, width, presented), standardisation(values, width, rest));
}
