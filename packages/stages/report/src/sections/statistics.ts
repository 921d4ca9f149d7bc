import type { MapDescription } from '@galvani/results';
import { correctionOf, noiseAssumptions, varianceAssumptions } from '@galvani/study';
import { absent } from '../page/figure.js';
import { html, type Markup } from '../page/html.js';
import { section } from '../page/section.js';
import { table } from '../page/table.js';
import { count, decimal, percent, taskName } from '../page/words.js';
import type { DrawnMap } from '../results/drawn-map.js';
import type { StudyResults } from '../results/study-results.js';
import { diagnostics } from './diagnostics.js';
import { drift } from './drift.js';
import { listedMembers } from './maps.js';

const transformWords = {
  none: '',
  abs: 'the absolute activations of ',
  positive: 'the positive parts of the activations of ',
} as const;

const pairWords =
  'Prompts come in pairs: each pair has a level of its own, so that t is that of the pairs’ differences, and labels are exchanged within pairs, which flips the signs of differences; they are taken to be symmetric about 0 where there is no effect.';

/** How the maps were made and what the thresholds mean. */
export function statisticsSection(results: StudyResults): Markup {
  const { plan, glm } = results;
  const { networks } = plan;
  return section(
    'statistics',
    'Statistics',
    html`<p>A general linear model is fitted to ${transformWords[plan.glm.transform]}each unit, with on against off blocks as its contrast. Noise model: <b>${plan.glm.noise}</b>. ${noiseAssumptions[plan.glm.noise]}${plan.glm.noise !== 'prompt' && ' Relabelling is of prompts’ means.'} ${plan.glm.pairs ? pairWords : varianceAssumptions[plan.glm.variance]}</p>
<p>${networks.top === undefined ? thresholdWords(networks) : selectionWords(networks.top, networks.sign)} Inference used ${count(plan.glm.relabellings)} relabellings for a task’s map${plan.glm.runRelabellings > 0 && ` and ${count(plan.glm.runRelabellings)} for the map of a run`}; a p-value from m relabellings is never below 1/(m + 1).</p>`,
    glm ? thresholds(results) : absent('No model has been fitted yet.'),
    diagnostics(glm?.diagnostics),
    drift(glm?.drift ?? []),
  );
}

function thresholdWords({ correction, family, alpha, minimumEffect, sign }: StudyResults['plan']['networks']): string {
  const questions =
    family === 'study'
      ? ' Contrasts and conjunctions, each a question of its own, are corrected over their own units.'
      : '';
  const signed = sign === 'both' ? '' : `, and only ${sign} effects count`;
  return `${correctionOf(correction).promise(percent(alpha), family)}${questions} A member also needs an effect of at least ${decimal(minimumEffect)} standard deviations (Cohen’s d)${signed}.`;
}

function selectionWords(top: number, sign: StudyResults['plan']['networks']['sign']): string {
  const by = sign === 'both' ? '|t|' : `t in the ${sign} direction`;
  return `Networks are a selection, not a finding: the strongest ${share(top)} of the units that count, by ${by}, as localizers of the literature choose them. Nothing is tested by it: with no effect anywhere networks would have as many members, so members have no p here. Maps hold every unit’s corrected p beside.`;
}

/** As study.yaml has it: `1%`, `0.05%`. */
const share = (top: number) => `${Number((100 * top).toPrecision(9))}%`;

function thresholds(results: StudyResults): Markup {
  const { glm, plan, tasks } = results;
  const { correction, family, top } = plan.networks;
  const used = top !== undefined ? undefined : family === 'study' ? `${correction}_study` : correction;
  const sets = tasks.flatMap((task) => glm?.maps.filter((set) => set.kind === 'task' && set.task === task) ?? []);
  if (sets.length === 0) return absent('There is no map of a task.');
  const told = [...new Set(sets.flatMap((set) => set.threshold.alpha ?? []))];
  const facts = new Map(sets.map((set) => [set.name, extremes(results, set)]));
  const others = [...new Set(sets.flatMap((set) => Object.keys(set.threshold)))].filter((name) => name !== 'alpha');
  const relabelled = sets[0].relabelled ?? 'z';
  const called = glm?.taskMaps.get(tasks[0])?.called ?? relabelled;
  const relabelledApart = plan.glm.noise !== 'prompt' && others.length > 0;
  return table(
    `Thresholds of the maps of tasks (fixed effects over sessions)${told.length > 0 ? `, at ${told.map(percent).join(', ')}` : ''}.${top === undefined ? ' Members must pass both the threshold and the smallest effect, so the weakest member may lie above either.' : ' Members are the strongest units, wherever these thresholds lie.'}${relabelledApart ? ` Thresholds by relabelling are of prompts’ means, whatever the noise model.` : ''}`,
    [
      { heading: 'task', cell: (set: MapDescription) => taskName(set.task ?? ''), text: true },
      {
        heading: 'degrees of freedom',
        cell: (set) => (typeof set.df === 'number' ? decimal(set.df, Number.isInteger(set.df) ? 0 : 1) : set.df),
      },
      ...others.map((name) => ({
        heading: `threshold |${relabelled}|, ${name.replace('_study', ' over all tasks')}${name === used ? ' (used)' : ''}`,
        cell: (set: MapDescription) => decimal(set.threshold[name]),
      })),
      ...(sets.some(({ wildRatio }) => wildRatio !== undefined)
        ? [{ heading: 'ratio for unequal spread', cell: (set: MapDescription) => decimal(set.wildRatio, 3) }]
        : []),
      { heading: `weakest member |${called}|`, cell: (set) => decimal(facts.get(set.name)?.weakest) },
      { heading: 'weakest member |d|', cell: (set) => decimal(facts.get(set.name)?.weakestD) },
      { heading: `largest |${called}|`, cell: (set) => decimal(facts.get(set.name)?.largest, 1) },
      { heading: 'units not tested', cell: (set) => count(facts.get(set.name)?.untested) },
    ],
    sets,
  );
}

function extremes({ glm, networks }: StudyResults, set: MapDescription) {
  const map = glm?.taskMaps.get(set.task ?? '');
  if (!map) return undefined;
  const members = listedMembers(map, networks.units ?? [], set.task ?? '');
  return {
    weakest: smallest(map, map.statistic, members),
    weakestD: smallest(map, map.d, members),
    largest: map.statistic.reduce((max, own) => (Number.isFinite(own) ? Math.max(max, Math.abs(own)) : max), 0),
    untested: map.flags.reduce((sum, flag) => sum + (flag === 0 ? 0 : 1), 0),
  };
}

function smallest(map: DrawnMap, values: Float64Array, members: Uint8Array): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < values.length; i++)
    if (members[i] === 1 && map.flags[i] === 0) least = Math.min(least, Math.abs(values[i]));
  return least;
}
