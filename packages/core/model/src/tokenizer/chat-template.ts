import { join } from 'node:path';
import { Interrupted, readTextFileIfThere, UserMistake } from '@galvani/terminal';
import { Template } from '@huggingface/jinja';
import { tokenOf } from './added-tokens.js';
import { withinTime } from './bounded-time.js';

/** How a model is spoken to: a program of Jinja that turns messages into text, as it comes with the model. */
export interface ChatTemplate {
  /** The text of a conversation of one user's message, after the system's where there is one. @throws UserMistake where the template refuses it */
  render(message: string, options: { system?: string; answer: boolean }): string;
}

/** The file that a template lies in beside the tokenizer, and which goes before tokenizer_config.json's. */
export const chatTemplateFile = 'chat_template.jinja';

/** Seconds that a template may take. */
const slowest = 10;

const roles = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'];

/**
 * The chat template of the tokenizer in a folder; undefined without one. It is given what transformers' `apply_chat_template` gives
 * it, but for today's date, in whose place it is always told 26 July 2024: the same study has the same tokens on every day.
 */
export async function readChatTemplate(
  folder: string,
  config: Record<string, unknown>,
  special: Record<string, unknown>,
): Promise<ChatTemplate | undefined> {
  const beside = await readTextFileIfThere(join(folder, chatTemplateFile));
  const source = beside ?? defaultOf(config.chat_template);
  if (source === undefined) return undefined;
  const path = join(folder, beside === undefined ? 'tokenizer_config.json' : chatTemplateFile);
  const named: Record<string, unknown> = { ...special, ...config };
  const tokens = roles.flatMap((role) => {
    const content = tokenOf(named[role])?.content;
    return content === undefined ? [] : [[role, content]];
  });
  const given = { ...Object.fromEntries(tokens), tools: null, documents: null, galvani_date: fixedDate };
  let template: Template | undefined;
  return {
    render(message, { system, answer }) {
      const messages = [
        ...(system === undefined ? [] : [{ role: 'system', content: system }]),
        { role: 'user', content: message },
      ];
      const late = () => new Error(`it takes longer than ${slowest} seconds`);
      try {
        return withinTime(
          slowest,
          () => {
            template ??= new Template(source.includes('strftime_now') ? withFixedDate + source : source);
            return template.render({ ...given, messages, add_generation_prompt: answer });
          },
          late,
        );
      } catch (cause) {
        if (cause instanceof Interrupted) throw cause;
        const cure =
          system === undefined
            ? 'Give a template of your own as prompts.template: a text with {prompt} in it.'
            : 'If it knows no system text, leave out prompts.system and put its words before {prompt} in a text of your own.';
        throw new UserMistake(
          `${path}: the chat template does not take the prompt: ${(cause as Error).message}. ${cure}`,
          {
            cause,
          },
        );
      }
    },
  };
}

/** tokenizer_config.json has one template, or several with names. */
function defaultOf(templates: unknown): string | undefined {
  if (typeof templates === 'string') return templates;
  if (!Array.isArray(templates)) return undefined;
  const found = templates.find((each) => each?.name === 'default')?.template;
  return typeof found === 'string' ? found : undefined;
}

// The library declares strftime_now itself, so that it can be changed by the template alone.
const withFixedDate = '{%- set strftime_now = galvani_date -%}';

const parts: Record<string, string> = {
  ...{ a: 'Fri', A: 'Friday', b: 'Jul', B: 'July', d: '26', e: '26', j: '208', m: '07', y: '24', Y: '2024' },
  ...{ H: '12', I: '12', M: '00', S: '00', p: 'PM' },
};

/** The date to which Llama's templates fall back, in a format of strftime. */
function fixedDate(format: string): string {
  return format.replace(/%-?([a-zA-Z%])/g, (whole, part) => (part === '%' ? '%' : (parts[part] ?? whole)));
}
