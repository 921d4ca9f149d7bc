import { resolve } from 'node:path';
import type { LesionComparison, LesionPairRow, LesionRow, LesionSelectivity, LesionTextRow } from '@galvani/artifact';
import type { LossSubject } from '@galvani/model';
import { type Prompt, readLesionPairs, type StageParameters } from '@galvani/study';
import { changesOf } from './lesion-changes.js';
import { comparisonRows, matrixRows, selectivityRows, type TopicTexts } from './lesion-rows.js';
import { families, measureLosses } from './measured-losses.js';
import { pairRows } from './pair-rows.js';
import type { PlannedLesion } from './planned-lesions.js';
import { isReadable, ownTexts, pairTokens, textTokens } from './texts-to-read.js';
import { type UnseenText, unseenTexts } from './unseen-texts.js';

/** What the stage writes. */
export interface LesionTables {
  matrix: LesionRow[];
  selectivity: LesionSelectivity[];
  comparisons: LesionComparison[];
  pairs: LesionPairRow[];
  texts: LesionTextRow[];
}

export const emptyTables: LesionTables = { matrix: [], selectivity: [], comparisons: [], pairs: [], texts: [] };

/** Where texts come from. */
interface Sources {
  root: string;
  asked: StageParameters['lesion'];
  design: StageParameters['design'];
  bank: readonly Prompt[];
  /** Ids of the prompts that runs present. */
  shown: ReadonlySet<string>;
}

/** Fewest texts of a topic from which anything is said. */
const leastTexts = 4;

/** Reads texts and pairs under all lesions and says what became of them. */
export async function lesionTables(
  subject: LossSubject,
  lesions: readonly PlannedLesion[],
  sources: Sources,
  signal: AbortSignal,
): Promise<LesionTables> {
  const { asked, root } = sources;
  const texts = await textsOf(subject, sources);
  const pairs = asked.pairs === undefined ? [] : await readLesionPairs(resolve(root, asked.pairs));
  const read = await textTokens(texts, subject, signal);
  const ofPairs = {
    topics: pairs.map(({ topic }) => topic),
    texts: await pairTokens(pairs, subject, signal),
    first: read.length,
  };
  if (read.length + pairs.length === 0) return emptyTables;
  const topicsRead = new Set(texts.map(({ topic }) => topic));
  const isRead = (network: string, t: number) =>
    t >= texts.length || texts[t].topic === network || texts[t].underOthers || !topicsRead.has(network);
  const { untouched, lesions: measured } = await measureLosses(
    subject,
    lesions,
    [...read, ...ofPairs.texts],
    isRead,
    signal,
  );
  const topics = topicTexts(texts, untouched);
  const textLosses = (losses: Float64Array) => losses.subarray(0, read.length);
  const sets = families(measured);
  const changes = sets.map((set) => set.map((own) => changesOf(own, textLosses)));
  const largest = Math.max(...lesions.map(({ dose }) => dose));
  return {
    matrix: changes.flatMap((set) => matrixRows(set, topics, untouched, asked.seed)),
    selectivity: changes.flatMap((set) => selectivityRows(set, topics, asked.seed)),
    comparisons: changes.flatMap((set) =>
      comparisonRows(
        set.filter(({ dose }) => dose === largest),
        topics,
      ),
    ),
    pairs: pairs.length === 0 ? [] : sets.flatMap((set) => pairRows(set, ofPairs, untouched, asked.seed)),
    texts: texts.map(({ topic, id }, t) => ({
      ...{ topic, prompt_id: id, tokens: read[t].tokens.length, loss: untouched[t] },
    })),
  };
}

/** A person's own texts, or those of the bank that no run presents and that the model can read. */
async function textsOf(subject: LossSubject, { root, asked, design, bank, shown }: Sources): Promise<UnseenText[]> {
  if (asked.texts !== undefined) return ownTexts(resolve(root, asked.texts));
  const readable = bank.filter(({ text }) => isReadable(text, subject));
  const { tokenizer } = subject;
  return unseenTexts(readable, design, shown, {
    ...{ most: asked.prompts, underOthers: asked.otherPrompts, least: leastTexts, seed: asked.seed },
    ...(tokenizer && { countTokens: (text: string) => tokenizer.encode(text).length }),
  });
}

/** Topics with texts enough; a text of one token has no loss. */
function topicTexts(texts: readonly UnseenText[], untouched: Float64Array): TopicTexts[] {
  return [...new Set(texts.map(({ topic }) => topic))]
    .map((topic) => ({
      topic,
      texts: texts.flatMap((text, t) => (text.topic === topic && Number.isFinite(untouched[t]) ? [t] : [])),
    }))
    .filter((own) => own.texts.length >= leastTexts);
}
