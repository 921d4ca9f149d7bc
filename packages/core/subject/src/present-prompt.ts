import type { Tokenizer } from '@galvani/model';
import type { Recorded } from '@galvani/study';
import { UserMistake } from '@galvani/terminal';

/** How prompts are presented: fields of `plan/extract.json`. */
export type Presentation = Pick<Recorded, 'template' | 'system' | 'mode'>;

/** Tokens of a text from one to before another. */
export interface TokenSpan {
  from: number;
  until: number;
}

/** A prompt as the model gets it. `from` and `until`: which tokens are the prompt's own; all without a template. */
export interface PresentedPrompt extends TokenSpan {
  tokens: Int32Array;
}

/** What stands for the prompt in a template. */
export const promptPlace = '{prompt}';

/** No text has it. */
const sentinel = '\u{e000}prompt\u{e001}';

/**
 * How a model's prompts become text: none where they are presented as they are.
 *
 * @throws UserMistake for a model without a chat template that is asked for its own, and for what the template refuses
 */
function templated(
  { template, system, mode }: Presentation,
  { tokenizer, name }: { tokenizer: Pick<Tokenizer, 'chat'>; name: string },
): ((text: string) => string) | undefined {
  if (template === undefined) return undefined;
  if (template !== 'chat') return (text) => template.replace(promptPlace, () => text);
  const { chat } = tokenizer;
  if (!chat)
    throw new UserMistake(
      `prompts.template is chat, and the model ${name} comes without a chat template: neither has tokenizer_config.json a chat_template nor lies a chat_template.jinja beside it. Put the chat_template.jinja of its instruct version there, or give a text with {prompt} in it as prompts.template, or leave template out.`,
    );
  return (text) => chat.render(text, { system, answer: mode === 'generate' });
}

/**
 * Turns prompts into tokens as a study presents them. What a chat template writes as special tokens are these, and the tokenizer adds
 * none; in a template of a person's own it adds what it adds to every text, but no second of the token that the template begins with.
 */
export function promptPresenter(
  presentation: Presentation,
  subject: { tokenizer: Pick<Tokenizer, 'encode' | 'chat'>; name: string },
): (text: string) => PresentedPrompt {
  const { tokenizer } = subject;
  const written = templated(presentation, subject);
  if (!written)
    return (text) => {
      const tokens = tokenizer.encode(text);
      return { tokens, from: 0, until: tokens.length };
    };
  const encode = (text: string) =>
    presentation.template === 'chat' ? tokenizer.encode(text, { bare: true }) : withoutTwice(tokenizer, text);
  const [before = '', after = ''] = written(sentinel).split(sentinel);
  return (text) => {
    const whole = written(text);
    const tokens = encode(whole);
    // A template may look at what it is given, and trim it.
    const head = encode(whole.slice(0, shared(whole, before)));
    const tail = encode(whole.slice(whole.length - sharedEnd(whole, after)));
    const from = shared(tokens, head);
    const until = tokens.length - Math.min(sharedEnd(tokens, tail), tokens.length - from);
    return { tokens, from, until };
  };
}

/** What a study presents around a prompt, with {prompt} in its place; undefined where that is nothing. */
export function presentedTemplate(
  presentation: Presentation,
  subject: { tokenizer: Pick<Tokenizer, 'chat'>; name: string },
): string | undefined {
  return templated(presentation, subject)?.(sentinel).replace(sentinel, () => promptPlace);
}

function withoutTwice(tokenizer: Pick<Tokenizer, 'encode'>, text: string): Int32Array {
  const whole = tokenizer.encode(text);
  const bare = tokenizer.encode(text, { bare: true });
  const twice = whole.length > bare.length && whole[0] === bare[0] && whole[0] === whole[1];
  return twice ? whole.subarray(1) : whole;
}

/** How many characters or tokens two sequences begin with in common. */
function shared<T extends ArrayLike<unknown>>(a: T, b: T): number {
  let n = 0;
  while (n < a.length && n < b.length && a[n] === b[n]) n++;
  return n;
}

function sharedEnd<T extends ArrayLike<unknown>>(a: T, b: T): number {
  let n = 0;
  while (n < a.length && n < b.length && a[a.length - 1 - n] === b[b.length - 1 - n]) n++;
  return n;
}
