import { readParameters, studyFolder } from '@galvani/study';
import { didYouMean, UserMistake } from '@galvani/terminal';
import { changesAt } from './directions.js';
import { prepareSteering } from './prepared-steering.js';
import { restTexts } from './rest-texts.js';
import { steeredTexts } from './steered-texts.js';

interface SamplesRequest {
  /** Folder of the study's derivatives. */
  study: string;
  root: string;
  task: string;
  strengths: readonly number[];
  /** Openings; default one rest prompt's first tokens. */
  prompts?: readonly string[];
  signal: AbortSignal;
}

/** One text, as it is shown. */
export interface SampleText {
  opening: string;
  /** `untouched`, `steered` or `random direction`. */
  label: string;
  strength: number;
  text: string;
  /** Probability of the task that the decoder of texts gives it. */
  probability: number;
  /** In the untouched model. */
  perplexity: number;
}

/**
 * What the model writes after openings: untouched, then at each strength along the task's network and along one random direction.
 * @throws UserMistake for a task that the study does not have, a network without members in these sites; and as `prepareSteering`
 */
export async function steerSamples({
  study,
  root,
  task,
  strengths,
  prompts,
  signal,
}: SamplesRequest): Promise<SampleText[]> {
  const folder = studyFolder(study, root);
  const { tasks } = await readParameters(folder, 'design');
  if (!tasks.includes(task))
    throw new UserMistake(
      `the study has no task '${task}'.${didYouMean(task, tasks)} Its tasks are: ${tasks.join(', ')}.`,
    );
  const prepared = await prepareSteering(folder, root, signal, [task]);
  const [of] = prepared.directions;
  const { asked, bank, design, shown, decoder } = prepared;
  if (!of)
    throw new UserMistake(
      `the network of ${task} has no members in the ${asked.sites ? `sites of steer.sites (${asked.sites.join(', ')})` : 'hidden units of feed-forwards'}, so there is nothing to steer along: name other sites in study.yaml, or take another task.`,
    );
  const openings =
    prompts?.map((text) => ({ id: text, text })) ??
    restTexts(bank, design.restTopics, shown, { most: asked.prompts, seed: asked.seed }).openings.slice(0, 1);
  const conditions = [
    { label: 'untouched', strength: 0, changes: [] },
    ...strengths.flatMap((strength) => [
      { label: 'steered', strength, changes: changesAt(of.network, strength) },
      { label: 'random direction', strength, changes: changesAt(of.random[0], strength) },
    ]),
  ];
  const changes = conditions.map((own) => own.changes);
  const asking = { openings, cut: prompts === undefined, changes, newTokens: asked.tokens, signal };
  const { written, started } = await steeredTexts(prepared, asking);
  const at = decoder.topics.indexOf(task);
  const probabilities = written.map(({ tokens }) => decoder.probabilities(tokens));
  return openings.flatMap((_, o) =>
    conditions.map(({ label, strength }, c) => ({
      ...{ opening: started[o], label, strength, text: written[c].texts[o] },
      ...{ probability: probabilities[c][o][at], perplexity: Math.exp(written[c].losses[o]) },
    })),
  );
}
