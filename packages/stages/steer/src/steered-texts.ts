import { loadSubject, openLossSubject, rowInterventions, type UnitChange } from '@galvani/model';
import type { StageParameters } from '@galvani/study';
import { presentPrompts, studySampling } from '@galvani/subject';
import type { PreparedSteering } from './prepared-steering.js';

/** Texts that are generated at once. */
const rowsAtOnce = 128;
/** Tokens of a rest prompt that the model continues. */
const openingTokens = 6;

/** What the model wrote after the openings under one list of changes. */
export interface Written {
  /** Tokens of each text, up to the one that ends it. */
  tokens: Int32Array[];
  texts: string[];
  /** Loss of each in the untouched model, nats a token. */
  losses: Float64Array;
}

interface Request {
  /** Openings as text; each a prompt of its own. */
  openings: readonly { id: string; text: string }[];
  /** Whether only the first tokens of an opening are kept. */
  cut: boolean;
  changes: readonly (readonly UnitChange[])[];
  newTokens: number;
  signal: AbortSignal;
  onTokens?(count: number): void;
}

/**
 * Has the model continue every opening under each list of changes. A text's random numbers are its opening's, so that texts of one opening
 * differ by the changes alone, and an empty list gives the untouched model's, bit for bit.
 *
 * @returns [changes]; and the openings as they were continued
 */
export async function steeredTexts(
  { path, extract, directions, model }: Pick<PreparedSteering, 'path' | 'extract' | 'directions' | 'model'>,
  { openings, cut, changes, newTokens, signal, onTokens }: Request,
): Promise<{ written: Written[]; started: string[] }> {
  const sites = [...new Set(directions.flatMap(({ network }) => network.map(({ site }) => site)))];
  const interventions = { include: sites };
  const { device } = extract;
  const subject = await loadSubject(path, { interventions, tap: false, device, digest: model.digest });
  const tokens: Int32Array[][] = changes.map(() => []);
  let starts: Int32Array[];
  let own: Int32Array[];
  try {
    const named = openings.map(({ id, text }) => ({ prompt_id: id, text }));
    // The model writes, also in a study that reads: a chat ends where its answer begins.
    const presentation = { ...extract, mode: 'generate' as const };
    const asked = { option: 'steer.tokens', presentation, signal };
    const presented = await presentPrompts(named, subject, newTokens, asked);
    // Of a cut one the model writes on; a whole one it answers, where a template says so.
    starts = presented.map(({ tokens, from, until }) =>
      cut ? tokens.slice(0, Math.min(from + openingTokens, until)) : tokens,
    );
    own = presented.map(({ tokens, from, until }, o) => tokens.slice(from, Math.min(until, starts[o].length)));
    const rows = changes.flatMap((own, c) => openings.map((_, o) => ({ own, c, o })));
    // The study's own way to sample, from random streams that no recording draws from.
    const sampling = studySampling(extract, extract.seed);
    for (let first = 0; first < rows.length; first += rowsAtOnce) {
      const batch = rows.slice(first, first + rowsAtOnce);
      const found = await subject.generate({
        ...{ prompts: batch.map(({ o }) => starts[o]), promptKeys: batch.map(({ o }) => openings[o].id) },
        ...{ newTokens, sampling, signal, endTokens: subject.endTokens, stopAtEnd: true },
        interventions: rowInterventions(
          subject.intervened,
          batch.map(({ own }) => own),
        ),
      });
      for (const [r, { c, o }] of batch.entries()) tokens[c][o] = found.tokens[r];
      onTokens?.(batch.length * newTokens);
    }
  } finally {
    await subject.release();
  }
  const { tokenizer } = subject;
  const losses = await lossesOf(path, device, starts, tokens, signal);
  const { endTokens } = subject;
  // Without what the tokenizer puts before every text, and what ends one.
  const before = tokenizer?.encode('') ?? new Int32Array(0);
  const decode = (ids: Int32Array) => tokenizer?.decode(ids.filter((id) => !endTokens.includes(id))) ?? '';
  const opening = (ids: Int32Array) =>
    decode(before.every((id, at) => ids[at] === id) ? ids.subarray(before.length) : ids);
  const written = tokens.map((own, c) => ({ tokens: own, texts: own.map(decode), losses: losses[c] }));
  return { written, started: own.map(opening) };
}

/** Losses of continuations in the untouched model, their openings being context. */
async function lossesOf(
  path: string,
  device: StageParameters['extract']['device'],
  starts: readonly Int32Array[],
  continued: readonly Int32Array[][],
  signal: AbortSignal,
): Promise<Float64Array[]> {
  const subject = await openLossSubject(path, { device });
  try {
    const texts = continued.flatMap((own) => own.map((ids, o) => Int32Array.of(...starts[o], ...ids)));
    const scoredFrom = continued.flatMap((own) => own.map((_, o) => starts[o].length));
    const [all] = await subject.losses({ texts, scoredFrom, changes: [[]], signal });
    return continued.map((own, c) => all.slice(c * own.length, (c + 1) * own.length));
  } finally {
    await subject.release();
  }
}
