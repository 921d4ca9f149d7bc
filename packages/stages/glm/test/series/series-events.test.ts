import { runOfDesign, runsOfEvents } from '@galvani/glm';
import { parseUserTable } from '@galvani/study';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const header = 'onset,duration,trial_type';
const read = (text: string, rows = 20, modulators: string[] = []) =>
  runsOfEvents(parseUserTable(text, 'events.csv'), rows, modulators, '1');

test('events are read with their modulators', () => {
  const [run] = read(`${header},load,note\n0,10,rest,1,x\n10,10,task,2.5,y\n`, 20, ['load']);
  expect(run).toEqual({
    name: '1',
    rows: 20,
    events: [
      { onset: 0, duration: 10, trialType: 'rest', values: { load: 1 } },
      { onset: 10, duration: 10, trialType: 'task', values: { load: 2.5 } },
    ],
  });
});

test('a column run cuts the series where each begins', () => {
  const runs = read(`${header},run,prompt\n1,4,task,a,p\n10,5,task,b,q\n15,5,rest,b,r\n`);
  expect(runs.map(({ name, rows }) => [name, rows])).toEqual([
    ['a', 10],
    ['b', 10],
  ]);
  expect(runs[1].events.map(({ onset, prompt }) => [onset, prompt])).toEqual([
    [0, 'q'],
    [5, 'r'],
  ]);
});

test.each([
  ['onset,trial_type\n0,a', /events\.csv lacks the column duration; events need onset, duration, trial_type\. It has/],
  [`${header}\n`, /has no events/],
  [`${header}\n0,x,a`, /events\.csv:2: duration is 'x'; it must be a finite number/],
  [`${header}\n0,2,a\n0,,a`, /events\.csv:3: duration is empty/],
  [`${header}\n0,0,a`, /events\.csv:2: duration is 0; it must be above 0/],
  [`${header}\n15,6,a`, /events\.csv:2: the event lasts from row 15 to 21, and the series has 20 rows/],
  [`${header}\n-1,6,a`, /lasts from row -1/],
  [`${header}\n0,6,`, /events\.csv:2: trial_type is empty/],
  [`${header},prompt\n0,6,a,`, /events\.csv:2: prompt is empty/],
  [`${header},load\n0,6,a,NaN`, /load is 'NaN'/],
  ...['n/a', 'NaN', 'nan', 'NA', '<NA>', 'None', 'null'].map((missing): [string, RegExp] => [
    `${header}\n0,6,a\n6,6,${missing}`,
    /events\.csv:3: trial_type is '.*', which tables write for a missing value; every event needs one/,
  ]),
  [`${header},prompt\n0,6,a,n/a`, /events\.csv:2: prompt is 'n\/a'/],
  [`${header},run\n0,6,a,NaN`, /events\.csv:2: run is 'NaN'/],
  [`${header},Run\n0,6,a,1`, /the column 'Run' is not 'run', which would be read/],
  [`${header}\n0x1,6,a`, /events\.csv:2: onset is '0x1'/],
  [`${header},run\n0,12,a,x\n10,2,a,y`, /events\.csv:2: the event ends at row 12, its run at 10/],
  ['', /events\.csv is empty/],
  ['onset,onset\n1,2', /events\.csv:1: the column 'onset' is there twice/],
  [`${header}\n1,2`, /events\.csv:2: this is not CSV: there are 2 fields/],
])('%j is refused with its line', (text, message) => {
  expect(() => read(text, 20, ['load'])).toThrow(message);
});

test('whatever the text, the answer is runs that fill the series or a sentence', () => {
  const cell = fc.constantFrom('0', '5', '10', '-1', '2.5', 'a', '', '"', 'NaN', '1e400');
  const line = fc.array(cell, { maxLength: 6 }).map((cells) => cells.join(','));
  const text = fc.tuple(
    fc.constantFrom(header, `${header},run`, `${header},prompt,run`, 'x'),
    fc.array(line, { maxLength: 5 }),
  );
  fc.assert(
    fc.property(text, ([first, lines]) => {
      try {
        const runs = read([first, ...lines].join('\n'));
        expect(runs.reduce((sum, { rows }) => sum + rows, 0)).toBe(20);
      } catch (error) {
        expect((error as Error).name).toBe('UserMistake');
        expect((error as Error).message).toContain('events.csv');
      }
    }),
    { numRuns: 500 },
  );
});

test('galvani’s own design and tokens are events too', () => {
  const design = parseUserTable('prompt,condition,task\n0,rest,bees\n1,task,bees\n', 'design.csv');
  const tokens = parseUserTable('prompt,position,entropy\n0,0,1\n0,1,2\n1,0,3\n', 'tokens.csv');
  const run = runOfDesign(design, tokens, 3, '1');
  expect(run.events).toEqual([
    { onset: 0, duration: 2, trialType: 'rest', prompt: '0' },
    { onset: 2, duration: 1, trialType: 'bees', prompt: '1' },
  ]);
  expect(Array.from(run.values!.entropy)).toEqual([1, 2, 3]);
  expect(() => runOfDesign(design, tokens, 4, '1')).toThrow(/tokens\.csv has 3 tokens, and the series 4 rows/);
});
