import {
  chosenRows,
  columnProducts,
  coordinatesOf,
  type Decoder,
  heldOutCentroidScores,
  heldOutScores,
  logistic,
  nearestCentroid,
  ridgeClassifier,
  shrunkenLda,
  standardisation,
  standardisedPatterns,
} from '@galvani/statistics';
import type { RowScores } from './answers.js';
import type { FeaturePart, SiteUnits } from './feature-parts.js';
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

/** What layers and kinds of sites are asked about: what they hold, not which decoder reads it best. */
export const partDecoder = 'nearest centroid';

/** Scores by decoder, for each fold. */
export type DecoderScores = Map<string, RowScores[]>;

/**
 * Scores of held-out prompts by reference decoders, which learn from the folds' training prompts of tasks. What features are
 * standardised or weighed by is of the training sessions.
 *
 * @param kinds folds of several kinds
 * @param parts of the features, which the nearest centroid alone is asked about: the whole's inner products are the sum of the sites'
 * @returns for each kind, and for each part for each kind
 */
export async function referenceScores(
  features: Features,
  prompts: PresentedPrompts,
  kinds: readonly (readonly ControlFold[])[],
  decoders: readonly string[],
  parts: readonly FeaturePart[] = [],
): Promise<{ whole: DecoderScores[]; parts: DecoderScores[][] }> {
  const none = (names: readonly string[]) => kinds.map((): DecoderScores => new Map(names.map((name) => [name, []])));
  const found = { whole: none(decoders), parts: parts.map(() => none([partDecoder])) };
  const tasks = prompts.tasks.length;
  const presented = rowsWhere(prompts, (row) => prompts.isTask[row] === 1);
  const place = new Map(Array.from(presented, (row, at) => [row, at]));
  const classes = Int32Array.from(presented, (row) => prompts.task[row]);
  for (const session of new Set(prompts.session)) {
    const { whole, ofParts } = await preparedProducts(features, prompts, session, presented, parts);
    const table = coordinatesOf(whole, presented.length, features.width);
    for (const [kind, folds] of kinds.entries()) {
      const all = folds.filter((fold) => fold.session === session);
      const own = all.filter(({ training }) => tellsTasks(prompts, training));
      const untold = all.filter((fold) => !own.includes(fold));
      const within = own.map(({ training, heldOut }) => ({
        training: training.filter((row) => prompts.isTask[row] === 1).map((row) => place.get(row)!),
        heldOut: heldOut.map((row) => place.get(row)!),
      }));
      const add = (to: RowScores[], scores: readonly Float64Array[]) => {
        for (const { heldOut } of untold)
          to.push({
            rows: heldOut,
            scores: new Float64Array(heldOut.length * tasks).fill(Number.NEGATIVE_INFINITY),
          });
        to.push(...own.map(({ heldOut }, f) => ({ rows: heldOut, scores: scores[f] })));
      };
      for (const [name, scores] of found.whole[kind])
        add(
          scores,
          heldOutScores(referenceDecoders[name](features.width, features.kind), table, classes, tasks, within),
        );
      for (const [p, products] of ofParts.entries())
        add(found.parts[p][kind].get(partDecoder)!, heldOutCentroidScores(products, classes, tasks, within));
    }
  }
  return found;
}

/** Inner products of the presented prompts' rows over all columns, and over those of each part. */
async function preparedProducts(
  features: Features,
  prompts: PresentedPrompts,
  session: number,
  presented: Int32Array,
  parts: readonly FeaturePart[],
): Promise<{ whole: Float64Array; ofParts: Float64Array[] }> {
  const { width } = features;
  const sites = [...new Set(parts.flatMap((part) => part.sites))];
  const products = (first: number, end: number) => productsOf(features, prompts, session, presented, first, end);
  if (sites.length === 0) return { whole: await products(0, width), ofParts: [] };
  const ofSite = new Map<SiteUnits, Float64Array>();
  for (const site of sites) ofSite.set(site, await products(site.first, site.first + site.width));
  const sum = (some: readonly SiteUnits[]) => {
    const out = new Float64Array(presented.length ** 2);
    for (const site of some) for (const [at, own] of ofSite.get(site)!.entries()) out[at] += own;
    return out;
  };
  return { whole: sum(sites), ofParts: parts.map((part) => sum(part.sites)) };
}

/** Whether there are prompts of two tasks at least: of one alone nothing can be told apart. */
const tellsTasks = ({ isTask, task }: PresentedPrompts, training: Int32Array): boolean =>
  new Set(training.filter((row) => isTask[row] === 1).map((row) => task[row])).size > 1;

/**
 * Inner products over columns `first` to before `end` of the presented prompts' rows, made comparable by what the other sessions than
 * the held-out one show. Of activity a block of columns at a time: a standardised copy of a large model's is a quarter of a gigabyte.
 */
async function productsOf(
  { values, width, kind }: Features,
  prompts: PresentedPrompts,
  session: number,
  presented: Int32Array,
  first: number,
  end: number,
): Promise<Float64Array> {
  const training = rowsWhere(prompts, (row) => prompts.session[row] !== session);
  if (kind === 'counts') {
    const weighed = chosenRows(weighedCounts(Float64Array.from(values), width, training), width, presented);
    return columnProducts(presented.length, first, end, (from, size, out) =>
      out.set(columnsOf(weighed, width, from, size)),
    );
  }
  const rest = training.filter((row) => prompts.isTask[row] === 0);
  return columnProducts(presented.length, first, end, (from, size, out) => {
    const scale = standardisation(columnsOf(values, width, from, size, rest), size);
    out.set(standardisedPatterns(columnsOf(values, width, from, size, presented), scale));
  });
}

/** Columns `from` to `from + size` of some rows, by default all. */
function columnsOf(
  values: Float32Array | Float64Array,
  width: number,
  from: number,
  size: number,
  rows: Int32Array = Int32Array.from({ length: values.length / width }, (_, row) => row),
): Float64Array {
  const out = new Float64Array(rows.length * size);
  for (const [i, row] of rows.entries())
    out.set(values.subarray(row * width + from, row * width + from + size), i * size);
  return out;
}
