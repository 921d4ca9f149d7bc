import type { Token } from '@galvani/artifact';
import { mean } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';

/** How sure the model was while it wrote, on and off a task, in nats: means over generated tokens. */
export interface TokenStatistics {
  task: string;
  on: { tokens: number; entropy: number; surprise: number };
  off: { tokens: number; entropy: number; surprise: number };
}

/** For each task of which tokens were recorded. */
export function tokenStatistics({ plan, tasks, events, tokens }: StudyResults): TokenStatistics[] {
  return tasks.flatMap((task) => {
    const on: Token[] = [];
    const off: Token[] = [];
    for (const run of plan.runs.filter((r) => r.task === task && events.has(r.name))) {
      const resting = new Set((events.get(run.name) ?? []).filter((e) => e.condition === 'rest').map((e) => e.prompt));
      for (const token of tokens.get(run.name) ?? []) (resting.has(token.prompt) ? off : on).push(token);
    }
    return on.length === 0 ? [] : [{ task, on: summarised(on), off: summarised(off) }];
  });
}

function summarised(tokens: readonly Token[]) {
  return {
    tokens: tokens.length,
    entropy: mean(tokens.map((token) => token.entropy)),
    surprise: mean(tokens.map((token) => -token.log_probability).filter((value) => !Number.isNaN(value))),
  };
}
