import { balancedOrder, designRuns } from '@galvani/design';
import { embeddedModel, embeddedPrompts } from '@galvani/frog';
import { openModelTokenizer } from '@galvani/model';
import type { Prompt } from '@galvani/study';
import { readPromptBank } from '@galvani/study';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const forms = ['statement', 'question', 'definition', 'list'];
const bank: Prompt[] = [
  ...['a', 'b'].flatMap((topic) => prompts(topic, 48)),
  ...Array.from({ length: 12 }, (_, t) => prompts(`other-${t}`, 16)).flat(),
];
function prompts(topic: string, count: number): Prompt[] {
  return Array.from({ length: count }, (_, i) => ({
    id: `${topic}-${i}`,
    topic,
    form: forms[i % 4],
    text: `words about ${topic} number ${i}`,
  }));
}
const restTopics = Array.from({ length: 12 }, (_, t) => `other-${t}`);
const asked = (sessions: number, cycles = 1, seed = 1) => ({
  seed,
  tasks: ['a', 'b', 'random-strings'],
  design: { sessions, cycles, promptsPerBlock: 4 },
  prompts: [],
  restTopics,
});

test('every run is off, on, off, and no prompt is shown twice', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 2 }),
      fc.nat(100),
      (sessions, cycles, seed) => {
        if (sessions * 3 * (cycles + 1) * 4 > 192) return;
        const runs = designRuns(asked(sessions, cycles, seed), bank);
        expect(runs).toHaveLength(3 * sessions);
        for (const { run, events } of runs) {
          expect(events.map((e) => e.condition)).toEqual(
            Array.from({ length: (2 * cycles + 1) * 4 }, (_, i) => (Math.floor(i / 4) % 2 ? 'task' : 'rest')),
          );
          for (const event of events)
            expect(event.condition === 'task' ? [run.task] : restTopics).toContain(event.topic);
        }
        const shown = runs.flatMap(({ events }) => events.map((e) => e.text));
        expect(new Set(shown).size).toBe(shown.length);
      },
    ),
    { numRuns: 40 },
  );
});

test('a further session leaves the earlier ones as they were', () => {
  const two = designRuns(asked(2), bank);
  const three = designRuns(asked(3), bank);
  expect(three.slice(0, two.length)).toEqual(two);
});

test('where runs share their rest it is that of their session alone', () => {
  const shared = (sessions: number) => designRuns({ ...asked(sessions), repeatRest: 'tasks' }, bank);
  const restOf = ({ events }: ReturnType<typeof shared>[number]) =>
    events.filter((e) => e.condition === 'rest').map((e) => e.prompt_id);
  const runs = shared(3);
  for (const { run, events } of runs) {
    const [first] = runs.filter((other) => other.run.session === run.session);
    expect(restOf({ run, events })).toEqual(restOf(first));
    expect(new Set(events.map((e) => e.prompt_id)).size).toBe(events.length);
  }
  expect(new Set(runs.flatMap(restOf)).size).toBe(3 * 8);
  const onTask = (own: typeof runs) => own.flatMap(({ events }) => events.filter((e) => e.condition === 'task'));
  expect(onTask(runs)).toEqual(onTask(designRuns(asked(3), bank)));
  expect(shared(4).slice(0, runs.length)).toEqual(runs);
});

test('the seed decides', () => {
  expect(designRuns(asked(2), bank)).toEqual(designRuns(asked(2), bank));
  expect(designRuns(asked(2, 1, 2), bank)).not.toEqual(designRuns(asked(2), bank));
});

test('on blocks hold every form equally often; off blocks spread over topics', () => {
  for (const { run, events } of designRuns(asked(4), bank)) {
    if (run.task === 'random-strings') continue;
    const count = (key: 'form' | 'topic', condition: string) => {
      const n = new Map<string, number>();
      for (const e of events) if (e.condition === condition) n.set(e[key], (n.get(e[key]) ?? 0) + 1);
      return [...n.values()];
    };
    expect(Math.max(...count('form', 'task'))).toBeLessThanOrEqual(2);
    expect(count('topic', 'rest').length).toBeGreaterThanOrEqual(6);
  }
});

test('random strings have the lengths of real prompts and none of their words', () => {
  const [run] = designRuns(asked(1), bank).filter(({ run }) => run.task === 'random-strings');
  const lengths = new Set(
    bank.map((p) =>
      p.text
        .split(' ')
        .map((w) => w.length)
        .join(),
    ),
  );
  for (const event of run.events.filter((e) => e.condition === 'task')) {
    expect(lengths).toContain(
      event.text
        .split(' ')
        .map((w) => w.length)
        .join(),
    );
    expect(event.text).not.toContain('words');
  }
});

test('a balanced order holds everything once', () => {
  const ordered = balancedOrder(bank, (p) => p.topic, 3);
  expect(new Set(ordered)).toEqual(new Set(bank));
  expect(ordered).toHaveLength(bank.length);
});

test('with a tokenizer random strings have the tokens of the prompts that they take after', async () => {
  const tokenizer = (await openModelTokenizer(embeddedModel))!;
  const real = await readPromptBank(embeddedPrompts);
  const rest = ['coffee', 'weather', 'cars', 'cheese', 'chess', 'dogs'];
  const study = { ...asked(3), tasks: ['pathology', 'random-strings'], restTopics: rest };
  const count = (text: string) => tokenizer.encode(text).length;
  const stringsOf = (counted?: typeof count, sessions = 3) =>
    designRuns({ ...study, design: { ...study.design, sessions } }, real, counted)
      .flatMap(({ events }) => events)
      .filter(({ topic }) => topic === 'random-strings');
  const plain = stringsOf();
  const matched = stringsOf(count);
  const models = real.filter(({ topic }) => [...rest, 'pathology'].includes(topic));
  for (const { text, form } of matched)
    expect(models.filter((prompt) => prompt.form === form).map((prompt) => count(prompt.text))).toContain(count(text));
  const total = (events: typeof plain) => events.reduce((sum, { text }) => sum + count(text), 0);
  expect(total(matched)).toBeLessThan(total(plain) / 1.5);
  // Of sessions that are there already nothing changes.
  expect(stringsOf(count, 2)).toEqual(matched.slice(0, 8));
});

test('in pairs each prompt of the task follows its partner, and none is shown twice', () => {
  const paired = ['a', 'b'].flatMap((topic) =>
    ['', 'not-'].flatMap((side) =>
      prompts(side + topic, 24).map((prompt, i) => ({ ...prompt, pair: `${topic} ${i}` })),
    ),
  );
  const study = {
    ...asked(2, 3),
    tasks: ['a', 'b'],
    restTopics: ['not-a', 'not-b'],
    design: { sessions: 2, cycles: 3, promptsPerBlock: 4, pairs: true as const },
  };
  const runs = designRuns(study, paired);
  for (const { run, events } of runs) {
    expect(events.map((event) => event.topic)).toEqual(
      Array.from({ length: 24 }, (_, i) => (i % 2 ? run.task : `not-${run.task}`)),
    );
    expect(events.map((event) => [event.condition, event.prompt, event.block])).toEqual(
      events.map((_, i) => [i % 2 ? 'task' : 'rest', i, i]),
    );
    const pairOf = ({ prompt_id }: { prompt_id: string }) => paired.find(({ id }) => id === prompt_id)!.pair;
    for (let i = 0; i < events.length; i += 2) expect(pairOf(events[i])).toBe(pairOf(events[i + 1]));
  }
  const shown = runs.flatMap(({ events }) => events.map((event) => event.prompt_id));
  expect(new Set(shown).size).toBe(96);
});
