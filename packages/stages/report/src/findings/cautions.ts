import { restDrifts } from '@galvani/artifact';
import { clopperPearson } from '@galvani/numerics';
import { count, percent } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';
import { certainty, lengths, positions } from './form-cautions.js';

/** What in this study's own data and settings weakens its results; each a whole sentence or two. */
export function cautions(results: StudyResults): string[] {
  return [
    ...settings(results),
    ...drift(results),
    ...positions(results),
    ...lengths(results),
    ...certainty(results),
    ...randomStrings(results),
    ...few(results),
  ];
}

function settings({ plan }: StudyResults): string[] {
  const found: string[] = [];
  if (plan.glm.noise === 'ols')
    found.push(
      plan.networks.top === undefined && plan.networks.correction === 'familywise'
        ? 'Tokens are treated as independent (noise model ols), so t and p of maps are far too sure. Networks are by relabelling prompts, which does not rest on them; see Statistics.'
        : 'Tokens are treated as independent (noise model ols), so far too many units pass; see Statistics.',
    );
  const { top } = plan.networks;
  if (top !== undefined)
    found.push(
      `Networks are the strongest ${Number((100 * top).toPrecision(9))}% of units, a selection: they would have as many members without any effect, and their sizes say nothing.`,
    );
  else if (plan.networks.correction === 'none')
    found.push(
      `Networks are not corrected for the number of units: about ${percent(plan.networks.alpha)} of all units would be members without any effect.`,
    );
  return found;
}

/** Off blocks that drift in more runs than chance gives, where the design does not reckon with it. */
function drift({ plan, glm }: StudyResults): string[] {
  const rows = glm?.drift ?? [];
  const found = rows.filter(restDrifts);
  if (plan.glm.drift || found.length === 0 || clopperPearson(found.length, rows.length).lower <= 0.05) return [];
  return [
    `Off blocks drift over ${count(found.length)} of ${count(rows.length)} runs, where 1 in 20 would seem to by chance (see Statistics). A drift that bends makes on and off prompts differ without the task, which relabelling does not reckon with; glm.drift: { kind: polynomial, order: 2 } takes it out.`,
  ];
}

function randomStrings({ tasks }: StudyResults): string[] {
  return tasks.includes('random-strings') && tasks.length > 1
    ? [
        'Random strings differ from every other prompt in form, not only in content, so their network and their identification say less about topics than the others do.',
      ]
    : [];
}

function few({ plan }: StudyResults): string[] {
  const sessions = new Set(plan.runs.map((run) => run.session)).size;
  return sessions < 3
    ? [`There ${sessions === 1 ? 'is 1 session' : 'are 2 sessions'} only, which says little about repeatability.`]
    : [];
}
