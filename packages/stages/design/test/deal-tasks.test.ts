import { designRuns } from '@galvani/design';
import type { Prompt } from '@galvani/study';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const forms = ['statement', 'question', 'definition'];
const topics = ['a', 'b', 'c', 'd', 'e'];
const bank: Prompt[] = topics.flatMap((topic) =>
  Array.from({ length: 240 }, (_, i) => ({
    id: `${topic}-${i}`,
    topic,
    form: forms[i % 3],
    text: `on ${topic}, ${i}`,
  })),
);

const asked = (count: number, sessions: number, cycles: number, promptsPerBlock: number, seed: number) => ({
  seed,
  tasks: [...topics.slice(0, count - 1), 'random-strings'],
  design: { sessions, cycles, promptsPerBlock },
  prompts: '',
  restTopics: [],
});

const studies = fc.record({
  count: fc.integer({ min: 2, max: 6 }),
  sessions: fc.integer({ min: 1, max: 4 }),
  cycles: fc.integer({ min: 1, max: 2 }),
  inBlock: fc.integer({ min: 1, max: 9 }),
  seed: fc.nat(1000),
});

const runsOf = ({ count, sessions, cycles, inBlock, seed }: Record<string, number>) =>
  designRuns(asked(count, sessions, cycles, inBlock, seed), bank);

function counted<T>(values: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

test('without rest off blocks hold the other tasks alone, in equal parts in a run and as many of each in a session', () => {
  fc.assert(
    fc.property(studies, (study) => {
      const { count, sessions, cycles, inBlock } = study;
      const runs = runsOf(study);
      expect(runs).toHaveLength(count * sessions);
      for (const { run, events } of runs) {
        expect(events.map(({ condition }) => condition)).toEqual(
          Array.from({ length: (2 * cycles + 1) * inBlock }, (_, i) => (Math.floor(i / inBlock) % 2 ? 'task' : 'rest')),
        );
        for (const { condition, topic } of events) expect(topic === run.task).toBe(condition === 'task');
        const off = counted(events.flatMap(({ condition, topic }) => (condition === 'rest' ? [topic] : [])));
        const [least, most] = [Math.min(...off.values()), Math.max(...off.values())];
        expect(most - (off.size < count - 1 ? 0 : least)).toBeLessThanOrEqual(1);
      }
      for (let session = 1; session <= sessions; session++) {
        const own = runs.filter(({ run }) => run.session === session).flatMap(({ events }) => events);
        for (const number of counted(own.map(({ topic }) => topic)).values())
          expect(number).toBe((2 * cycles + 1) * inBlock);
      }
      const shown = runs.flatMap(({ events }) => events.map(({ prompt_id }) => prompt_id));
      expect(new Set(shown).size).toBe(shown.length);
    }),
    { numRuns: 60 },
  );
});

test('a further session leaves the events of earlier ones as they were, and the seed decides', () => {
  fc.assert(
    fc.property(studies, (study) => {
      const runs = runsOf(study);
      expect(runsOf({ ...study, sessions: study.sessions + 1 }).slice(0, runs.length)).toEqual(runs);
    }),
    { numRuns: 20 },
  );
  const study = { count: 4, sessions: 2, cycles: 1, inBlock: 6, seed: 1 };
  expect(runsOf({ ...study, seed: 2 })).not.toEqual(runsOf(study));
});

test('every off block holds each of the other tasks about as often, and forms are spread', () => {
  for (const { events } of runsOf({ count: 4, sessions: 3, cycles: 1, inBlock: 9, seed: 5 }))
    for (const block of [0, 2]) {
      const own = events.filter((event) => event.block === block);
      const tasks = counted(own.map(({ topic }) => topic));
      expect([Math.min(...tasks.values()), Math.max(...tasks.values())]).toEqual([3, 3]);
      expect(counted(own.map(({ form }) => form)).size).toBeGreaterThan(1);
    }
});
