import type { Power } from '@galvani/artifact';
import { powerCurve } from '../figures/power-curve.js';
import { powerSentences } from '../findings/power.js';
import { figure, panel } from '../page/figure.js';
import { html, type Markup } from '../page/html.js';
import { section } from '../page/section.js';
import { table } from '../page/table.js';
import { count, decimal, percent } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';

/** What a study of another size would find; nothing where nobody has asked. */
export function powerSection({ power, tasks }: StudyResults): Markup | undefined {
  const rows = power ?? [];
  if (rows.length === 0) return undefined;
  const joint = rows.filter(({ task, varied }) => task === '' && varied !== 'expected');
  const panels = (['prompts', 'sessions', 'tokens'] as const).filter((varied) =>
    rows.some((row) => row.varied === varied && row.task !== '' && Number.isFinite(row.found)),
  );
  const expectedAt = (row: Power) =>
    row.varied === 'prompts'
      ? rows.find(
          (each) => each.varied === 'expected' && each.task === '' && each.prompts_per_block === row.prompts_per_block,
        )?.power
      : undefined;
  return section(
    'power',
    'Power',
    html`<p>${powerSentences(rows, tasks).join(' ')}</p>`,
    panels.length > 0 &&
      figure({
        id: 'power-curve',
        title: 'What fewer prompts, sessions and tokens find',
        drawing: panels.map((varied) => panel(`By ${varied}`, powerCurve(rows, varied, tasks))),
        leastWidth: 340,
        shows:
          'Lines with dots: the share of each task’s network (in its colour) that is found with the same sign, by the study’s own rule. The network has the same prompts’ noise, so near all prompts this flatters. Dashed: the share that more prompts of a block are expected to find of units like the members of networks, with the effects of sessions that did not choose them.',
        imaging: 'A power analysis from a pilot, without the optimism of effects at significant voxels.',
        interpretability: 'Whether a small network is small, or only under-powered.',
      }),
    table(
      'Means over tasks. Repeat: networks and maps of two choices without a common prompt.',
      [
        { heading: 'prompts of a block', cell: (r) => count(r.prompts_per_block) },
        { heading: 'sessions', cell: (r) => count(r.sessions) },
        { heading: 'tokens', cell: (r) => (r.tokens === 0 ? 'all' : `first ${count(r.tokens)}`) },
        { heading: 'members', cell: (r) => count(Math.round(r.members)) },
        { heading: 'found', cell: (r) => percent(r.found) },
        { heading: 'Dice', cell: (r) => decimal(r.dice) },
        { heading: 'repeat, Dice', cell: (r) => decimal(r.repeat_dice) },
        { heading: 'repeat, correlation', cell: (r) => decimal(r.repeat_correlation) },
        { heading: 'identified', cell: (r) => percent(r.identified) },
        { heading: 'expected', cell: (r) => percent(expectedAt(r) ?? Number.NaN) },
      ],
      joint,
    ),
  );
}
