import { randomStream } from '@galvani/numerics';

/** Ways to say which topics are the group. */
export interface TopicLabellings {
  /** Topics of the group in each labelling, [m] of [G]; where all are listed the true one, topics 0 to G - 1, is first. */
  groups: number[][];
  exhaustive: boolean;
}

/** All choices of `group` topics among `topics` where there are at most `count`, else `count` drawn at random. */
export function labelTopics(topics: number, group: number, count: number, seed: string | number): TopicLabellings {
  let distinct = 1;
  for (let i = 1; i <= group; i++) distinct *= (topics - group + i) / i;
  if (Math.round(distinct) <= count) return { groups: choices(topics, group), exhaustive: true };
  const stream = randomStream(seed, 'topics');
  const all = Array.from({ length: topics }, (_, k) => k);
  const groups = Array.from({ length: count }, () => stream.shuffled(all).slice(0, group));
  return { groups, exhaustive: false };
}

/** In lexical order. */
function choices(topics: number, group: number, from = 0): number[][] {
  if (group === 0) return [[]];
  const found: number[][] = [];
  for (let k = from; k <= topics - group; k++)
    for (const others of choices(topics, group - 1, k + 1)) found.push([k, ...others]);
  return found;
}
