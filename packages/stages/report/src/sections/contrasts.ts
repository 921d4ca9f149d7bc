import { unitMap } from '../figures/unit-map.js';
import { absent, figure, panel } from '../page/figure.js';
import { html, type Markup } from '../page/html.js';
import { section } from '../page/section.js';
import { counted, listed } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';
import { contrastMembers, shownThreshold } from './maps.js';

/** The contrasts between tasks that the study asks for; nothing where it asks for none. */
export function contrastsSection({ glm, plan }: StudyResults): Markup | undefined {
  const names = plan.glm.contrasts.map(([name]) => name);
  const expressions = new Map(plan.glm.contrasts);
  if (names.length === 0) return undefined;
  const drawn = names.flatMap((name) => {
    const map = glm?.contrastMaps.get(name);
    return map?.t.some(Number.isFinite) ? [{ name, map }] : [];
  });
  const missing = names.filter((name) => !drawn.some((contrast) => contrast.name === name));
  const note =
    missing.length > 0
      ? absent(`There is no t map to draw of ${listed(missing)}: it has not been made, or is an F contrast.`)
      : undefined;
  if (drawn.length === 0) return section('contrasts', 'Contrasts', note);
  return section(
    'contrasts',
    'Contrasts',
    figure({
      id: 'contrast-maps',
      title: 'A pixel for each unit, for each contrast',
      drawing: drawn.map(({ name, map }) => {
        const members = contrastMembers(map, plan.networks);
        const size = members.reduce((sum, member) => sum + member, 0);
        return panel(
          html`${name} <small>${expressions.get(name)!}; ${counted(size, 'unit')} survive</small>`,
          unitMap(`Map of all units for the contrast ${name}`, map, members, shownThreshold(map, members)),
        );
      }),
      shows: html`Drawn like the maps of tasks, with the same correction and smallest effect: <span class="key above">red</span> where the contrast is positive, <span class="key below">blue</span> where it is negative, strong where it survives.`,
      imaging: 'A direct comparison of two conditions, which two separate maps against rest do not give.',
      interpretability:
        'Units that tell one topic from another, without those that respond to both because both differ from rest.',
    }),
    note,
  );
}
