import type { YardstickTopic } from '@galvani/artifact';
import type { Comparison } from './compare-topics.js';
import type { MatchedTopics } from './presented-topics.js';

/** Rows of `topics.parquet`; tasks have their place among rest topics as p. */
export function rowsOfTopics({ topics, prompts }: MatchedTopics, draws: number, found: Comparison): YardstickTopic[] {
  const rest = [...topics.keys()].filter((k) => !topics[k].isTask);
  const place = (values: Float64Array, k: number) =>
    topics[k].isTask && Number.isFinite(values[k])
      ? (1 + rest.filter((r) => values[r] >= values[k]).length) / (1 + rest.length)
      : Number.NaN;
  return topics.map(({ name, isTask, rows }, k) => ({
    topic: name,
    role: isTask ? 'task' : 'rest',
    presented: rows.length,
    prompts,
    draws,
    members: found.members[k],
    squared_effect: found.squaredEffect[k],
    repeatability: found.repeatability[k],
    identified: found.identified[k],
    p_members: place(found.members, k),
    p_squared_effect: place(found.squaredEffect, k),
    p_repeatability: place(found.repeatability, k),
    p_identified: place(found.identified, k),
  }));
}
