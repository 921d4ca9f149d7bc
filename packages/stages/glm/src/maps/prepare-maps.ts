import type { Recording } from '@galvani/results';
import { designSpace, effectiveDesign, requireEstimable } from '@galvani/statistics';
import type { StageParameters } from '@galvani/study';
import { designOfRuns } from '../design/design-of-runs.js';
import { contrastOver, requireVarying } from '../design/glm-design.js';
import type { StudyConfounds } from '../design/study-confounds.js';
import { designOfMeans, type PreparedGlm, promptPermutations, type RowSpan } from '../fit/prepared-glm.js';
import type { FirstLevelMap } from './planned-maps.js';

/**
 * The models that maps are fitted with: maps of the same runs share one. Their contrasts bear the maps' names.
 *
 * @param recordings of all runs of the study, in order
 * @throws UserMistake for a contrast that cannot be read or estimated
 */
export function prepareMaps(
  maps: readonly FirstLevelMap[],
  recordings: readonly Recording[],
  asked: StageParameters['glm'],
  confounds?: StudyConfounds,
): PreparedGlm[] {
  const alike = new Map<string, FirstLevelMap[]>();
  for (const map of maps) {
    const runs = map.runs.map(({ name }) => name).join();
    alike.set(runs, [...(alike.get(runs) ?? []), map]);
  }
  return [...alike.values()].map((own) => prepareRuns(own, recordings, asked, confounds));
}

function prepareRuns(
  maps: readonly FirstLevelMap[],
  recordings: readonly Recording[],
  asked: StageParameters['glm'],
  confounds?: StudyConfounds,
): PreparedGlm {
  const names = new Set(maps[0].runs.map(({ name }) => name));
  const isOwn = ({ run }: Recording) => names.has(run.name);
  const { noise, seed, modulators, variance } = asked;
  const made = designOfRuns(recordings.filter(isOwn), asked, confounds);
  const { design, layout } = made;
  const conditionOfPrompt = variance === 'separate' ? made.conditionOfPrompt : undefined;
  const checked = effectiveDesign(noise, design, layout);
  const contrasts = maps.map((map) => {
    const contrast = { ...contrastOver(made, map.expression), name: map.contrast };
    requireEstimable(contrast.weights, checked, designSpace(checked), `'${map.contrast}'`);
    if (map.kind === 'task') requireVarying(made, modulators, noise, layout);
    const model = { noise, design, layout, conditionOfPrompt };
    const permutations = promptPermutations(contrast, model, map.relabellings, `${seed} glm ${map.name}`);
    return [map.name, { ...contrast, permutations, limits: map.kind !== 'run' }] as const;
  });
  return {
    noise,
    design,
    layout,
    spans: spansOf(recordings, isOwn),
    contrasts: new Map(contrasts),
    ...(conditionOfPrompt && { conditionOfPrompt }),
    // Means are all that the model of prompts needs.
    prompts: noise === 'prompt' ? designOfMeans(design, layout) : undefined,
  };
}

/** The rows of some recordings among those of all. */
function spansOf(recordings: readonly Recording[], isOwn: (recording: Recording) => boolean): RowSpan[] {
  const spans: RowSpan[] = [];
  let from = 0;
  for (const recording of recordings) {
    const until = from + recording.promptOfRow.length;
    const last = spans.at(-1);
    if (isOwn(recording)) {
      if (last?.until === from) last.until = until;
      else spans.push({ from, until });
    }
    from = until;
  }
  return spans;
}
