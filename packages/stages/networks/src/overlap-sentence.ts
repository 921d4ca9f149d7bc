import type { NetworkOverlap } from '@galvani/artifact';

/** What most overlaps, for the terminal; undefined where no two networks have members. */
export function overlapSentence(rows: readonly NetworkOverlap[], tasks: readonly string[]): string | undefined {
  const pairs = rows
    .filter((row) => tasks.indexOf(row.task_a) < tasks.indexOf(row.task_b) && Number.isFinite(row.p))
    .sort((a, b) => b.dice - a.dice);
  if (pairs.length === 0) return undefined;
  const [{ task_a, task_b, dice, lower, upper, p_over_pairs }] = pairs;
  const beyond = pairs.filter((pair) => pair.p_over_pairs < 0.05).length;
  const most = `${task_a} and ${task_b} overlap most (same-sign Dice ${dice.toFixed(2)}, 95% interval ${lower.toFixed(2)} to ${upper.toFixed(2)}, p ${p_over_pairs.toPrecision(2)} over all pairs)`;
  return `${most}; ${beyond} of ${pairs.length} pairs overlap by more than networks of relabelled prompts`;
}
