import type { Event, Token } from '@galvani/artifact';
import { expect, test } from 'vitest';
import { certainty, lengths, positions } from '../../src/findings/form-cautions.js';
import type { StudyResults } from '../../src/results/study-results.js';

const tasks = ['cats', 'dogs'];
const runs = tasks.map((task) => ({ name: `ses-01_task-${task}`, session: 1, task }));
/** Ten prompts of rest and ten of the task, with so many tokens each and so much entropy. */
function study(contrasts: [string, string][], on: Record<string, { tokens: number; entropy: number }>): StudyResults {
  const events = new Map<string, Event[]>();
  const tokens = new Map<string, Token[]>();
  for (const { name, task } of runs) {
    const prompts = Array.from({ length: 20 }, (_, prompt) => ({ prompt, condition: prompt < 10 ? 'rest' : 'task' }));
    events.set(name, prompts as Event[]);
    tokens.set(
      name,
      prompts.flatMap(({ prompt, condition }) => {
        const { tokens: count, entropy } = condition === 'task' ? on[task] : { tokens: 10, entropy: 3 };
        return Array.from({ length: count + (prompt % 2) }, () => ({ prompt, entropy, log_probability: -1 }) as Token);
      }),
    );
  }
  const sizes = (contrast: string) =>
    [6, 1].map((members, s) => ({
      ...{ contrast, layer: 'embeddings', kind: 'embedding', site: s === 0 ? 'model.embed_positions' : 'model.fc1' },
      ...{ units: 10, members, positive: members, negative: 0 },
    }));
  return {
    tasks,
    plan: { runs, glm: { contrasts }, extract: { mode: 'read' } },
    networks: { sizes: [], contrast_sizes: contrasts.flatMap(([name]) => sizes(name)) },
    events,
    tokens,
  } as unknown as StudyResults;
}
const contrast: [string, string] = ['cats over dogs', 'cats - dogs'];
const alike = { tokens: 10, entropy: 3 };

test('a contrast that position embeddings make is told', () => {
  expect(positions(study([contrast], { cats: alike, dogs: alike }))).toEqual([
    expect.stringContaining('are members for the contrast “cats over dogs” (6 of 7 units)'),
  ]);
});

test('prompts of unequal length are told of tasks and of the contrast between them', () => {
  const [words] = lengths(study([contrast], { cats: { tokens: 14, entropy: 3 }, dogs: { tokens: 8, entropy: 3 } }));
  expect(words).toContain('4.0 tokens longer on cats than on rest');
  expect(words).toContain('2.0 tokens shorter on dogs than on rest');
  expect(words).toContain(
    '6.0 tokens longer on the positive side of the contrast “cats over dogs” than on the negative',
  );
  expect(lengths(study([contrast], { cats: alike, dogs: alike }))).toEqual([]);
});

test('certainty that two tasks share is none of their contrast', () => {
  const surer = { tokens: 10, entropy: 2 };
  const shared = certainty(study([contrast], { cats: surer, dogs: surer }))[0];
  expect(shared).toContain('more sure of its words on cats than on rest (entropy 1.00 nats lower)');
  expect(shared).not.toContain('contrast');
  const [own] = certainty(study([['mean', '2 * [cats, dogs]']], { cats: surer, dogs: surer }));
  expect(own).toContain('more sure of its words in the contrast “mean” than on rest (entropy 1.00 nats lower)');
});

test('an F contrast, and one of other regressors, has no two sides', () => {
  const surer = { cats: { tokens: 10, entropy: 2 }, dogs: alike };
  for (const expression of ['F: cats, dogs', 'length'])
    expect(certainty(study([['any', expression]], surer))[0]).not.toContain('contrast');
});

test('without rest a contrast has all prompts of its tasks, so that a difference counts once', () => {
  const rested = study([contrast], { cats: { tokens: 14, entropy: 3 }, dogs: { tokens: 8, entropy: 2 } });
  const events = new Map(
    [...rested.events].map(([run, rows]) => {
      const own = runs.find(({ name }) => name === run)!.task;
      const other = tasks.find((task) => task !== own)!;
      return [run, rows.map((event) => ({ ...event, topic: event.condition === 'task' ? own : other }))];
    }),
  );
  const tokens = new Map(
    [...rested.tokens].map(([run, rows]) => {
      const topicOf = new Map(events.get(run)!.map(({ prompt, topic }) => [prompt, topic]));
      const at = (prompt: number) => rows.find((token) => token.prompt === prompt)!;
      return [
        run,
        [...topicOf].flatMap(([prompt, topic]) => {
          const [count, entropy] = topic === 'cats' ? [14, 3] : [8, 2];
          return Array.from({ length: count + (prompt % 2) }, () => ({ ...at(prompt), entropy }));
        }),
      ];
    }),
  );
  const glm = { contrasts: [contrast], rest: 'none' };
  const results = { ...rested, plan: { ...rested.plan, glm }, events, tokens } as unknown as StudyResults;
  expect(lengths(results)[0]).toContain('6.0 tokens longer on cats than on the other tasks');
  expect(lengths(results)[0]).toContain('6.0 tokens longer on the positive side of the contrast “cats over dogs”');
  expect(certainty(results)[0]).toContain(
    'less sure of its words on the positive side of the contrast “cats over dogs” than on the negative (entropy 1.00 nats higher)',
  );
});
