import {
  type CellSums,
  cellSums,
  chosenRows,
  columnProducts,
  coordinatesOf,
  type Decoder,
  heldOutCentroidScores,
  heldOutScores,
  logistic,
  meanOfCells,
  nearestCentroid,
  ridgeClassifier,
  shrunkenLda,
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
  const rest = features.kind === 'counts' ? [] : restOfSessions(features, prompts);
  for (const session of new Set(prompts.session)) {
    const productsOf = comparableProducts(features, prompts, session, presented, rest);
    const { whole, ofParts } = await preparedProducts(productsOf, features.width, presented.length, parts);
    const table = coordinatesOf(whole, presented.length, features.width);
    const placesOf = (rows: Int32Array) => rows.map((row) => place.get(row)!);
    const varyWithin = (rows: Int32Array) => varyWithinClasses(whole, placesOf(rows), classes, tasks);
    for (const [kind, folds] of kinds.entries()) {
      const all = folds.filter((fold) => fold.session === session);
      const add = (
        to: RowScores[],
        decoder: string,
        scoresOf: (within: { training: Int32Array; heldOut: Int32Array }[]) => readonly Float64Array[],
      ) => {
        const own = all.filter(({ training }) => tellsTasks(prompts, training, decoder, varyWithin));
        const within = own.map(({ training, heldOut }) => ({
          training: placesOf(taught(prompts, training)),
          heldOut: placesOf(heldOut),
        }));
        for (const fold of all)
          if (!own.includes(fold))
            to.push({
              rows: fold.heldOut,
              scores: new Float64Array(fold.heldOut.length * tasks).fill(Number.NEGATIVE_INFINITY),
            });
        const scores = scoresOf(within);
        to.push(...own.map(({ heldOut }, f) => ({ rows: heldOut, scores: scores[f] })));
      };
      for (const [name, scores] of found.whole[kind])
        add(scores, name, (within) =>
          heldOutScores(referenceDecoders[name](features.width, features.kind), table, classes, tasks, within),
        );
      for (const [p, products] of ofParts.entries())
        add(found.parts[p][kind].get(partDecoder)!, partDecoder, (within) =>
          heldOutCentroidScores(products, classes, tasks, within),
        );
    }
  }
  return found;
}

/** Inner products of rows over columns from one on to before another. */
type ProductsOf = (first: number, end: number) => Promise<Float64Array>;

/** Inner products of the presented prompts' rows over all columns, and over those of each part. */
async function preparedProducts(
  products: ProductsOf,
  width: number,
  rows: number,
  parts: readonly FeaturePart[],
): Promise<{ whole: Float64Array; ofParts: Float64Array[] }> {
  const sites = [...new Set(parts.flatMap((part) => part.sites))];
  if (sites.length === 0) return { whole: await products(0, width), ofParts: [] };
  const ofSite = new Map<SiteUnits, Float64Array>();
  for (const site of sites) ofSite.set(site, await products(site.first, site.first + site.width));
  const sum = (some: readonly SiteUnits[]) => {
    const out = new Float64Array(rows ** 2);
    for (const site of some) for (const [at, own] of ofSite.get(site)!.entries()) out[at] += own;
    return out;
  };
  return { whole: sum(sites), ofParts: parts.map((part) => sum(part.sites)) };
}

/** The prompts of tasks among some rows. */
const taught = ({ isTask }: PresentedPrompts, rows: Int32Array) => rows.filter((row) => isTask[row] === 1);

/**
 * Whether there are prompts of two tasks at least: of one alone nothing can be told apart. A linear discriminant needs two prompts of some task
 * too that are not alike (`varyWithin`), whose difference is all that it knows of how prompts vary.
 */
function tellsTasks(
  prompts: PresentedPrompts,
  training: Int32Array,
  decoder: string,
  varyWithin: (rows: Int32Array) => boolean,
): boolean {
  const rows = taught(prompts, training);
  if (new Set(rows.map((row) => prompts.task[row])).size < 2) return false;
  return decoder !== 'linear discriminant' || varyWithin(rows);
}

/** Whether rows differ from the mean of their class by more than rounding. @param products inner products of `classes.length` rows */
function varyWithinClasses(products: Float64Array, rows: Int32Array, classes: Int32Array, count: number): boolean {
  const sums = new Float64Array(count);
  const sizes = new Float64Array(count);
  let squares = 0;
  for (const i of rows) {
    squares += products[i * classes.length + i];
    sizes[classes[i]]++;
    for (const j of rows) if (classes[j] === classes[i]) sums[classes[i]] += products[i * classes.length + j];
  }
  const within = squares - sums.reduce((sum, own, c) => sum + (sizes[c] > 0 ? own / sizes[c] : 0), 0);
  return within > 1e-12 * squares;
}

/** Sums over the rest prompts of each session, of which every held-out session leaves all others. */
const restOfSessions = ({ values, width }: Features, prompts: PresentedPrompts) =>
  [...new Set(prompts.session)].map((session) => {
    const rows = rowsWhere(prompts, (row) => prompts.session[row] === session && prompts.isTask[row] === 0);
    return { session, sums: cellSums(values, width, rows) };
  });

/**
 * Inner products of the presented prompts' rows, made comparable by what the other sessions than the held-out one show: activity and measures
 * are taken in standard deviations of rest. A block of columns at a time: a standardised copy of a large model's is a quarter of a gigabyte.
 */
function comparableProducts(
  { values, width, kind }: Features,
  prompts: PresentedPrompts,
  session: number,
  presented: Int32Array,
  rest: readonly { session: number; sums: CellSums }[],
): ProductsOf {
  if (kind === 'counts') {
    const training = rowsWhere(prompts, (row) => prompts.session[row] !== session);
    const weighed = chosenRows(weighedCounts(Float64Array.from(values), width, training), width, presented);
    return (first, end) =>
      columnProducts(presented.length, first, end, (from, size, out) => out.set(columnsOf(weighed, width, from, size)));
  }
  const { means, factors } = standardScale(
    rest.flatMap(({ session: of, sums }) => (of === session || sums.count === 0 ? [] : [sums])),
    width,
  );
  return (first, end) =>
    columnProducts(presented.length, first, end, (from, size, out) => {
      for (let i = 0, to = 0; i < presented.length; i++)
        for (let u = from, at = presented[i] * width + from; u < from + size; u++, at++, to++)
          out[to] = (values[at] - means[u]) * factors[u];
    });
}

/** Means of units over cells, and the inverse of their (population) standard deviations: 0 where these are rounding. */
function standardScale(cells: readonly CellSums[], width: number): { means: Float64Array; factors: Float64Array } {
  const total = cells.reduce((sum, { count }) => sum + count, 0);
  const means = total === 0 ? new Float64Array(width) : meanOfCells(cells, width);
  const factors = means.map((mean, u) => {
    let squares = 0;
    for (const own of cells) squares += own.squares[u] + own.count * (own.mean[u] - mean) ** 2;
    const deviation = Math.sqrt(squares / total);
    return deviation > 1e-12 * Math.abs(mean) ? 1 / deviation : 0;
  });
  return { means, factors };
}

/** Columns `from` to `from + size` of all rows. */
function columnsOf(values: Float64Array, width: number, from: number, size: number): Float64Array {
  const rows = values.length / width;
  const out = new Float64Array(rows * size);
  for (let i = 0; i < rows; i++) out.set(values.subarray(i * width + from, i * width + from + size), i * size);
  return out;
}
