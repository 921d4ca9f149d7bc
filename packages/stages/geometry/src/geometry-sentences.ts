import type { Ceiling, Component, Distance } from '@galvani/artifact';

/** What was found, for the terminal. */
export function geometrySentences({
  distances,
  ceiling,
  components,
}: {
  distances: readonly Distance[];
  ceiling: readonly Ceiling[];
  components: readonly Component[];
}): string[] {
  const sentences: string[] = [];
  const pairs = distances.filter(({ task_b }) => task_b !== 'rest').sort((a, b) => a.distance - b.distance);
  if (pairs.length > 1) {
    const said = ({ task_a, task_b, distance, lower, upper }: Distance) =>
      `${task_a} and ${task_b} (${distance.toFixed(3)}, 95% interval ${lower.toFixed(3)} to ${upper.toFixed(3)})`;
    const apart = pairs.filter(({ p_over_pairs }) => p_over_pairs < 0.05).length;
    sentences.push(
      `of two tasks ${said(pairs[0])} lie nearest and ${said(pairs.at(-1)!)} farthest; ${apart} of ${pairs.length} pairs differ`,
    );
  }
  const agreed = ceiling.find(({ session }) => session === 0);
  if (agreed && Number.isFinite(agreed.lower))
    sentences.push(
      `sessions' distances correlate with the other sessions' at ${agreed.lower.toFixed(2)} (p ${agreed.p.toPrecision(2)}); the noise ceiling ends at ${agreed.upper.toFixed(2)}`,
    );
  const all = new Set(components.map(({ component }) => component)).size;
  const following = new Set(components.filter(({ p_over_all }) => p_over_all < 0.05).map(({ component }) => component));
  if (all > 0) sentences.push(`${following.size} of ${all} independent components follow a task`);
  return sentences;
}
