import type { Event, Token } from '@galvani/artifact';
import type { StageParameters } from '@galvani/study';
import { blocksOf, designTimeline } from '../figures/design-timeline.js';
import { hasNoRest } from '../findings/off-blocks.js';
import { taskColour } from '../page/colour.js';
import { absent, figure } from '../page/figure.js';
import { html, type Markup } from '../page/html.js';
import { section } from '../page/section.js';
import { count, counted, listed, taskName } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';
import { designMatrixFigure } from './design-matrix.js';

/** Sessions that the timeline draws; the rest have the same pattern. */
const mostSessions = 6;

/** The model, the stimuli and the order in which they were presented. */
export function subjectSection(results: StudyResults): Markup {
  return section(
    'subject',
    'Subject and design',
    facts(results),
    timeline(results),
    designMatrixFigure(results),
    presented(results),
    examples(results),
  );
}

/** The model as study.yaml names it; of a twin that which it is the twin of. */
export function modelName({ model: source }: StageParameters['extract']): string {
  const model = 'twin' in source ? source.twin : source;
  return 'hub' in model ? `${model.hub} (${model.revision})` : model.path;
}

/** The subject, as the object of a sentence. */
export function subjectWords(extract: StageParameters['extract']): Markup {
  const name = html`<code>${modelName(extract)}</code>`;
  return 'twin' in extract.model
    ? html`the untrained twin of the language model ${name}: its weights, permuted within each tensor (seed ${extract.model.seed}), so that each tensor keeps its distribution and nothing that was learned is left`
    : html`the language model ${name}`;
}

/** How tokens were chosen. */
export function samplingWords({ sampling }: StageParameters['extract']): string {
  if (sampling.method === 'greedy') return 'always the most probable token';
  const cut = [sampling.topK && `top ${sampling.topK}`, sampling.topP && `top ${sampling.topP} of probability`];
  return ['sampled with a seed', `temperature ${sampling.temperature}`, ...cut.filter(Boolean)].join(', ');
}

const readWords: Record<StageParameters['extract']['tokens'], string> = {
  all: 'each of its tokens, while the model reads it,',
  mean: 'the mean over its tokens, while the model reads it,',
  last: 'its last token, when the model has read it,',
};

/** What a volume is: a token that the model generates, or what it reads. */
function volumeWords(extract: StageParameters['extract']): string {
  const mean = extract.keep === 'prompts' ? 'the mean over ' : '';
  if (extract.mode === 'read' && mean) return readWords.mean;
  if (extract.mode === 'read') return readWords[extract.tokens];
  const limit = extract.stopAtEnd ? `, ${count(extract.newTokens)} at most and none after the end of its text` : '';
  const tokens = extract.stopAtEnd ? 'tokens' : `${count(extract.newTokens)} tokens`;
  return `${mean || 'each of '}the ${tokens} that the model generates for it${limit} (${samplingWords(extract)})`;
}

/** Which of the tokens that are read count, with a comma before it, where a template stands around the prompt. */
const withoutTemplate = ({ templateTokens }: StageParameters['extract']) =>
  templateTokens === 'drop' ? ', the template’s tokens left out' : '';

/** What stands around a prompt, as part of a sentence; undefined where nothing does. */
export function templateWords({ template, system }: StageParameters['extract']): string | undefined {
  if (template === undefined) return undefined;
  if (template !== 'chat') return 'within a text of the study’s';
  return `as the user’s message in the model’s own chat template${system === undefined ? '' : ', after a system text'}`;
}

/** The template in full. */
function presented({ plan, recordings }: StudyResults): Markup | undefined {
  const words = templateWords(plan.extract);
  const template = [...recordings.values()].find((recording) => recording.template !== undefined)?.template;
  if (words === undefined || template === undefined) return undefined;
  return html`<p>Each prompt was presented ${words}${withoutTemplate(plan.extract)}; <code>{prompt}</code> stands for the prompt:</p>
<pre class="template">${template}</pre>`;
}

/** What is said of texts that ended early, or of tokens after the end of a text, with a space before it. */
export function endWords({ plan, recordings, tokens }: Pick<StudyResults, 'plan' | 'recordings' | 'tokens'>): string {
  if (plan.extract.stopAtEnd) {
    const early = endedEarly({ plan, tokens });
    return early === 0
      ? ''
      : ` ${counted(early, 'text')} ended before ${count(plan.extract.newTokens)} tokens were there.`;
  }
  const afterEnd = [...recordings.values()].reduce((sum, recording) => sum + recording.afterEnd, 0);
  const choice = plan.glm.afterEnd;
  if (afterEnd === 0) return '';
  return choice === 'drop'
    ? ` ${counted(afterEnd, 'further token')} came after the end of a prompt’s text and ${afterEnd === 1 ? 'is' : 'are'} left out.`
    : ` ${count(afterEnd)} of these came after the end of a prompt’s text.`;
}

/** Of a model that stops where a text ends: prompts with fewer tokens than were allowed. */
export function endedEarly({ plan, tokens }: Pick<StudyResults, 'plan' | 'tokens'>): number {
  const rows = [...tokens.values()].flat();
  const at = (place: number) => rows.filter(({ position }) => position === place).length;
  return at(0) - at(plan.extract.newTokens - 1);
}

function facts(results: StudyResults): Markup {
  const { plan, tasks, glm, tokens, events } = results;
  const sites = [...(glm?.taskMaps.values() ?? [])][0]?.sites.length;
  const recorded = [...tokens.values()].reduce((sum, rows) => sum + rows.length, 0);
  const prompts = new Set([...events.values()].flatMap((rows) => rows.map(({ prompt_id }) => prompt_id))).size;
  const sessions = new Set(plan.runs.map((run) => run.session)).size;
  const noRest = hasNoRest(results);
  return html`<p>The subject is ${subjectWords(plan.extract)}. A prompt is a stimulus; ${volumeWords(plan.extract)} is a volume; a number in the output of a module is a unit. ${
    glm && sites
      ? `${count(glm.units)} units in ${count(sites)} sites were recorded for each of ${count(recorded)} tokens.`
      : `${count(recorded)} tokens were recorded.`
  }${endWords(results)} The tasks are ${listed(tasks.map(taskName))}. ${counted(plan.runs.length, 'run')} in ${counted(sessions, 'session')} each present one task ${plan.glm.pairs ? 'in pairs, a prompt on it beside its partner of another topic' : `in on blocks between off blocks on ${noRest ? 'the other tasks, in equal parts' : 'other topics'}`}: ${count(prompts)} prompts, each in a context of its own, ${plan.design.repeatRest ? 'those of rest shown in the run of every task of a session' : 'none shown twice'}.</p>`;
}

function timeline(results: StudyResults): Markup {
  const { events, plan, tasks } = results;
  const noRest = hasNoRest(results);
  const blocks = plan.runs
    .filter((run) => run.session <= mostSessions)
    .flatMap(({ name }) => blocksOf(events.get(name) ?? [], noRest));
  if (blocks.length === 0) return absent('The design has not been drawn up yet.');
  const sessions = new Set(plan.runs.map((run) => run.session)).size;
  return figure({
    id: 'design-timeline',
    title: 'The design',
    leastWidth: 560,
    drawing: designTimeline(blocks, tasks),
    shows: html`A row is a run; ${noRest ? 'full colour marks the prompts on its task, faint colours those of its off blocks, each in the colour of its own task' : 'colour marks the prompts on its task, grey those on other topics'}.${sessions > mostSessions && ` The first ${mostSessions} of ${sessions} sessions are drawn.`}`,
    imaging:
      'A block design. Since every prompt starts in a fresh context there is no haemodynamic lag and no drift to model.',
    interpretability:
      'On against off is a contrast of topics over matched prompts, repeated with new prompts in each session.',
  });
}

function examples(results: StudyResults): Markup {
  const { plan, tasks, events, tokens } = results;
  const shown = tasks.flatMap((task) => {
    const run = plan.runs.find((r) => r.task === task && tokens.has(r.name) && events.has(r.name));
    if (!run) return [];
    const prompt = (events.get(run.name) as Event[]).find((event) => event.condition !== 'rest');
    return prompt ? [{ task, prompt, answer: continuation(tokens.get(run.name) as Token[], prompt.prompt) }] : [];
  });
  if (shown.length === 0) return absent('No tokens have been recorded yet.');
  const reading = plan.extract.mode === 'read';
  return html`<div class="examples"><h3>${reading ? 'What the model read' : 'What the model was shown, and what it wrote'}</h3>
<p>The first prompt of each task${reading ? '' : ', with the whole recorded continuation as the model wrote it'}.</p>
<dl>${shown.map(
    ({ task, prompt, answer }) => html`
<dt><span class="mark" style="background: ${taskColour(tasks, task)}"></span>${taskName(task)}</dt>
<dd>${prompt.text}${reading ? '' : html`<ins>${answer}</ins>`}</dd>`,
  )}
</dl></div>`;
}

/** The text that the model generated for a prompt. */
export function continuation(tokens: readonly Token[], prompt: number): string {
  return tokens
    .filter((token) => token.prompt === prompt)
    .map((token) => token.token)
    .join('');
}
