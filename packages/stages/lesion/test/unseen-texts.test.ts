import { unseenTexts } from '@galvani/lesion';
import { expect, test } from 'vitest';

const bank = ['cats', 'dogs', 'rocks', 'roads'].flatMap((topic) =>
  Array.from({ length: 10 }, (_, k) => ({ id: `${topic}-${k}`, topic, form: 'statement', text: `${topic} ${k}` })),
);
const topics = { seed: 1, tasks: ['cats', 'dogs', 'random-strings'], restTopics: ['rocks', 'roads'] };
const shown = new Set([...Array(8).keys()].flatMap((k) => [`cats-${k}`, `rocks-${k}`]));

test('texts are those that no run presents, of a task’s topic or of all rest topics, at most as many as are asked for', () => {
  const texts = unseenTexts(bank, topics, shown, { most: 6, underOthers: 3, least: 2, seed: 1 });
  const of = (topic: string) => texts.filter((text) => text.topic === topic).map(({ id }) => id);
  expect(of('cats').sort()).toEqual(['cats-8', 'cats-9']);
  expect(of('dogs')).toHaveLength(6);
  expect(of('rest')).toHaveLength(3);
  expect(texts.filter(({ topic, underOthers }) => topic === 'dogs' && underOthers)).toHaveLength(3);
  expect(texts.some(({ id }) => shown.has(id))).toBe(false);
  // Random strings are made, as of a session that is none.
  expect(of('random-strings')).toHaveLength(6);
  expect(of('random-strings').every((id) => id.startsWith('random-strings-0-'))).toBe(true);
});

test('a topic with too few has none, and a seed gives the same texts again', () => {
  const asked = { most: 5, underOthers: 3, least: 3, seed: 2 };
  expect(unseenTexts(bank, topics, shown, asked).some(({ topic }) => topic === 'cats')).toBe(false);
  expect(unseenTexts(bank, topics, shown, asked)).toEqual(unseenTexts(bank, topics, shown, asked));
});
