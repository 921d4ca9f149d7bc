import type { YardstickRank, YardstickTopic } from '@galvani/artifact';
import { rankSum } from '@galvani/statistics';
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

const measures = ['squared_effect', 'members', 'repeatability', 'identified'] as const;

/** Rows of `ranks.parquet`: tasks together beside rest topics together. */
export function ranksOfTasks(rows: readonly YardstickTopic[]): YardstickRank[] {
  return measures.map((measure) => {
    const [tasks, rest] = ['task', 'rest'].map((role) =>
      rows.filter((row) => row.role === role).map((row) => row[measure]),
    );
    const { superiority, lower, upper, p, opposite, smallest } = rankSum(tasks, rest);
    return {
      ...{ measure, tasks: tasks.length, rest_topics: rest.length, superiority, lower, upper },
      ...{ p, opposite_p: opposite, smallest_p: smallest },
    };
  });
}
