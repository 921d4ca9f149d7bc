import { drawnSets, networkIntersections, tasksOf } from '../figures/network-intersections.js';
import { hasNoRest, offWords } from '../findings/off-blocks.js';
import { figure } from '../page/figure.js';
import { html, type Markup } from '../page/html.js';
import { table } from '../page/table.js';
import { count, counted, decimal, listed, percent, taskName } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';

/** Units by exactly which networks they belong to. */
export function intersections(results: StudyResults): Markup | undefined {
  const { networks, tasks } = results;
  const rows = networks.intersections ?? [];
  const shared = rows.filter((row) => row.networks > 1 && row.units > 0);
  if (shared.length === 0) return undefined;
  const most = Math.max(...shared.map((row) => row.networks));
  const excess = [...shared].sort((a, b) => b.units - b.expected - (a.units - a.expected))[0];
  const left = rows.length - drawnSets;
  return figure({
    id: 'network-intersections',
    title: 'Units by exactly which networks they belong to',
    leastWidth: 620,
    drawing: networkIntersections(rows, tasks),
    shows: html`Each column is a set of tasks, marked by dots; its bar (height by square root) is the number of units that belong to the networks of all of them and of no other, the full part those that respond to all in one direction. The line is what members placed independently in their sites give. ${left > 0 && `${counted(left, 'smaller set')} are in networks/intersections.parquet. `}No unit belongs to more than ${count(most)} networks. Furthest above chance ${excess.units > excess.expected ? `are the ${counted(excess.units, 'unit')} of ${listed(tasksOf(excess).map(taskName))} (${decimal(excess.expected, 0)} expected)` : 'is none'}.`,
    imaging:
      'Conjunctions of all orders at once, without a test: a region that several tasks engage, beside those that one does.',
    interpretability: `Units of many networks carry what these topics have in common as against ${offWords(results)}; units of one carry what is the topic’s own.`,
  });
}

/** Whether members respond to their task alone. */
export function specificity(results: StudyResults): Markup | undefined {
  const { networks, plan } = results;
  const rows = (networks.specificity ?? []).filter((row) => row.members > 0);
  if (rows.length === 0) return undefined;
  return table(
    html`Specificity. Own members belong to no other network. A member is selective where its response, each against the off blocks of the same runs, exceeds the mean of the other tasks’ in its direction (false discovery rate ${decimal(plan.networks.alpha)} over the members). Selectivity is the difference of the two over the sum of their sizes: 1 where the other tasks do not move the unit or move it the other way, 0 where they move it as much. Members were chosen by the same prompts, which flatters them; the last column does not: of units chosen in the other sessions the share that exceeds the other tasks in the session left out, where 50% is chance.${hasNoRest(results) && ' Tasks are held against each other here, so that what raises a unit on one lowers it on others by design: of two tasks members are selective whatever the model does.'}`,
    [
      { heading: 'task', cell: (row) => taskName(row.task), text: true },
      { heading: 'members', cell: (row) => count(row.members) },
      { heading: 'own', cell: (row) => `${count(row.own)} (${percent(row.own_share)})` },
      { heading: 'by chance', cell: (row) => decimal(row.expected_own, 0) },
      { heading: 'selective', cell: (row) => `${count(row.selective)} (${percent(row.selective / row.members)})` },
      { heading: 'median selectivity', cell: (row) => decimal(row.selectivity) },
      { heading: 'selective in the session left out', cell: (row) => percent(row.held_out_selective) },
    ],
    rows,
  );
}

/** Conjunctions that the study asks for, beside networks. */
export function conjunctions(results: StudyResults): Markup | undefined {
  const rows = results.networks.conjunctions ?? [];
  if (rows.length === 0) return undefined;
  return table(
    'Conjunctions: units in which the least of the tasks’ statistics survives with one sign for all, beside units that all of these networks hold with one sign, and what chance gives of those.',
    [
      { heading: 'conjunction', cell: (row) => row.conjunction, text: true },
      { heading: 'tasks', cell: (row) => listed(tasksOf(row).map(taskName)), text: true },
      { heading: 'units', cell: (row) => count(row.members) },
      { heading: `above ${offWords(results)}`, cell: (row) => count(row.positive) },
      { heading: `below ${offWords(results)}`, cell: (row) => count(row.negative) },
      { heading: 'in all networks', cell: (row) => count(row.in_networks) },
      { heading: 'by chance', cell: (row) => decimal(row.expected_in_networks, 1) },
    ],
    rows,
  );
}
