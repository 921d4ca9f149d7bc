import { designRuns } from '@galvani/design';
import { openModelTokenizer, type SubjectDescription } from '@galvani/model';
import { type PlannedParameters, readStudyBank } from '@galvani/study';
import { presentPrompts } from '@galvani/subject';

/** How many tokens a study presents, template and system text included. */
export interface PresentedTokens {
  /** Of a prompt, in the mean over all runs. */
  mean: number;
  /** Of the longest prompt. */
  longest: number;
  /** Up to a prompt's own last token, in the mean: what a lesion reads. */
  toOwnLast: number;
  /** That have a row where prompts are read, in the mean. */
  kept: number;
}

/**
 * Counts the tokens of the prompts that a study's design takes from its bank, as the model is given them; undefined of a model without a tokenizer.
 *
 * @param path of the model
 * @throws UserMistake as `presentPrompts`, and for what is wrong with the bank
 */
export async function presentedTokens(
  { design, extract }: Pick<PlannedParameters, 'design' | 'extract'>,
  path: string,
  { name, contextLength }: Pick<SubjectDescription, 'name' | 'contextLength'>,
  root: string,
): Promise<PresentedTokens | undefined> {
  const tokenizer = await openModelTokenizer(path);
  if (!tokenizer) return undefined;
  const { bank } = await readStudyBank(root, design);
  const events = designRuns(design, bank, (text) => tokenizer.encode(text).length).flatMap(({ events }) => events);
  // Runs may share prompts.
  const texts = new Map(events.map((event) => [event.text, event]));
  const newTokens = extract.mode === 'read' ? 0 : extract.newTokens;
  const subject = { tokenizer, contextLength, name };
  const presented = await presentPrompts([...texts.values()], subject, newTokens, { presentation: extract });
  const of = new Map([...texts.keys()].map((text, t) => [text, presented[t]]));
  const all = events.map(({ text }) => of.get(text)!);
  const mean = (count: (prompt: (typeof all)[number]) => number) =>
    all.reduce((sum, prompt) => sum + count(prompt), 0) / all.length;
  return {
    mean: mean(({ tokens }) => tokens.length),
    longest: Math.max(...all.map(({ tokens }) => tokens.length)),
    toOwnLast: mean(({ until }) => until),
    kept: mean(({ tokens, from, until }) => (extract.templateTokens === 'drop' ? until - from : tokens.length)),
  };
}
