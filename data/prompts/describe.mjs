/**
 * Counts and lengths of a prompt bank by topic and form, as Markdown: `node data/prompts/describe.mjs [FILE.csv]`.
 * The tables in README.md are this script's output, and a test compares them.
 */
import { fileURLToPath } from 'node:url';
import { embeddedPrompts, readPromptBank } from '@galvani/study';

/** The topics with enough prompts to be a task; all others are pooled, since they fill the off blocks together. */
export const taskTopics = ['political-science', 'medical-imaging', 'paleontology', 'archaeology', 'pathology'];

export const forms = ['statement', 'question', 'definition', 'list'];

/** @typedef {import('@galvani/study').Prompt} Prompt */

/** Words as whitespace separates them. @param {string} text */
export const wordCount = (text) => text.split(' ').length;

/** Mean, sample standard deviation, least and greatest. @param {number[]} values */
export function spread(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, sd: Math.sqrt(squares / (values.length - 1)), least: Math.min(...values), most: Math.max(...values) };
}

/** A row for each form and group: every task topic, and the pool of the other topics. @param {Prompt[]} bank */
export function lengthsByGroup(bank) {
  return forms.flatMap((form) =>
    [...taskTopics, 'other topics'].map((group) => {
      const texts = bank
        .filter((prompt) => prompt.form === form)
        .filter(({ topic }) => (taskTopics.includes(topic) ? topic === group : group === 'other topics'))
        .map(({ text }) => text);
      return {
        form,
        group,
        prompts: texts.length,
        words: spread(texts.map(wordCount)),
        characters: spread(texts.map(({ length }) => length)),
      };
    }),
  );
}

/** @param {Prompt[]} bank */
export function describe(bank) {
  const counts = new Map();
  for (const { topic } of bank) counts.set(topic, (counts.get(topic) ?? 0) + 1);
  const others = [...counts].filter(([topic]) => !taskTopics.includes(topic));
  const brief = ({ mean, sd }) => `${mean.toFixed(2)} (${sd.toFixed(2)})`;
  return [
    `${bank.length} prompts on ${counts.size} topics.`,
    '',
    `- Task topics: ${taskTopics.map((topic) => `${topic} ${counts.get(topic)}`).join(', ')}.`,
    `- ${others.length} other topics: ${others.map(([topic, count]) => `${topic} ${count}`).join(', ')}.`,
    '',
    '| form | topic | prompts | words: mean (SD) | range | characters: mean (SD) |',
    '|---|---|--:|--:|--:|--:|',
    ...lengthsByGroup(bank).map(
      ({ form, group, prompts, words, characters }) =>
        `| ${form} | ${group} | ${prompts} | ${brief(words)} | ${words.least} to ${words.most} | ${brief(characters)} |`,
    ),
  ].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) 
  console.log(describe(await readPromptBank(process.argv[2] ?? embeddedPrompts)));
