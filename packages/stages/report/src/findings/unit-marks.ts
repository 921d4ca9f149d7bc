import type { SiteDiagnostics } from '@galvani/artifact';
import type { StageParameters } from '@galvani/study';
import { count, counted, listed } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';

/** Which units copy others or stand for no token, and how networks count them; a sentence or two of each kind. */
export function unitMarks({ glm, plan }: StudyResults): string[] {
  const rows = glm?.diagnostics ?? [];
  return [...copied(rows, plan.networks), ...unreachable(rows, plan.networks)];
}

function copied(rows: readonly SiteDiagnostics[], { copies }: StageParameters['networks']): string[] {
  const own = rows.filter((row) => row.copies > 0);
  if (own.length === 0) return [];
  const counting =
    copies === 'once' ? 'Such a group counts as one unit.' : 'Each of them counts, as networks.copies has it.';
  return [
    `${counted(sum(own, 'copies'), 'unit')} ${sum(own, 'copies') === 1 ? 'is a copy' : 'are copies'}: over prompts, activity correlates at 0.995 or more with that of another unit of the same site (${places(own, 'copies')}). ${counting}`,
  ];
}

function unreachable(rows: readonly SiteDiagnostics[], networks: StageParameters['networks']): string[] {
  const own = rows.filter((row) => row.unreachable > 0);
  if (own.length === 0) return [];
  const counting = networks.unreachable === 'drop' ? 'They are left out of networks.' : 'They are kept in networks.';
  return [
    `${counted(sum(own, 'unreachable'), 'unit')} of the head ${sum(own, 'unreachable') === 1 ? 'stands' : 'stand'} for no token that any text has (${places(own, 'unreachable')}). ${counting}`,
  ];
}

/** The sites with most of them. */
function places(rows: readonly SiteDiagnostics[], which: 'copies' | 'unreachable'): string {
  const most = [...rows].sort((a, b) => b[which] - a[which]).slice(0, 3);
  const named = most.map((row) => `${count(row[which])} in ${row.site}`);
  return listed(
    rows.length > most.length ? [...named, `others in ${count(rows.length - most.length)} more sites`] : named,
  );
}

function sum(rows: readonly SiteDiagnostics[], which: 'copies' | 'unreachable'): number {
  return rows.reduce((total, row) => total + row[which], 0);
}
