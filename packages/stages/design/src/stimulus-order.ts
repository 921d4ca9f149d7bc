import { randomStream } from '@galvani/numerics';
import type { Prompt } from '@galvani/study';

/**
 * Orders prompts at random so that every stretch holds the groups (topics or forms) as evenly as their numbers allow:
 * each group is shuffled, its members are spread evenly over [0, 1) from a random start, and all are sorted by place.
 */
export function balancedOrder(
  prompts: readonly Prompt[],
  groupOf: (prompt: Prompt) => string,
  ...keys: readonly (string | number)[]
): Prompt[] {
  const groups = new Map<string, Prompt[]>();
  for (const prompt of prompts) {
    const group = groups.get(groupOf(prompt));
    if (group) group.push(prompt);
    else groups.set(groupOf(prompt), [prompt]);
  }
  const stream = randomStream(...keys);
  const placed = [...groups.values()].flatMap((members) => {
    const start = stream.uniform();
    return stream.shuffled(members).map((prompt, i) => ({ prompt, place: (i + start) / members.length }));
  });
  return placed.sort((a, b) => a.place - b.place || (a.prompt.id < b.prompt.id ? -1 : 1)).map(({ prompt }) => prompt);
}
