import { setImmediate } from 'node:timers/promises';
import type { Event } from '@galvani/artifact';
import type { Subject } from '@galvani/model';
import { UserMistake } from '@galvani/terminal';
import { type Presentation, type PresentedPrompt, promptPresenter } from './present-prompt.js';

/** What a person asks for new tokens with, in a study. */
const inStudy = 'extraction.newTokens';

/** A command that writes tokenizer.json into a folder with any other kind of tokenizer. */
const makeTokenizer = `python -c "from transformers import AutoTokenizer as A; A.from_pretrained('FOLDER').save_pretrained('FOLDER')"`;

/** @throws UserMistake if no prompt leaves room for the new tokens. `option`: what the person asked for them with */
export function requireRoom(
  newTokens: number,
  { contextLength, name }: Pick<Subject, 'contextLength' | 'name'>,
  option = inStudy,
): void {
  if (newTokens >= contextLength)
    throw new UserMistake(
      `${option} is ${newTokens}, and the context of ${name} holds ${contextLength} tokens, prompt and continuation together. Ask for fewer new tokens.`,
    );
}

/** How prompts are turned into tokens, beside what they are. */
export interface EncodingOptions {
  /** What the person asked for new tokens with. Default: extraction.newTokens. */
  option?: string;
  /** The template around them. Default: none. */
  presentation?: Presentation;
  signal?: AbortSignal;
}

/** Token ids of a run's prompts: the tokens of `presentPrompts`. */
export async function encodePrompts(...given: Parameters<typeof presentPrompts>): Promise<Int32Array[]> {
  return (await presentPrompts(...given)).map(({ tokens }) => tokens);
}

/**
 * A run's prompts as the model gets them. `newTokens` is 0 where they are only read; `option` is what the person asked for them with. A
 * signal to the process is answered between two prompts.
 * @throws UserMistake if the model has no tokenizer, a prompt gives no token, leaves no room for the new ones, or is refused by the template.
 */
export async function presentPrompts(
  events: readonly Pick<Event, 'prompt_id' | 'text'>[],
  { tokenizer, contextLength, name }: Pick<Subject, 'tokenizer' | 'contextLength' | 'name'>,
  newTokens: number,
  { option = inStudy, presentation = { mode: 'generate' }, signal }: EncodingOptions = {},
): Promise<PresentedPrompt[]> {
  if (!tokenizer)
    throw new UserMistake(
      `the model ${name} comes without a tokenizer.json, so texts cannot be turned into its tokens. Put its tokenizer.json beside its weights. Where the model has a tokenizer.model, or a vocab.json and merges.txt (which are read as they are only if they are GPT-2's kind), transformers makes one: ${makeTokenizer}, FOLDER being the model's. Of a tokenizer.model it needs the Python packages sentencepiece and protobuf too.`,
    );
  requireRoom(newTokens, { contextLength, name }, option);
  const limit = contextLength - newTokens;
  const present = promptPresenter(presentation, { tokenizer, name });
  const encode = ({ prompt_id, text }: Pick<Event, 'prompt_id' | 'text'>) => {
    const presented = present(text);
    const { tokens, from, until } = presented;
    if (from === until)
      throw new UserMistake(
        `the prompt '${prompt_id}' gives no tokens in the tokenizer of ${name}: it needs some text.`,
      );
    if (tokens.length > limit)
      throw new UserMistake(
        `the prompt '${prompt_id}' has ${tokens.length} tokens${presentation.template === undefined ? '' : ', its template included'}, and at most ${limit} fit: the context of ${name} is ${contextLength}${newTokens > 0 ? ` and ${newTokens} are generated. Shorten the prompt or lower ${option}.` : '. Shorten the prompt.'}`,
      );
    return presented;
  };
  // Signals come in between; not before this has gone round once.
  const listen = async () => {
    await setImmediate();
    signal?.throwIfAborted();
  };
  const encoded: PresentedPrompt[] = [];
  await listen();
  for (const event of events)
    try {
      encoded.push(encode(event));
    } finally {
      // Also where it took too long: whoever stopped it meanwhile need not read about that.
      await listen();
    }
  return encoded;
}
