import type { Reliability } from '@galvani/artifact';
import { holm } from '@galvani/numerics';
import { decimal, listed, taskName } from '../../page/words.js';
import type { StudyResults } from '../../results/study-results.js';
import { taskNetworks } from '../network-size.js';
import { atChance } from './identification.js';
import { judge, level, type Verdict } from './verdict.js';

/** Whether maps of a task are more alike in different sessions than maps of two tasks. */
export function ownNetworks(results: StudyResults): Verdict {
  return moreAlike(results, {
    claim: 'Tasks have networks of their own.',
    measure: 'correlation',
    what: 'difference of correlations',
    found: ({ within, between }) =>
      `Maps of a task in two sessions correlate at ${decimal(within)} on average, maps of two tasks at ${decimal(between)}.`,
    refutedBy: 'Maps of two tasks more alike than those of one task: a difference below 0, with its whole interval.',
  });
}

/** Whether the strongest units of a task return in other sessions, more than those of other tasks do. */
export function repeatedNetworks(results: StudyResults): Verdict {
  return moreAlike(results, {
    claim: 'Networks repeat from one session to another.',
    measure: 'dice',
    what: 'difference of Dice',
    found: ({ within, between }) =>
      `The strongest 5% of units of two sessions of a task share a Dice of ${decimal(within)} on average, those of two tasks ${decimal(between)}.`,
    refutedBy:
      'Units of a task that return less often than those of other tasks: a difference below 0, with its whole interval.',
  });
}

interface Asked extends Pick<Verdict, 'claim' | 'refutedBy'> {
  measure: string;
  what: string;
  found(row: Reliability): string;
}

function moreAlike(results: StudyResults, { claim, refutedBy, measure, what, found }: Asked): Verdict {
  const rows = (results.networks.reliability ?? []).filter((row) => row.measure === measure);
  const all = rows.find(({ task }) => task === '');
  const cannot = (words: string): Verdict => ({ claim, verdict: 'cannot be said', words, refutedBy });
  if (!results.networks.sizes) return cannot('Networks have not been formed yet.');
  const networks = taskNetworks(results.networks.sizes, results.tasks);
  if (networks.every(({ members }) => members === 0))
    return { claim, verdict: 'no evidence', words: 'No unit survived in any task, so there is no network.', refutedBy };
  if (!all || !Number.isFinite(all.p)) return cannot('There are no two sessions of two tasks to compare.');
  const smallest = smallestOf(all);
  const verdict = judge({ p: all.p, smallest, opposite: all.difference_upper < 0 });
  const words = [
    found(all),
    ...byTask(
      rows,
      networks.filter(({ members }) => members === 0).map(({ task }) => task),
    ),
  ];
  const chance = verdict === 'supported' && atChance(results);
  if (chance)
    words.push('But held-out activity is not identified above chance, so that this is not taken for support.');
  if (verdict === 'cannot be said') words.push(`So few sessions and tasks give no p below ${decimal(smallest)}.`);
  return {
    claim,
    verdict: chance ? 'no evidence' : verdict,
    effect: { what, value: all.difference, lower: all.difference_lower, upper: all.difference_upper },
    p: all.p,
    words: words.join(' '),
    refutedBy,
  };
}

const smallestOf = ({ labellings, exhaustive }: Reliability) => 1 / (labellings + (exhaustive ? 0 : 1));

/** Which tasks are so by themselves, by Holm over tasks. */
function byTask(rows: readonly Reliability[], empty: readonly string[]): string[] {
  const own = rows.filter(({ task }) => task !== '');
  const adjusted = holm(Float64Array.from(own, ({ p }) => Math.log(p)));
  const passed = own.filter(({ task }, k) => adjusted[k] <= Math.log(level) + 1e-12 && !empty.includes(task));
  const others = own.filter((row) => !passed.includes(row)).map(({ task }) => taskName(task));
  if (own.length < 2) return [];
  const each = `By themselves (Holm over tasks) ${passed.length} of ${own.length} tasks are`;
  return [
    others.length === 0 ? `${each} so.` : `${each} so; not ${listed(others)}.`,
    ...(empty.length > 0 ? [`No unit survived for ${listed(empty.map(taskName))}.`] : []),
  ];
}
