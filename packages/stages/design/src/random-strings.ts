import { randomStream } from '@galvani/numerics';
import { type Prompt, randomStringsTask } from '@galvani/study';

const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789';

/**
 * Random strings matched in length to real prompts: each takes a prompt of `models` and replaces every letter and digit by
 * a random one, so that the number of words and of characters are the same. Prompt k of session s is the same whatever
 * the number of sessions.
 */
export function randomStrings(seed: number, session: number, count: number, models: readonly Prompt[]): Prompt[] {
  const stream = randomStream(seed, 'design', randomStringsTask, session);
  return Array.from({ length: count }, (_, k) => {
    const model = models[stream.integer(models.length)];
    const text = model.text.replace(/[^\s]/gu, () => alphabet[stream.integer(alphabet.length)]);
    const id = `${randomStringsTask}-${session}-${String(k + 1).padStart(3, '0')}`;
    return { id, topic: randomStringsTask, form: model.form, text };
  });
}
