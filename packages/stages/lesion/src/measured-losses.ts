import type { LossSubject, UnitChange } from '@galvani/model';
import { formatCount, formatSeconds, say, startProgress } from '@galvani/terminal';
import type { Comparison } from './network-lesions.js';
import type { PlannedLesion } from './planned-lesions.js';
import type { TextTokens } from './texts-to-read.js';

/** Losses under a network's lesion and under those of its controls: each of [texts], nats a token, NaN for texts that were not read under them. */
export interface LesionLosses {
  lesion: PlannedLesion;
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

/** All lesions that read the same texts. */
interface Reading {
  lesions: readonly PlannedLesion[];
  /** Places of the texts. */
  texts: number[];
  /** The untouched model first. */
  changes: UnitChange[][];
}

/**
 * Reads texts in the untouched model, under each lesion and under each of its controls. Says before how long that will take.
 *
 * @param isRead whether a text is read under the lesions of a network
 */
export async function measureLosses(
  subject: Pick<LossSubject, 'losses'>,
  lesions: readonly PlannedLesion[],
  texts: readonly TextTokens[],
  isRead: (network: string, text: number) => boolean,
  signal: AbortSignal,
): Promise<MeasuredLosses> {
  const networks = [...new Set(lesions.map(({ network }) => network))];
  const readings = networks.map((network): Reading => {
    const own = lesions.filter((lesion) => lesion.network === network);
    return {
      lesions: own,
      texts: [...texts.keys()].filter((t) => isRead(network, t)),
      changes: [[], ...own.flatMap(changesUnder)],
    };
  });
  const request = (places: readonly number[]) => ({
    texts: places.map((t) => texts[t].tokens),
    scoredFrom: places.map((t) => texts[t].scoredFrom),
    signal,
  });
  const tokens = (places: readonly number[]) => places.reduce((sum, t) => sum + texts[t].tokens.length, 0);
  const total = readings.reduce((sum, { changes, texts: places }) => sum + changes.length * tokens(places), 0);
  const all = [...texts.keys()];
  const [untouched] = await subject.losses({ ...request(all), changes: [[]] });
  const speed = await tokensPerSecond(subject, request(all.slice(0, 3)), readings[0].changes.slice(0, 64));
  const count = readings.reduce((sum, { changes }) => sum + changes.length - 1, 0);
  say(
    `lesion: ${formatCount(count)} lesions, those of controls included, of up to ${formatCount(texts.length)} texts: ${formatCount(total)} tokens to read, about ${formatSeconds(total / speed)}`,
  );
  const progress = startProgress('lesion', total, 'tokens');
  const measured = new Map<PlannedLesion, LesionLosses>();
  try {
    for (const { lesions: own, texts: places, changes } of readings) {
      const found = await subject.losses({
        ...request(places),
        changes,
        onTokens: (read) => progress.advance(read),
      });
      const losses = found.map((values) => spread(values, places, texts.length));
      for (const each of dealt(own, losses)) measured.set(each.lesion, each);
    }
  } finally {
    progress.finish();
  }
  return { untouched, lesions: lesions.map((lesion) => measured.get(lesion)!) };
}

const changesUnder = ({ changes, controls, comparisons }: PlannedLesion): UnitChange[][] => [
  changes,
  ...controls.changes,
  ...comparisons.flatMap((own) => own.changes),
];

/** How fast texts are read, of a few. */
async function tokensPerSecond(
  subject: Pick<LossSubject, 'losses'>,
  request: Omit<Parameters<LossSubject['losses']>[0], 'changes'>,
  changes: readonly UnitChange[][],
): Promise<number> {
  const begin = performance.now();
  let read = 0;
  await subject.losses({ ...request, changes, onTokens: (count) => (read += count) });
  return (1000 * read) / (performance.now() - begin);
}

/** Values of some texts in the places of all. */
function spread(values: Float64Array, places: readonly number[], count: number): Float64Array {
  const all = new Float64Array(count).fill(Number.NaN);
  for (const [k, t] of places.entries()) all[t] = values[k];
  return all;
}

/** Losses in the order of `changesUnder`, after those of the untouched model. */
function dealt(lesions: readonly PlannedLesion[], losses: readonly Float64Array[]): LesionLosses[] {
  const left = losses.values();
  const next = (count: number) => Array.from({ length: count }, () => left.next().value as Float64Array);
  const [untouched] = next(1);
  return lesions.map((lesion) => ({
    lesion,
    untouched,
    network: next(1)[0],
    controls: next(lesion.controls.changes.length),
    comparisons: lesion.comparisons.map((own) => ({ against: own.against, losses: next(own.changes.length) })),
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
