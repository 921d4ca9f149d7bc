import { expect, test } from 'vitest';
import { checkReachable } from '../src/reachable-check.js';
import { parseStudy } from '../src/study-file.js';

const check = (...lines: string[]) =>
  checkReachable(parseStudy(['tasks: [a, b]', ...lines].join('\n'), 'pipelines/small/study.yaml'));

test('a second level takes sessions enough for its sign flips', () => {
  const level =
    (sessions: number, ...more: string[]) =>
    () =>
      check(`design: { sessions: ${sessions} }`, 'glm:', '  secondLevel: true', ...more);
  for (const sessions of [2, 4, 5])
    expect(level(sessions)).toThrow(
      new RegExp(
        `study\\.yaml:4: glm\\.secondLevel: ${sessions} sessions have ${2 ** sessions} sign flips.*no family-wise p is below ${2 ** (1 - sessions)}.*networks\\.alpha 0\\.05: that takes 6 sessions\\. Set design\\.sessions to 6 or more, or networks\\.alpha to ${2 ** (1 - sessions)} or more`,
      ),
    );
  expect(level(6)).not.toThrow();
  expect(level(5, 'networks: { alpha: 0.0625 }')).not.toThrow();
  expect(level(2, 'networks: { correction: fdr }')).not.toThrow();
  expect(level(7, 'networks: { alpha: 0.01 }')).toThrow(/that takes 8 sessions/);
});

test('sign flips drawn at random are enough for alpha', () => {
  const level = (relabellings: number) => () =>
    check(
      'design: { sessions: 12 }',
      'networks: { alpha: 0.001 }',
      'glm:',
      '  secondLevel: true',
      `  relabellings: ${relabellings}`,
    );
  expect(level(1000)).toThrow(
    /study\.yaml:6: glm\.relabellings: 1,000 sign flips of sessions, drawn at random, give no family-wise p below 0\.00149.*Set glm\.relabellings to 1,953 or more, raise/,
  );
  expect(level(1953)).not.toThrow();
  expect(level(4096)).not.toThrow();
});

test('relabellings are enough for alpha', () => {
  expect(() => check('networks: { alpha: 0.002 }', 'glm: { relabellings: 300 }')).toThrow(
    /study\.yaml:3: glm\.relabellings: 300 relabellings of prompts, drawn at random, give no family-wise p below 0\.00332.*Set glm\.relabellings to 499 or more/,
  );
  expect(() => check('networks: { alpha: 0.002 }', 'glm: { relabellings: 499 }')).not.toThrow();
  expect(() => check('networks: { alpha: 0.0001, correction: bonferroni }')).not.toThrow();
});

test('what no number of relabellings reaches is told without one', () => {
  expect(() => check('networks: { alpha: 1.0e-9 }')).toThrow(
    /so nothing can pass networks\.alpha 1e-9\. Raise networks\.alpha, or/,
  );
  expect(() => check('networks: { alpha: 1.0e-30 }', 'design: { sessions: 1, promptsPerBlock: 2 }')).toThrow(
    /Set design\.promptsPerBlock to 5 or more/,
  );
  const level = ['design: { sessions: 8 }', 'networks: { alpha: 0.0078125 }'];
  expect(() => check(...level, 'glm: { secondLevel: true, relabellings: 200 }')).toThrow(
    /Set glm\.relabellings to 256 or more/,
  );
  expect(() => check(...level, 'glm: { secondLevel: true, relabellings: 256 }')).not.toThrow();
});

test('prompts are enough for alpha', () => {
  expect(() => check('design: { sessions: 1, promptsPerBlock: 2 }')).toThrow(
    /study\.yaml:2: design\.promptsPerBlock: the labels of 1 run of 6 prompts, 2 of them on, can be exchanged in 15 ways, so no family-wise p is below 0\.0667.*Set design\.promptsPerBlock to 3 or more/,
  );
  expect(() => check('design: { sessions: 2, promptsPerBlock: 1 }')).toThrow(/2 runs of 3 prompts.* 9 ways/);
  expect(() => check('design: { sessions: 3, promptsPerBlock: 1 }')).not.toThrow();
  // A confound tells prompts apart, so every order of them is a relabelling.
  expect(() => check('design: { sessions: 1, promptsPerBlock: 2 }', 'glm: { confounds: x.csv }')).not.toThrow();
});
