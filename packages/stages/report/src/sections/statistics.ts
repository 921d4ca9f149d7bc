import type { MapDescription } from '@galvani/results';
import { absent } from '../page/figure.js';
import { html, type Markup } from '../page/html.js';
import { section } from '../page/section.js';
import { table } from '../page/table.js';
import { count, decimal, percent, taskName } from '../page/words.js';
import type { DrawnMap } from '../results/drawn-map.js';
import type { StudyResults } from '../results/study-results.js';
import { diagnostics } from './diagnostics.js';
import { membership } from './maps.js';

/** What each noise model takes for granted. */
export const noiseWords: Record<string, string> = {
  prompt:
    'The prompt is the sampling unit: the tokens of a prompt are averaged, every run has an intercept of its own, and degrees of freedom are counted in prompts. Tokens of one prompt share its content, so more tokens make a prompt’s mean more precise but are not more evidence about its topic.',
  ols: 'Tokens are taken as independent observations. They are not: they follow on from each other and share their prompt. Where simulated noise had both an autocorrelation of 0.3 and an effect of each prompt (60 prompts of 10 tokens), this model called 28% of null units significant at p < 0.05. Read these maps as a description; p-values and thresholds that rest on them are far too lenient.',
  ar1: 'Tokens of a prompt follow a first-order autoregressive process, estimated for each unit. This allows for autocorrelation but not for what a prompt adds to all its tokens: where simulated noise had both (60 prompts of 10 tokens), 14% of null units were called significant at p < 0.05.',
  arma11:
    'Tokens of a prompt follow an ARMA(1,1) process, estimated for each unit by restricted maximum likelihood. This allows for autocorrelation but not for what a prompt adds to all its tokens: where simulated noise had both (60 prompts of 10 tokens), 13% of null units were called significant at p < 0.05.',
  'ar1+prompt':
    'Tokens of a prompt follow a first-order autoregressive process about a level of their own, both estimated for each unit by restricted maximum likelihood.',
};

/** What each correction promises. */
export const correctionWords: Record<string, (alpha: string) => string> = {
  familywise: (alpha) =>
    `Family-wise error is controlled at ${alpha} for each task: were there no difference between on and off in any unit, a network would have one or more members in ${alpha} of studies. The threshold comes from relabelling whole prompts as task or rest inside their run and keeping the largest |t| of all units each time, which accounts for how units depend on each other.`,
  fdr: (alpha) =>
    `The false discovery rate is controlled at ${alpha} (Benjamini and Hochberg): of the members of a network, at most that share is expected to be false.`,
  bonferroni: (alpha) =>
    `Family-wise error is controlled at ${alpha} by dividing it by the number of units (Bonferroni), which is stricter than needed where units depend on each other.`,
  none: (alpha) =>
    `The threshold is not corrected: with no effect anywhere, about ${alpha} of all units would still be members of each network.`,
};

/** How the maps were made and what the thresholds mean. */
export function statisticsSection(results: StudyResults): Markup {
  const { plan, glm } = results;
  const { correction, alpha, minimumEffect, sign } = plan.networks;
  return section(
    'statistics',
    'Statistics',
    html`<p>A general linear model is fitted to each unit, with on against off blocks as its contrast. Noise model: <b>${plan.glm.noise}</b>. ${noiseWords[plan.glm.noise]}</p>
<p>${correctionWords[correction](percent(alpha))} A member also needs an effect of at least ${decimal(minimumEffect)} standard deviations (Cohen’s d)${sign !== 'both' && `, and only ${sign} effects count`}. Inference used ${count(plan.glm.relabellings)} relabellings for a task’s map and ${count(plan.glm.runRelabellings)} for the map of a run; a p-value from m relabellings is never below 1/(m + 1).</p>`,
    glm ? thresholds(results) : absent('No model has been fitted yet.'),
    diagnostics(glm?.diagnostics),
  );
}

function thresholds(results: StudyResults): Markup {
  const { glm, plan, tasks } = results;
  const { correction } = plan.networks;
  const sets = tasks.flatMap((task) => glm?.maps.filter((set) => set.kind === 'task' && set.task === task) ?? []);
  if (sets.length === 0) return absent('There is no map of a task.');
  const told = [...new Set(sets.flatMap((set) => set.threshold.alpha ?? []))];
  const facts = new Map(sets.map((set) => [set.name, extremes(results, set)]));
  const others = [...new Set(sets.flatMap((set) => Object.keys(set.threshold)))].filter((name) => name !== 'alpha');
  return table(
    `Thresholds of the maps of tasks (fixed effects over sessions)${told.length > 0 ? `, at ${told.map(percent).join(', ')}` : ''}. Members must pass both the threshold in t and the smallest effect, so the weakest member may lie above either.`,
    [
      { heading: 'task', cell: (set: MapDescription) => taskName(set.task ?? ''), text: true },
      {
        heading: 'degrees of freedom',
        cell: (set) => (typeof set.df === 'number' ? decimal(set.df, Number.isInteger(set.df) ? 0 : 1) : set.df),
      },
      ...others.map((name) => ({
        heading: `threshold |t|, ${name}${name === correction ? ' (used)' : ''}`,
        cell: (set: MapDescription) => decimal(set.threshold[name]),
      })),
      { heading: 'weakest member |t|', cell: (set) => decimal(facts.get(set.name)?.weakestT) },
      { heading: 'weakest member |d|', cell: (set) => decimal(facts.get(set.name)?.weakestD) },
      { heading: 'largest |t|', cell: (set) => decimal(facts.get(set.name)?.largestT, 1) },
      { heading: 'units not tested', cell: (set) => count(facts.get(set.name)?.untested) },
    ],
    sets,
  );
}

function extremes({ glm, networks }: StudyResults, set: MapDescription) {
  const map = glm?.taskMaps.get(set.task ?? '');
  if (!map) return undefined;
  const members = membership(map, networks.units ?? [], set.task ?? '');
  return {
    weakestT: smallest(map, map.t, members),
    weakestD: smallest(map, map.d, members),
    largestT: map.t.reduce((max, t) => (Number.isFinite(t) ? Math.max(max, Math.abs(t)) : max), 0),
    untested: map.flags.reduce((sum, flag) => sum + (flag === 0 ? 0 : 1), 0),
  };
}

function smallest(map: DrawnMap, values: Float64Array, members: Uint8Array): number {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < values.length; i++)
    if (members[i] === 1 && map.flags[i] === 0) least = Math.min(least, Math.abs(values[i]));
  return least;
}
