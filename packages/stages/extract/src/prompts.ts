import type { Event } from '@galvani/artifact';
import type { Subject } from '@galvani/model';
import { UserMistake } from '@galvani/terminal';

/**
 * Token ids of a run's prompts. `newTokens` is 0 where they are only read.
 * @throws UserMistake if the model has no tokenizer, or a prompt gives no token, or leaves no room for the new ones.
 */
export function encodePrompts(
  events: readonly Pick<Event, 'prompt_id' | 'text'>[],
  { tokenizer, contextLength, name }: Pick<Subject, 'tokenizer' | 'contextLength' | 'name'>,
  newTokens: number,
): Int32Array[] {
  if (!tokenizer)
    throw new UserMistake(
      `the model ${name} comes without a tokenizer.json, so texts cannot be turned into its tokens. Put its tokenizer.json beside its weights.`,
    );
  const limit = contextLength - newTokens;
  if (limit < 1)
    throw new UserMistake(
      `newTokens is ${newTokens}, and the context of ${name} holds ${contextLength} tokens, prompt and continuation together. Ask for fewer new tokens.`,
    );
  return events.map(({ prompt_id, text }) => {
    const tokens = tokenizer.encode(text);
    if (tokens.length === 0)
      throw new UserMistake(
        `the prompt '${prompt_id}' gives no tokens in the tokenizer of ${name}: it needs some text.`,
      );
    if (tokens.length > limit)
      throw new UserMistake(
        `the prompt '${prompt_id}' has ${tokens.length} tokens, and at most ${limit} fit: the context of ${name} is ${contextLength}${newTokens > 0 ? ` and ${newTokens} are generated. Shorten the prompt or lower newTokens.` : '. Shorten the prompt.'}`,
      );
    return tokens;
  });
}
