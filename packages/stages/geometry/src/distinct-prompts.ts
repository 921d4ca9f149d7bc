import type { Recording } from '@galvani/results';
import type { PatternProducts } from '@galvani/statistics';
import type { PresentedTasks } from './presented-tasks.js';

/** Places of prompts among those of all runs, each prompt once: runs may share their rest, and a prompt is no further evidence the second time. */
export function distinctPrompts(recordings: readonly Pick<Recording, 'events'>[]): number[] {
  const seen = new Set<string>();
  return recordings
    .flatMap(({ events }) => events)
    .flatMap(({ prompt_id }, at) => {
      if (seen.has(prompt_id)) return [];
      seen.add(prompt_id);
      return [at];
    });
}

/** What is left of products and prompts where only those at some places are looked at. */
export function productsAmong(
  { products, units }: PatternProducts,
  presented: PresentedTasks,
  places: readonly number[],
): { products: PatternProducts; presented: PresentedTasks } {
  const prompts = presented.run.length;
  const own = new Float64Array(places.length ** 2);
  for (const [i, a] of places.entries())
    for (const [j, b] of places.entries()) own[i * places.length + j] = products[a * prompts + b];
  const of = (values: ArrayLike<number>) => Int32Array.from(places, (at) => values[at]);
  return {
    products: { products: own, units },
    presented: {
      ...presented,
      run: of(presented.run),
      task: of(presented.task),
      isTask: Uint8Array.from(places, (at) => presented.isTask[at]),
      session: of(presented.session),
      condition: of(presented.condition),
    },
  };
}
