import { hasNoRest } from '../findings/off-blocks.js';
import { count, counted, listed, taskName } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';
import { modelName, samplingWords, templateWords } from '../sections/subject.js';
import type { Work } from './references.js';

/** The model, what it was shown and what was recorded. */
export function subjectSentences(results: StudyResults, cite: (work: Work) => string): string[] {
  const { plan, tasks, tokens, events, manifests } = results;
  const { extract, design } = plan;
  const { sessions, promptsPerBlock, cycles } = design.design;
  const digests = new Set(
    [...manifests].flatMap(([name, { parameters }]) =>
      name.startsWith('extract/') ? ((parameters.model as { sha256?: string } | undefined)?.sha256 ?? []) : [],
    ),
  );
  const recorded = [...tokens.values()].reduce((sum, rows) => sum + rows.length, 0);
  const prompts = new Set([...events.values()].flatMap((rows) => rows.map(({ prompt_id }) => prompt_id))).size;
  const twin = 'twin' in extract.model ? ' the untrained twin (weights permuted within each tensor) of' : '';
  const digest = digests.size > 0 ? ` (SHA-256 of its files ${[...digests].join(', ')})` : '';
  const blocks = plan.glm.pairs
    ? `${counted(cycles * promptsPerBlock, 'pair')} of a prompt on the task and its partner on another topic`
    : `${counted(cycles, 'on block')} between off blocks on ${hasNoRest(results) ? 'the other tasks in equal parts' : 'other topics'}, ${counted(promptsPerBlock, 'prompt')} in each block${design.repeatRest ? ', the off blocks of a session being the same for every task' : ''}`;
  return [
    `The subject was${twin} the language model ${modelName(extract)}${digest}, by the method of ${cite('nencka2023')}.`,
    `${counted(sessions, 'session')} with a run for each of ${counted(tasks.length, 'task')} (${listed(tasks.map(taskName))}): ${blocks}.`,
    ...(prompts > 0 ? [`${count(prompts)} prompts were presented, each in a context of its own.`] : []),
    extract.mode === 'read'
      ? `Activity was recorded while the model read prompts (${{ all: 'every token', mean: 'the mean over tokens', last: 'the last token' }[extract.tokens]}).`
      : `For each prompt ${count(extract.newTokens)} tokens${extract.stopAtEnd ? ' at most, and none after the end of its text,' : ''} were generated (${samplingWords(extract)}).`,
    ...(templateWords(extract) === undefined
      ? []
      : [
          `Each prompt was presented ${templateWords(extract)}${extract.templateTokens === 'drop' ? '; the template’s own tokens were left out' : ''}.`,
        ]),
    ...(extract.keep === 'prompts' ? ['Of each prompt moments over its tokens were kept.'] : []),
    ...(recorded > 0 ? [`${count(recorded)} tokens counted.`] : []),
  ];
}
