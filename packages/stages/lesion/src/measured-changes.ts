import { openLossSubject, type UnitChange } from '@galvani/model';
import { encodePrompts } from '@galvani/subject';
import { formatCount, say, startProgress } from '@galvani/terminal';
import type { LesionChanges } from './lesion-rows.js';
import type { PlannedLesion } from './planned-lesions.js';
import type { UnseenText } from './unseen-texts.js';

/** What lesions did to texts. */
export interface MeasuredChanges {
  /** Tokens of each text. */
  tokens: number[];
  /** Loss of each text in the untouched model, nats a token; NaN for a text of one token. */
  untouched: Float64Array;
  /** By sets that are one family: the same sites, kind and dose. */
  sets: LesionChanges[][];
}

/**
 * Reads every text in the untouched model, under each lesion and under each of its controls.
 *
 * @param path folder of the model
 */
export async function measureChanges(
  path: string,
  lesions: readonly PlannedLesion[],
  texts: readonly UnseenText[],
  { device, signal }: { device: 'cpu' | 'cuda' | 'webgpu'; signal: AbortSignal },
): Promise<MeasuredChanges> {
  const sites = [...new Set(lesions.flatMap(({ changes }) => changes.map(({ site }) => site)))];
  if (sites.length === 0 || texts.length === 0) return { tokens: [], untouched: new Float64Array(0), sets: [] };
  const subject = await openLossSubject(path, { interventions: { include: sites }, device });
  try {
    const named = texts.map(({ id, text }) => ({ prompt_id: id, text }));
    const encoded = await encodePrompts(named, subject, 0, { signal });
    const changes: UnitChange[][] = [[], ...lesions.flatMap((lesion) => [lesion.changes, ...lesion.controls])];
    const tokens = encoded.map(({ length }) => length);
    const total = changes.length * tokens.reduce((sum, own) => sum + own, 0);
    say(
      `lesion: ${formatCount(changes.length - 1)} lesions, those of controls included, of ${formatCount(texts.length)} texts: ${formatCount(total)} tokens to read`,
    );
    const progress = startProgress('lesion', total, 'tokens');
    const [untouched, ...lesioned] = await subject
      .losses({ texts: encoded, changes, signal, onTokens: (count) => progress.advance(count) })
      .finally(() => progress.finish());
    const changed = lesioned.map((own) => own.map((loss, t) => loss - untouched[t]));
    return { tokens, untouched, sets: lesionSets(lesions, changed) };
  } finally {
    await subject.release();
  }
}

/** What lesions and their controls did, by sets that are one family: the same sites, kind and dose. */
function lesionSets(lesions: readonly PlannedLesion[], changes: readonly Float64Array[]): LesionChanges[][] {
  const sets = new Map<string, LesionChanges[]>();
  let at = 0;
  for (const { sites, kind, dose, network, units, controls, imbalance } of lesions) {
    const key = JSON.stringify([sites, kind, dose]);
    const change = changes[at];
    const ofControls = changes.slice(at + 1, at + 1 + controls.length);
    at += 1 + controls.length;
    const set = sets.get(key) ?? [];
    set.push({ sites, kind, dose, network, units, change, controls: ofControls, imbalance });
    sets.set(key, set);
  }
  return [...sets.values()];
}
