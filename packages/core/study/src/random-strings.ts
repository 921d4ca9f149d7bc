import { type RandomStream, randomStream } from '@galvani/numerics';
import type { Prompt } from './prompt-bank.js';
import { randomStringsTask } from './study-schema.js';

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** How many tokens a text is for the model at hand. */
export type CountTokens = (text: string) => number;

/**
 * Random strings matched in length to real prompts: each takes a prompt of `models` and replaces every letter and digit by
 * a random one, so that the number of words and of characters are the same. Prompt k of session s is the same whatever
 * the number of sessions.
 *
 * @param session from 1; 0 gives strings that no session presents
 * @param countTokens where the model's tokenizer is at hand: then words are shortened, since random letters take more tokens than real
 *   ones, until the string has as many tokens as its model; of characters it has fewer
 */
export function randomStrings(
  seed: number,
  session: number,
  count: number,
  models: readonly Prompt[],
  countTokens?: CountTokens,
): Prompt[] {
  const stream = randomStream(seed, 'design', randomStringsTask, session);
  return Array.from({ length: count }, (_, k) => {
    const model = models[stream.integer(models.length)];
    const drawn = model.text.replace(/[^\s]/gu, () => alphabet[stream.integer(alphabet.length)]);
    const id = `${randomStringsTask}-${session}-${String(k + 1).padStart(3, '0')}`;
    const text = countTokens
      ? matched(
          drawn,
          countTokens(model.text),
          countTokens,
          randomStream(seed, 'design', randomStringsTask, session, k),
        )
      : drawn;
    return { id, topic: randomStringsTask, form: model.form, text };
  });
}

/** A letter more or less changes few tokens, so that this many steps for each token are plenty. */
const stepsOfToken = 20;

/**
 * Takes letters from the longest words, or adds some to random words, until the text has `tokens`; where it keeps missing them, the
 * nearest that was seen.
 */
function matched(text: string, tokens: number, countTokens: CountTokens, stream: RandomStream): string {
  let words = text.split(/\s+/);
  let [best, missed] = [text, Number.POSITIVE_INFINITY];
  for (let step = 0; step < stepsOfToken * tokens; step++) {
    const now = words.join(' ');
    const more = countTokens(now) - tokens;
    if (Math.abs(more) < missed) [best, missed] = [now, Math.abs(more)];
    if (more === 0) break;
    const longest = Math.max(...words.map((word) => word.length));
    const choice = words.flatMap((word, w) => (more < 0 || word.length === longest ? [w] : []));
    const w = choice[stream.integer(choice.length)];
    if (more < 0) words[w] += alphabet[stream.integer(alphabet.length)];
    else if (longest > 1) words[w] = words[w].slice(0, -1);
    // Every word is one letter: a word less.
    else words = words.filter((_, other) => other !== w);
    if (words.length === 0) break;
  }
  return best;
}
