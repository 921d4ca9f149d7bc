import { restDrifts } from '@galvani/artifact';
import { clopperPearson } from '@galvani/numerics';
import { count, decimal, listed, percent, taskName } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';
import { tokenStatistics } from './token-statistics.js';

/** Differences of mean entropy between on and off beyond this (nats) are worth a caution. */
const notableEntropy = 0.25;

/** What in this study's own data and settings weakens its results; each a whole sentence or two. */
export function cautions(results: StudyResults): string[] {
  return [
    ...settings(results),
    ...drift(results),
    ...promptLength(results),
    ...certainty(results),
    ...randomStrings(results),
    ...few(results),
  ];
}

function settings({ plan }: StudyResults): string[] {
  const found: string[] = [];
  if (plan.glm.noise === 'ols')
    found.push(
      plan.networks.correction === 'familywise'
        ? 'Tokens are treated as independent (noise model ols), so t and p of maps are far too sure. Networks are by relabelling prompts, which does not rest on them; see Statistics.'
        : 'Tokens are treated as independent (noise model ols), so far too many units pass; see Statistics.',
    );
  if (plan.networks.correction === 'none')
    found.push(
      `Networks are not corrected for the number of units: about ${percent(plan.networks.alpha)} of all units would be members without any effect.`,
    );
  return found;
}

/** Rest that drifts in more runs than chance gives, where the design does not reckon with it. */
function drift({ plan, glm }: StudyResults): string[] {
  const rows = glm?.drift ?? [];
  const found = rows.filter(restDrifts);
  if (plan.glm.drift || found.length === 0 || clopperPearson(found.length, rows.length).lower <= 0.05) return [];
  return [
    `Rest drifts over ${count(found.length)} of ${count(rows.length)} runs, where 1 in 20 would seem to by chance (see Statistics). A drift that bends makes task and rest differ without the task, which relabelling does not reckon with; glm.drift: { kind: polynomial, order: 2 } takes it out.`,
  ];
}

/** Position embeddings see nothing but where a token stands, so members there betray prompts of unequal length. */
function promptLength({ networks, tasks }: StudyResults): string[] {
  const inPositions = (networks.sizes ?? []).filter(
    (row) => row.members > 0 && /(embed_positions|wpe|position_embeddings)$/.test(row.site),
  );
  const found = tasks.flatMap((task) => {
    const members = inPositions.filter((row) => row.task === task).reduce((sum, row) => sum + row.members, 0);
    return members > 0 ? [`${taskName(task)} (${count(members)} units)`] : [];
  });
  return found.length === 0
    ? []
    : [
        `Units of the position embeddings, which see only where a token stands, are members for ${listed(found)}: there on and off prompts differ in how many tokens they have, and part of the network follows length, not content.`,
      ];
}

function certainty(results: StudyResults): string[] {
  const found = tokenStatistics(results)
    .map(({ task, on, off }) => ({ task, difference: on.entropy - off.entropy }))
    .filter(({ difference }) => Math.abs(difference) > notableEntropy);
  return found.length === 0
    ? []
    : [
        `The model is ${listed(found.map(({ task, difference }) => `${difference > 0 ? 'less' : 'more'} sure of its words on ${taskName(task)} than on rest (entropy ${decimal(Math.abs(difference))} nats ${difference > 0 ? 'higher' : 'lower'})`))}, so part of the network may follow certainty, not content.`,
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
