import type { LossSubject } from '@galvani/model';
import { type LesionPair, readLesionTexts } from '@galvani/study';
import { encodePrompts, type Presentation, presentPrompts, promptPresenter } from '@galvani/subject';
import { UserMistake } from '@galvani/terminal';
import type { UnseenText } from './unseen-texts.js';

/** A text as the model reads it. */
export interface TextTokens {
  tokens: Int32Array;
  /** The first token that is predicted; what is before it is context. */
  scoredFrom: number;
}

type Reader = Pick<LossSubject, 'tokenizer' | 'contextLength' | 'name'>;

/** A person's own texts, grouped by topic in the order of their first appearance. */
export async function ownTexts(path: string): Promise<UnseenText[]> {
  const texts = await readLesionTexts(path);
  const topics = [...new Set(texts.map(({ topic }) => topic))];
  return topics.flatMap((topic) =>
    texts
      .filter((each) => each.topic === topic)
      .map(({ text, where }) => ({ id: where, topic, text, underOthers: true })),
  );
}

/** Whether the subject can read and predict a text: two tokens or more, and no more than its context holds. */
export function isReadable(
  text: string,
  { tokenizer, contextLength, name }: Reader,
  presentation: Presentation = asItIs,
): boolean {
  if (!tokenizer) return false;
  const { tokens, from, until } = promptPresenter(presentation, { tokenizer, name })(text);
  return until - Math.max(1, from) >= 1 && tokens.length <= contextLength;
}

const asItIs: Presentation = { mode: 'read' };

/**
 * Texts within the template in which the study presents its prompts, up to their own last token: what the template has before them
 * is context, and what it has behind them is not read.
 * @throws UserMistake for a text that does not fit
 */
export async function textTokens(
  texts: readonly UnseenText[],
  subject: Reader,
  signal: AbortSignal,
  presentation: Presentation = asItIs,
): Promise<TextTokens[]> {
  const named = texts.map(({ id, text }) => ({ prompt_id: id, text }));
  return (await presentPrompts(named, subject, 0, { presentation, signal })).map(({ tokens, from, until }) => ({
    tokens: tokens.subarray(0, until),
    scoredFrom: Math.max(1, from),
  }));
}

/** Both texts of each pair as they stand, without a template, good before bad. @throws UserMistake with file and line */
export async function pairTokens(
  pairs: readonly LesionPair[],
  subject: Reader,
  signal: AbortSignal,
): Promise<TextTokens[]> {
  const sides = pairs.flatMap(({ good, bad, goodContext, badContext, where }) => [
    { prompt_id: `good of ${where}`, context: goodContext, text: joined(goodContext, good) },
    { prompt_id: `bad of ${where}`, context: badContext, text: joined(badContext, bad) },
  ]);
  const whole = await encodePrompts(sides, subject, 0, { signal });
  return whole.map((tokens, k) => {
    const { prompt_id, context } = sides[k];
    const before = context === '' ? undefined : subject.tokenizer!.encode(context);
    if (before && !(before.length < tokens.length && before.every((token, i) => token === tokens[i])))
      throw new UserMistake(
        `the ${prompt_id}: its context '${context}' does not end where a token of ${subject.name} ends, so what follows it cannot be scored alone. Move the border to another word.`,
      );
    const scoredFrom = before?.length ?? 1;
    if (tokens.length <= scoredFrom)
      throw new UserMistake(
        `the ${prompt_id} is one token of ${subject.name}, which nothing precedes and so nothing predicts: give it a context or more words.`,
      );
    return { tokens, scoredFrom };
  });
}

/** With a space between, where neither brings one and no punctuation follows. */
function joined(context: string, text: string): string {
  const apart = context === '' || /\s$/.test(context) || /^[\s.,;:!?)\]'’]/.test(text);
  return apart ? context + text : `${context} ${text}`;
}
