import type { Recording } from '@galvani/results';
import { designSpace, effectiveDesign, requireEstimable } from '@galvani/statistics';
import type { StageParameters } from '@galvani/study';
import { designOfRuns, type RunsDesign } from '../design/design-of-runs.js';
import { contrastOver, requireVarying } from '../design/glm-design.js';
import type { StudyConfounds } from '../design/study-confounds.js';
import { designOfRows, weighedRows } from '../design/weighed-rows.js';
import { designOfMeans, type PreparedGlm, promptPermutations, type RowSpan } from '../fit/prepared-glm.js';
import type { FirstLevelMap } from './planned-maps.js';

/**
 * The models that maps are fitted with: maps of the same runs share one. Their contrasts bear the maps' names. Without rest, contrasts
 * over the study are fitted to the prompts of the tasks that they weigh, in whichever run these are, and share a model with those of
 * the same tasks.
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
  return [...alike.values()].flatMap((own) => {
    const names = new Set(own[0].runs.map(({ name }) => name));
    const isOwn = ({ run }: Recording) => names.has(run.name);
    const presented = recordings.filter(isOwn);
    const rows = Uint8Array.from(
      recordings.flatMap((recording) => Array.from(recording.promptOfRow, () => (isOwn(recording) ? 1 : 0))),
    );
    if (asked.rest !== 'none' || own[0].kind !== 'contrast')
      return [prepareModel(own, designOfRuns(presented, asked, confounds), rows, asked)];
    const whole = designOfRuns(presented, asked, confounds, true);
    return byRows(own, (map) => weighedRows(whole, contrastOver(whole, map.expression))).map(({ maps, kept }) =>
      prepareModel(maps, designOfRows(whole, kept), kept, asked),
    );
  });
}

/** Maps of the same rows, in the order of the first of each. */
function byRows(maps: readonly FirstLevelMap[], rowsOf: (map: FirstLevelMap) => Uint8Array) {
  const groups = new Map<string, { maps: FirstLevelMap[]; kept: Uint8Array }>();
  for (const map of maps) {
    const kept = rowsOf(map);
    const group = groups.get(kept.join('')) ?? { maps: [], kept };
    group.maps.push(map);
    groups.set(kept.join(''), group);
  }
  return [...groups.values()];
}

/** @param rows those of the model among those of all runs, as 1 */
function prepareModel(
  maps: readonly FirstLevelMap[],
  made: RunsDesign,
  rows: Uint8Array,
  asked: StageParameters['glm'],
): PreparedGlm {
  const { noise, seed, modulators, variance } = asked;
  const { design, layout } = made;
  const conditionOfPrompt = variance === 'separate' ? made.conditionOfPrompt : undefined;
  const checked = effectiveDesign(noise, design, layout);
  const contrasts = maps.map((map) => {
    const contrast = { ...contrastOver(made, map.expression), name: map.contrast };
    requireEstimable(contrast.weights, checked, designSpace(checked), `'${map.contrast}'`);
    if (map.kind === 'task') requireVarying(made, modulators, noise, layout);
    const model = { noise, design, layout, conditionOfPrompt };
    const { relabellings: count, name } = map;
    const permutations = count > 0 ? promptPermutations(contrast, model, count, `${seed} glm ${name}`) : undefined;
    return [name, { ...contrast, permutations, limits: map.kind !== 'run' }] as const;
  });
  return {
    noise,
    design,
    layout,
    spans: spansOf(rows),
    contrasts: new Map(contrasts),
    ...(conditionOfPrompt && { conditionOfPrompt }),
    // Means are all that the model of prompts needs.
    prompts: noise === 'prompt' ? designOfMeans(design, layout) : undefined,
  };
}

/** The stretches of rows that are 1. */
function spansOf(rows: Uint8Array): RowSpan[] {
  const spans: RowSpan[] = [];
  for (const [row, own] of rows.entries()) {
    if (own === 0) continue;
    const last = spans.at(-1);
    if (last?.until === row) last.until = row + 1;
    else spans.push({ from: row, until: row + 1 });
  }
  return spans;
}
