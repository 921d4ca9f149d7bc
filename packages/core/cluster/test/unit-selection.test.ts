import { UserMistake } from '@galvani/terminal';
import { expect, test } from 'vitest';
import { selectTasks } from '../src/index.js';
import { defaultTasks } from './default-study.js';

const list = await defaultTasks();
const chosen = (stage: string, units?: string) => selectTasks(list, stage, units).map(({ unit }) => unit);

test('units are chosen by position, in ranges and by name, each once and in order', () => {
  const all = chosen('extract');
  expect(all).toHaveLength(24);
  expect(chosen('extract', '6-8')).toEqual(all.slice(5, 8));
  expect(chosen('extract', '24')).toEqual(all.slice(23));
  expect(chosen('extract', `3, ${all[0]},2-3`)).toEqual(all.slice(0, 3));
  expect(chosen('networks')).toEqual(['all']);
  expect(chosen('networks', '1')).toEqual(['all']);
  expect(chosen('decode', '3-4,all')).toEqual(['folds-3-of-4', 'folds-4-of-4', 'all']);
  expect(chosen('decode', '5')).toEqual(['all']);
});

test.each([
  ['extract', '0', /--units 0 is not among the 24 units of extract: positions go from 1 to 24, as in 1-24\./],
  ['extract', '20-25', /--units 20-25 is not among/],
  ['extract', '8-6', /--units 8-6 is not among/],
  [
    'extract',
    'ses-01_task-patology',
    /there is no unit 'ses-01_task-patology' of extract\. Did you mean 'ses-01_task-pathology'/,
  ],
  [
    'extrakt',
    undefined,
    /there is no stage 'extrakt' among the tasks\. Did you mean 'extract'\? It has: design, extract/,
  ],
  ['power', undefined, /there is no stage 'power'/],
])('%s %s is a mistake', (stage, units, sentence) => {
  expect(() => chosen(stage, units)).toThrow(UserMistake);
  expect(() => chosen(stage, units)).toThrow(sentence);
});
