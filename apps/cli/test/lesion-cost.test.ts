import { filledLesion, parseStudy } from '@galvani/study';
import { expect, test } from 'vitest';
import { lesionTexts, lighterLesions } from '../src/lesion-cost.js';

const design = { tasks: ['a', 'b', 'c', 'd', 'e', 'f'] };
const usual = { design, lesion: { ...filledLesion({}, 0), named: false } };
const taking = (lesion: number, rest: number) => [
  { stage: 'extract' as const, seconds: rest },
  { stage: 'lesion' as const, seconds: lesion },
];

test('where lesions are most of a long study, plan says what takes less, and a study takes what it says', () => {
  const said = lighterLesions(usual, taking(7000, 400))!;
  // 6 x (1 + 100 + 20 + 2 + 2 x 21) = 990 sets of units, and 36 + 6 x 12 texts; then 6 x (1 + 19 + 2) and 12 + 6 x 4: a 22nd part.
  expect(lesionTexts(usual)).toBe(990 * 108);
  expect(said).toMatch(
    /^ {2}Lesions of 990 sets of units take most of the time\. Fewer would take 5 min 11 s, .* no p below \.050 \(now \.0099\)/,
  );
  const yaml = said.slice(said.indexOf('lesion: {'));
  const { study } = parseStudy(
    `model: m\nprompts: p.csv\ntasks: [a, b]\ndesign: { sessions: 2, promptsPerBlock: 2 }\n${yaml}`,
    'study.yaml',
  );
  const lesion = { ...filledLesion(study.lesion, 0), named: false };
  expect(lesionTexts({ design, lesion })).toBe(132 * 36);
  expect(lighterLesions({ design, lesion }, taking(7000, 400))).toBeUndefined();
});

test('what is fewer already stays, so that it never advises more', () => {
  const lesion = { ...usual.lesion, prompts: 8, controls: 15 };
  const said = lighterLesions({ design, lesion }, taking(7000, 400));
  expect(said).toMatch(/no p below \.063 \(now \.063\); .* prompts: 8, otherPrompts: 4, controls: 15,/);
});

test('of a short study, or one that something else takes the time of, it says nothing', () => {
  expect(lighterLesions(usual, taking(300, 10))).toBeUndefined();
  expect(lighterLesions(usual, taking(7000, 9000))).toBeUndefined();
});
