import { unitMap } from '../figures/unit-map.js';
import { hasNoRest } from '../findings/off-blocks.js';
import { absent, figure, panel } from '../page/figure.js';
import { html, type Markup } from '../page/html.js';
import { mapScale } from '../page/map-scale.js';
import { section } from '../page/section.js';
import { viewerLink } from '../page/viewer-link.js';
import { counted, listed, taskName } from '../page/words.js';
import type { GlmResults, StudyResults } from '../results/study-results.js';
import { shownThreshold } from './maps.js';
import { peakTableOf } from './peaks.js';

/** Contrasts between tasks, second levels and conjunctions; nothing where the study asks for none. */
export function contrastsSection(results: StudyResults): Markup | undefined {
  const { glm, plan } = results;
  const names = plan.glm.contrasts.map(([name]) => name);
  const drawn = (glm?.contrastMaps ?? []).filter(
    ({ description: d, statistic }) => d.statistic !== 'F' && statistic.some(Number.isFinite),
  );
  if (names.length === 0 && drawn.length === 0) return undefined;
  const isDrawn = (name: string) => drawn.some(({ description: d }) => d.kind === 'contrast' && d.contrast === name);
  const missing = names.filter((name) => !isDrawn(name));
  const note =
    missing.length > 0
      ? absent(
          `There is no map to draw of ${listed(missing)}: it has not been made, or is an F contrast, which has no sign.`,
        )
      : undefined;
  if (drawn.length === 0) return section('contrasts', 'Contrasts', note, peakTableOf(results, 'contrast'));
  const selected = plan.networks.top !== undefined;
  return section(
    'contrasts',
    'Contrasts',
    figure({
      id: 'contrast-maps',
      title: 'A pixel for each unit, for each contrast',
      drawing: drawn.map((map) => {
        const { members } = map;
        const threshold = shownThreshold(map, members);
        const { title, meaning } = headed(map, plan);
        const size = members.reduce((sum, member) => sum + member, 0);
        return panel(
          html`${title} <small>${meaning}; ${counted(size, 'unit')} ${selected ? 'taken' : 'survive'} · ${viewerLink({ map: map.description.name }, 'in the viewer')}</small>`,
          html`${unitMap(`Map of all units for the contrast ${title}`, map, members, threshold)}${mapScale(map.called, threshold)}`,
        );
      }),
      shows: html`Drawn like the maps of tasks, ${selected ? 'the strongest units taken in the same way' : html`with the same correction${plan.networks.family === 'study' && ' (of contrasts and conjunctions over their own units)'} and smallest effect`}: <span class="key above">vermilion</span> where the contrast is positive, <span class="key below">blue</span> where it is negative, strong where it ${selected ? 'was taken' : 'survives'}.`,
      imaging: 'A direct comparison of two conditions, which two separate maps do not give.',
      interpretability: hasNoRest(results)
        ? 'Units that tell one topic from another, from the prompts of both in all runs that show both, where a map of a task has its own runs alone.'
        : 'Units that tell one topic from another, without those that respond to both because both differ from rest.',
    }),
    note,
    peakTableOf(results, 'contrast'),
  );
}

/** What a map is called above it, and what it is of. */
function headed({ description: { kind, contrast } }: GlmResults['contrastMaps'][number], plan: StudyResults['plan']) {
  if (kind === 'second-level')
    return {
      title: `${taskName(contrast)}, second level`,
      meaning: 'the effect of the task over runs as the sample, drawn by t',
    };
  if (kind === 'contrast') return { title: contrast, meaning: new Map(plan.glm.contrasts).get(contrast)! };
  const [, tasks] = plan.glm.conjunctions?.find(([name]) => name === contrast) ?? [];
  return { title: contrast, meaning: `conjunction of ${listed((tasks ?? []).map(taskName))}` };
}
