import { expect, test } from 'vitest';
import { unitMarks } from '../../src/findings/unit-marks.js';
import type { StudyResults } from '../../src/results/study-results.js';

const site = (name: string, copies: number, unreachable = 0) => ({ site: name, copies, unreachable });

function marked(diagnostics: ReturnType<typeof site>[], networks = { copies: 'once', unreachable: 'keep' }): string[] {
  return unitMarks({ glm: { diagnostics }, plan: { networks } } as unknown as StudyResults);
}

test('copies and units without a token are told with their number, their places and how they count', () => {
  expect(marked([site('a', 0), site('lm_head', 91, 13)])).toEqual([
    '91 units are copies: over prompts, activity correlates at 0.995 or more with that of another unit of the same site (91 in lm_head). Such a group counts as one unit.',
    '13 units of the head stand for no token that any text has (13 in lm_head). They are kept in networks.',
  ]);
  const all = marked([site('a', 1), site('b', 2), site('c', 3), site('d', 4), site('e', 1)], {
    copies: 'all',
    unreachable: 'drop',
  });
  expect(all).toHaveLength(1);
  expect(all[0]).toContain('(4 in d, 3 in c, 2 in b and others in 2 more sites). Each of them counts');
  expect(marked([site('lm_head', 1, 1)], { copies: 'once', unreachable: 'drop' })[1]).toBe(
    '1 unit of the head stands for no token that any text has (1 in lm_head). They are left out of networks.',
  );
});

test('where there are none nothing is said', () => {
  expect(marked([site('a', 0)])).toEqual([]);
  expect(unitMarks({ plan: { networks: {} } } as unknown as StudyResults)).toEqual([]);
});
