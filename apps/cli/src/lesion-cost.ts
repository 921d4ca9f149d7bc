import type { StageForecast } from '@galvani/forecast';
import { mostMasks, type PlannedParameters } from '@galvani/study';
import { formatCount, formatSeconds } from '@galvani/terminal';

/** Prompts of a topic, about: a lesion may ask for all that there are. */
const promptsOfTopic = 100;

type Lesions = Pick<PlannedParameters, 'lesion'> & { design: Pick<PlannedParameters['design'], 'tasks'> };

/** Texts that are read under lesions: under each mask those of the network's own topic, and some of each other and of rest. */
export function lesionTexts({ lesion, design: { tasks } }: Lesions): number {
  const [own, others] = [lesion.prompts, lesion.otherPrompts].map((count) => Math.min(count, promptsOfTopic));
  return mostMasks(lesion, tasks.length) * (own + others * tasks.length);
}

/** Few texts, one dose, and the fewest controls of which a p can be .05. */
const light = { prompts: 12, otherPrompts: 4, controls: 19, unmatched: 0, doses: [1] };

/** A stage below that is not worth advice. */
const longSeconds = 600;

/** Advice where lesions are most of what a study takes, and fewer would take less than half as long. */
export function lighterLesions(
  parameters: Lesions,
  stages: readonly Pick<StageForecast, 'stage' | 'seconds'>[],
): string | undefined {
  const { lesion } = parameters;
  const seconds = stages.find(({ stage }) => stage === 'lesion')?.seconds ?? 0;
  const all = stages.reduce((sum, stage) => sum + stage.seconds, 0);
  // Of what is fewer already, as many.
  const few = (key: 'prompts' | 'otherPrompts' | 'controls' | 'unmatched') => Math.min(light[key], lesion[key]);
  const fewer = {
    ...{ prompts: few('prompts'), otherPrompts: few('otherPrompts') },
    ...{ controls: few('controls'), unmatched: few('unmatched'), doses: light.doses },
  };
  const less = { ...lesion, ...fewer };
  const share = lesionTexts({ ...parameters, lesion: less }) / lesionTexts(parameters);
  if (seconds < longSeconds || seconds < all / 2 || share > 0.5) return undefined;
  const section = Object.entries(fewer).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  const least = (controls: number) => (1 / (controls + 1)).toPrecision(2).replace(/^0/, '');
  const sets = formatCount(mostMasks(lesion, parameters.design.tasks.length));
  return `  Lesions of ${sets} sets of units take most of the time. Fewer would take ${formatSeconds(seconds * share)}, with wider intervals and no p below ${least(fewer.controls)} (now ${least(lesion.controls)}); in study.yaml: lesion: { ${section.join(', ')} }`;
}
