import type { Run } from '@galvani/pipeline';
import type { RecordingStage } from '@galvani/study';
import { advised, Failure, plainNumber } from '@galvani/terminal';
import type { OpenStudy } from './open-study.js';
import type { RunView } from './view-types.js';

/**
 * The part `runs/<run>.json`: of a run that is designed and not recorded its prompts alone.
 *
 * @param stage `twin`: what the untrained twin made of it, `twin-runs/<run>.json`
 */
export async function runView({ results }: OpenStudy, run: Run, stage: RecordingStage = 'extract'): Promise<RunView> {
  const { name, session, task } = run;
  const recorded = results.manifests.has(`${stage}/${name}`);
  const recording = recorded ? await (stage === 'twin' ? results.twin(run) : results.recording(run)) : undefined;
  const { events, tokens } = recording ?? { events: await results.events(run), tokens: [] };
  if (!events)
    throw new Failure(`the design stage has not finished: ${advised('run', 'all')} does it and what comes after it.`);
  return {
    ...{ name, session, task },
    prompts: events.map(({ prompt_id, block, condition, topic, form, text }) => ({
      ...{ prompt_id, block, condition, topic, form, text },
    })),
    tokens: {
      prompt: tokens.map(({ prompt }) => prompt),
      position: tokens.map(({ position }) => position),
      token: tokens.map(({ token }) => token),
      after_end: tokens.map(({ after_end }) => after_end),
      log_probability: tokens.map(({ log_probability }) => plainNumber(log_probability)),
      entropy: tokens.map(({ entropy }) => plainNumber(entropy)),
    },
  };
}
