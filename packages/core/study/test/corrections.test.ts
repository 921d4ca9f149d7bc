import { expect, test } from 'vitest';
import { correctionColumn, correctionNames, correctionOf } from '../src/index.js';

test('a correction says for which family it promises', () => {
  for (const name of correctionNames) {
    const [task, study] = (['task', 'study'] as const).map((family) => correctionOf(name).promise('5%', family));
    expect(task.includes('5%') && study.includes('5%')).toBe(true);
    if (name === 'none') continue;
    expect(task).toContain('5% for each task');
    expect(study).toContain('5% over all tasks together');
    expect(correctionColumn(name, 'study')).toBe(`${correctionColumn(name, 'task')}_study`);
  }
  expect(correctionOf('familywise').promise('5%', 'study')).toContain(
    'the most extreme statistic of all units of all tasks each',
  );
});
