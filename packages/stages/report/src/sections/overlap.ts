import type { NetworkOverlap } from '@galvani/artifact';
import { overlapMatrix } from '../figures/overlap-matrix.js';
import { overlapPairs } from '../findings/network-overlap.js';
import { hasNoRest } from '../findings/off-blocks.js';
import { absent, figure } from '../page/figure.js';
import { html, type Markup } from '../page/html.js';
import { colourScale } from '../page/scale.js';
import { section } from '../page/section.js';
import { table } from '../page/table.js';
import { count, counted, decimal, probability, taskName } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';
import { conjunctions, intersections, specificity } from './sharing.js';

/** How networks share units with each other. */
export function overlapSection(results: StudyResults): Markup {
  return section(
    'overlap',
    'Overlap',
    overlap(results),
    pairTable(results),
    intersections(results),
    specificity(results),
    conjunctions(results),
  );
}

function overlap(results: StudyResults): Markup {
  const { networks, tasks } = results;
  const noRest = hasNoRest(results);
  if (!networks.overlap) return absent('Overlap has not been measured yet.');
  const pairs = overlapPairs(networks.overlap, tasks);
  if (pairs.length === 0)
    return absent(
      tasks.length < 2
        ? 'One task alone has nothing to overlap with.'
        : 'Networks are empty, so their overlap is not defined.',
    );
  const most = pairs[0];
  const [opposite] = [...pairs].sort((a, b) => b.opposed_dice - a.opposed_dice);
  return figure({
    id: 'overlap-matrix',
    title: 'Overlap of networks',
    leastWidth: 520,
    drawing: html`${overlapMatrix(networks.overlap, tasks)}${colourScale({
      ticks: [
        '0',
        decimal(
          Math.max(
            0,
            ...networks.overlap
              .filter((r) => r.task_a !== r.task_b)
              .map(({ dice }) => dice)
              .filter(Number.isFinite),
          ),
        ),
      ],
      colours: ['transparent', 'var(--accent)'],
      opacity: 0.7,
      of: 'Dice coefficient',
    })}`,
    shows: html`Dice coefficient of units that respond to both tasks in the same direction: twice their number over the sum of the networks’ sizes; 1 is the same network, 0 no such unit. In brackets the value for networks with as many members of each sign in each site, placed there independently. The largest, ${taskName(most.task_a)} with ${taskName(most.task_b)}, has ${counted(most.same, 'unit')} in both with the same sign and ${count(most.opposed)} with opposite signs. ${opposite.opposed > 0 && opposedWords(opposite)}`,
    imaging: noRest
      ? 'Every task is held against the other tasks, so that what raises a unit on one lowers it in the contrasts of the others: units with opposite signs in two networks follow from the design (of two tasks nearly all do), and units with one sign are those that set both tasks apart from a third.'
      : 'Every contrast is against the same kind of rest, so units that tell any task from rest are shared by all networks; likeness of two tasks shows in what exceeds the other pairs, not in what exceeds independence.',
    interpretability:
      'Units shared by two topics may carry a broader feature, such as science or expository style; larger networks overlap more, so compare with the value in brackets.',
  });
}

/** Pairs with what chance gives them. */
function pairTable({ networks, plan, tasks }: StudyResults): Markup | undefined {
  const pairs = overlapPairs(networks.overlap ?? [], tasks);
  if (pairs.length === 0) return undefined;
  const dice = (own: (pair: NetworkOverlap) => number) => (pair: NetworkOverlap) => decimal(own(pair));
  return table(
    html`${plan.design.repeatRest && 'Runs of a session share their rest, whose noise networks then have in common: overlap beyond that is not tested, and the columns of chance are empty. '}Each pair of networks by units of the same sign, most alike first. The interval is over other prompts of the same kind: prompts drawn anew within runs and conditions, networks formed anew. p asks whether the two share more than either does once its prompts are relabelled within their runs, its strongest units being as many of each sign; over all pairs it is corrected for their number. Such networks keep what units have to do with each other, which placing members independently in their sites does not.`,
    [
      { heading: 'pair', cell: (p) => `${taskName(p.task_a)}, ${taskName(p.task_b)}`, text: true },
      { heading: 'units', cell: (p) => count(p.same) },
      { heading: 'Dice', cell: dice((p) => p.dice) },
      { heading: '95% interval', cell: (p) => `${decimal(p.lower)} to ${decimal(p.upper)}` },
      { heading: 'by site', cell: dice((p) => p.expected_dice) },
      { heading: 'relabelled', cell: dice((p) => p.relabelled_dice) },
      { heading: 'p', cell: (p) => probability(p.p) },
      { heading: 'p over pairs', cell: (p) => probability(p.p_over_pairs) },
      { heading: 'opposed units', cell: (p) => count(p.opposed) },
      { heading: 'opposed Dice', cell: dice((p) => p.opposed_dice) },
      { heading: 'p over pairs', cell: (p) => probability(p.opposed_p_over_pairs) },
    ],
    pairs,
  );
}

function opposedWords(pair: NetworkOverlap): string {
  const both = pair.same + pair.opposed;
  return `Units that respond in opposite directions are counted apart: most are those of ${taskName(pair.task_a)} with ${taskName(pair.task_b)}, ${count(pair.opposed)} of the ${count(both)} that both hold (Dice ${decimal(pair.opposed_dice)}; ${decimal(pair.expected_opposed_dice)} if placed independently).`;
}
