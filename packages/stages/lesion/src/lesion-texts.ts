import type { LossSubject } from '@galvani/model';
import { located, type Prompt, readLesionPairs, type StageParameters } from '@galvani/study';
import type { Presentation } from '@galvani/subject';
import { isReadable, ownTexts, pairTokens, type TextTokens, textTokens } from './texts-to-read.js';
import { type UnseenText, unseenTexts } from './unseen-texts.js';

/** Where texts come from. */
export interface TextSources {
  root: string;
  asked: StageParameters['lesion'];
  /** How the study presents its prompts. */
  presentation: Presentation;
  design: StageParameters['design'];
  bank: readonly Prompt[];
  /** Ids of the prompts that runs present. */
  shown: ReadonlySet<string>;
}

/** As much of a text's tokens as tables need. */
export interface ScoredText extends Omit<TextTokens, 'tokens'> {
  tokens: { length: number };
}

/** All that is read: texts, then good and bad of each pair in turn. */
export interface LesionTexts<Tokens extends ScoredText = ScoredText> {
  texts: Pick<UnseenText, 'id' | 'topic' | 'underOthers'>[];
  /** Topic of each pair. */
  pairs: string[];
  tokens: Tokens[];
}

/** Fewest texts of a topic from which anything is said. */
export const leastTexts = 4;

/** A person's own texts, or those of the bank that no run presents and that the model can read; and a person's pairs. */
export async function lesionTexts(
  subject: LossSubject,
  sources: TextSources,
  signal: AbortSignal,
): Promise<LesionTexts<TextTokens>> {
  const { asked, root, presentation } = sources;
  const texts = await textsOf(subject, sources);
  const pairs = asked.pairs === undefined ? [] : await readLesionPairs(located(root, asked.pairs));
  const tokens = [
    ...(await textTokens(texts, subject, signal, presentation)),
    ...(await pairTokens(pairs, subject, signal)),
  ];
  return {
    texts: texts.map(({ id, topic, underOthers }) => ({ id, topic, underOthers })),
    pairs: pairs.map(({ topic }) => topic),
    tokens,
  };
}

/** Whether a text is read under the lesions of a network: all of its own topic, some of the others'. */
export function readUnder({ texts }: Pick<LesionTexts, 'texts'>): (network: string, text: number) => boolean {
  const topics = new Set(texts.map(({ topic }) => topic));
  return (network, t) =>
    t >= texts.length || texts[t].topic === network || texts[t].underOthers || !topics.has(network);
}

async function textsOf(
  subject: LossSubject,
  { root, asked, presentation, design, bank, shown }: TextSources,
): Promise<UnseenText[]> {
  if (asked.texts !== undefined) return ownTexts(located(root, asked.texts));
  const readable = bank.filter(({ text }) => isReadable(text, subject, presentation));
  const { tokenizer } = subject;
  return unseenTexts(readable, design, shown, {
    ...{ most: asked.prompts, underOthers: asked.otherPrompts, least: leastTexts, seed: asked.seed },
    ...(tokenizer && { countTokens: (text: string) => tokenizer.encode(text).length }),
  });
}
