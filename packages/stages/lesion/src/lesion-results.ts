import type { LesionComparison, LesionPairRow, LesionRow, LesionSelectivity, LesionTextRow } from '@galvani/artifact';
import { changesOf } from './lesion-changes.js';
import { comparisonRows, matrixRows, selectivityRows, type TopicTexts } from './lesion-rows.js';
import { type LesionTexts, leastTexts } from './lesion-texts.js';
import { families, type MeasuredLosses } from './measured-losses.js';
import { pairRows } from './pair-rows.js';

/** What the stage writes. */
export interface LesionTables {
  matrix: LesionRow[];
  selectivity: LesionSelectivity[];
  comparisons: LesionComparison[];
  pairs: LesionPairRow[];
  texts: LesionTextRow[];
}

export const emptyTables: LesionTables = { matrix: [], selectivity: [], comparisons: [], pairs: [], texts: [] };

/** What became of texts and pairs under all lesions. */
export function lesionTables(
  { untouched, lesions }: MeasuredLosses,
  { texts, pairs, tokens }: LesionTexts,
  seed: number,
): LesionTables {
  const topics = topicTexts(texts, untouched);
  const textLosses = (losses: Float64Array) => losses.subarray(0, texts.length);
  const sets = families(lesions);
  const changes = sets.map((set) => set.map((own) => changesOf(own, textLosses)));
  const largest = Math.max(...lesions.map(({ lesion }) => lesion.dose));
  const ofPairs = { topics: pairs, texts: tokens.slice(texts.length), first: texts.length };
  return {
    matrix: changes.flatMap((set) => matrixRows(set, topics, untouched, seed)),
    selectivity: changes.flatMap((set) => selectivityRows(set, topics, seed)),
    comparisons: changes.flatMap((set) =>
      comparisonRows(
        set.filter(({ dose }) => dose === largest),
        topics,
      ),
    ),
    pairs: pairs.length === 0 ? [] : sets.flatMap((set) => pairRows(set, ofPairs, untouched, seed)),
    texts: texts.map(({ topic, id }, t) => ({
      ...{ topic, prompt_id: id, tokens: tokens[t].tokens.length, loss: untouched[t] },
    })),
  };
}

/** Topics with texts enough; a text of one token has no loss. */
function topicTexts(texts: LesionTexts['texts'], untouched: Float64Array): TopicTexts[] {
  return [...new Set(texts.map(({ topic }) => topic))]
    .map((topic) => ({
      topic,
      texts: texts.flatMap((text, t) => (text.topic === topic && Number.isFinite(untouched[t]) ? [t] : [])),
    }))
    .filter((own) => own.texts.length >= leastTexts);
}
