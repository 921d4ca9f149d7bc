import type { Token } from '@galvani/artifact';
import { mean } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';

/** How sure the model was while it wrote, on and off a task, in nats: means over generated tokens. */
export interface TokenStatistics {
  task: string;
  on: ConditionTokens;
  off: ConditionTokens;
}

export interface ConditionTokens {
  tokens: number;
  entropy: number;
  surprise: number;
  /** Tokens of each prompt. */
  lengths: number[];
}

/** For each task of which tokens were recorded. */
export function tokenStatistics({ plan, tasks, events, tokens }: StudyResults): TokenStatistics[] {
  return tasks.flatMap((task) => {
    const on: (Token & { run: string })[] = [];
    const off: (Token & { run: string })[] = [];
    for (const run of plan.runs.filter((r) => r.task === task && events.has(r.name))) {
      const resting = new Set((events.get(run.name) ?? []).filter((e) => e.condition === 'rest').map((e) => e.prompt));
      for (const token of tokens.get(run.name) ?? [])
        (resting.has(token.prompt) ? off : on).push({ ...token, run: run.name });
    }
    return on.length === 0 ? [] : [{ task, on: summarised(on), off: summarised(off) }];
  });
}

/** Of all prompts of each task, in whichever run they are; for studies without rest. */
export function taskTokens({ tasks, events, tokens }: StudyResults): ConditionTokens[] {
  return tasks.map((task) =>
    summarised(
      [...tokens].flatMap(([run, rows]) => {
        const own = new Set((events.get(run) ?? []).filter(({ topic }) => topic === task).map(({ prompt }) => prompt));
        return rows.filter(({ prompt }) => own.has(prompt)).map((token) => ({ ...token, run }));
      }),
    ),
  );
}

function summarised(tokens: readonly (Token & { run: string })[]): ConditionTokens {
  const lengths = new Map<string, number>();
  for (const { run, prompt } of tokens) lengths.set(`${run} ${prompt}`, (lengths.get(`${run} ${prompt}`) ?? 0) + 1);
  return {
    tokens: tokens.length,
    entropy: mean(tokens.map((token) => token.entropy)),
    surprise: mean(tokens.map((token) => -token.log_probability).filter((value) => !Number.isNaN(value))),
    lengths: [...lengths.values()],
  };
}
