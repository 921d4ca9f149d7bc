import type { LossSubject, UnitChange } from '@galvani/model';
import { formatCount, formatSeconds, say, startProgress } from '@galvani/terminal';
import {
  batchesOf,
  type LesionOutline,
  type MaskBatch,
  masksUnder,
  outlineOf,
  type Reading,
  readingsOf,
} from './masks-to-read.js';
import type { Comparison } from './network-lesions.js';
import type { PlannedLesion } from './planned-lesions.js';
import type { TextTokens } from './texts-to-read.js';

/** Losses under a network's lesion and under those of its controls: each of [texts], nats a token, NaN for texts that were not read under them. */
export interface LesionLosses {
  lesion: LesionOutline;
  /** Of the untouched model. */
  untouched: Float64Array;
  network: Float64Array;
  controls: Float64Array[];
  comparisons: { against: Comparison; losses: Float64Array[] }[];
}

export interface MeasuredLosses {
  /** Losses of the untouched model, [texts]. */
  untouched: Float64Array;
  lesions: LesionLosses[];
}

type Reader = Pick<LossSubject, 'losses'>;

/**
 * Reads texts in the untouched model, under each lesion and under each of its controls. Says before how long that will take.
 *
 * @param isRead whether a text is read under the lesions of a network
 */
export async function measureLosses(
  subject: Reader,
  lesions: readonly PlannedLesion[],
  texts: readonly TextTokens[],
  isRead: (network: string, text: number) => boolean,
  signal: AbortSignal,
): Promise<MeasuredLosses> {
  const outlines = lesions.map(outlineOf);
  const readings = readingsOf(outlines, texts.length, isRead);
  const untouched = await untouchedLosses(subject, texts, signal);
  const losses = await readBatches(subject, lesions, texts, readings, batchesOf(readings), signal);
  return { untouched, lesions: lossesOf(outlines, readings, losses, texts.length) };
}

/** Losses of the untouched model, [texts]. */
export async function untouchedLosses(
  subject: Reader,
  texts: readonly TextTokens[],
  signal: AbortSignal,
): Promise<Float64Array> {
  const [untouched] = await subject.losses({ ...requestOf(texts), changes: [[]], signal });
  return untouched;
}

/**
 * Reads batches of masks.
 * @returns for each batch [masks] of [texts of its reading]
 */
export async function readBatches(
  subject: Reader,
  lesions: readonly PlannedLesion[],
  texts: readonly TextTokens[],
  readings: readonly Reading[],
  batches: readonly MaskBatch[],
  signal: AbortSignal,
): Promise<Float64Array[][]> {
  if (batches.length === 0) return [];
  const masks = readings.map(({ lesions: [{ network }] }) =>
    masksUnder(lesions.filter((lesion) => lesion.network === network)),
  );
  const maskedTexts = ({ reading }: MaskBatch) => readings[reading].texts.map((t) => texts[t]);
  // What a batch lacks is read in the untouched model.
  const changesOf = ({ reading, first, count, copies }: MaskBatch) => [
    ...masks[reading].slice(first, first + count),
    ...Array<UnitChange[]>(copies - count).fill([]),
  ];
  const total = batches.reduce((sum, batch) => sum + batch.copies * tokensOf(maskedTexts(batch)), 0);
  const speed = await tokensPerSecond(subject, texts.slice(0, 3), changesOf(batches[0]));
  const count = batches.reduce((sum, { first, count }) => sum + count - (first === 0 ? 1 : 0), 0);
  say(
    `lesion: ${formatCount(count)} lesions, those of controls included, of up to ${formatCount(texts.length)} texts: ${formatCount(total)} tokens to read, about ${formatSeconds(total / speed)}`,
  );
  const progress = startProgress('lesion', total, 'tokens');
  const found: Float64Array[][] = [];
  try {
    for (const batch of batches) {
      const losses = await subject.losses({
        ...requestOf(maskedTexts(batch)),
        changes: changesOf(batch),
        onTokens: (read) => progress.advance(read),
        signal,
      });
      found.push(losses.slice(0, batch.count));
    }
  } finally {
    progress.finish();
  }
  return found;
}

const requestOf = (texts: readonly TextTokens[]) => ({
  texts: texts.map(({ tokens }) => tokens),
  scoredFrom: texts.map(({ scoredFrom }) => scoredFrom),
});

const tokensOf = (texts: readonly TextTokens[]) => texts.reduce((sum, { tokens }) => sum + tokens.length, 0);

/** How fast texts are read, of a few. */
async function tokensPerSecond(
  subject: Reader,
  texts: readonly TextTokens[],
  changes: UnitChange[][],
): Promise<number> {
  const begin = performance.now();
  let read = 0;
  await subject.losses({ ...requestOf(texts), changes, onTokens: (count) => (read += count) });
  return (1000 * read) / (performance.now() - begin);
}

/**
 * What batches found, lesion by lesion.
 *
 * @param losses of all batches of `batchesOf`, in their order
 * @param texts number of all texts
 */
export function lossesOf(
  lesions: readonly LesionOutline[],
  readings: readonly Reading[],
  losses: readonly Float64Array[][],
  texts: number,
): LesionLosses[] {
  const measured = new Map<LesionOutline, LesionLosses>();
  const batches = batchesOf(readings);
  for (const [r, { lesions: own, texts: places }] of readings.entries()) {
    const masks = losses.flatMap((each, b) => (batches[b].reading === r ? each : []));
    const all = masks.map((values) => spread(values, places, texts));
    for (const each of dealt(own, all)) measured.set(each.lesion, each);
  }
  return lesions.map((lesion) => measured.get(lesion)!);
}

/** Values of some texts in the places of all. */
function spread(values: Float64Array, places: readonly number[], count: number): Float64Array {
  const all = new Float64Array(count).fill(Number.NaN);
  for (const [k, t] of places.entries()) all[t] = values[k];
  return all;
}

/** Losses in the order of `Reading`'s masks. */
function dealt(lesions: readonly LesionOutline[], losses: readonly Float64Array[]): LesionLosses[] {
  const left = losses.values();
  const next = (count: number) => Array.from({ length: count }, () => left.next().value as Float64Array);
  const [untouched] = next(1);
  return lesions.map((lesion) => ({
    lesion,
    untouched,
    network: next(1)[0],
    controls: next(lesion.controls.count),
    comparisons: lesion.comparisons.map(({ against, count }) => ({ against, losses: next(count) })),
  }));
}

/** Of losses those with one family: of the same sites, kind and dose. */
export function families(lesions: readonly LesionLosses[]): LesionLosses[][] {
  const sets = new Map<string, LesionLosses[]>();
  for (const own of lesions) {
    const { sites, kind, dose } = own.lesion;
    const key = JSON.stringify([sites, kind, dose]);
    sets.set(key, [...(sets.get(key) ?? []), own]);
  }
  return [...sets.values()];
}
