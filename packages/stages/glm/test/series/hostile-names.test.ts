import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readManifest, readMap } from '@galvani/artifact';
import { fitSeries, fitSeriesFiles, type SeriesConfigInput, type SeriesEvent } from '@galvani/glm';
import { randomStream } from '@galvani/numerics';
import type { TContrastResult } from '@galvani/statistics';
import { asyncBufferFromFile, parquetMetadataAsync, parquetRead } from 'hyparquet';
import { afterAll, beforeAll, expect, test } from 'vitest';

/** Names that objects inherit, numbers out of order, and what is not a word. */
const hostile = [
  'constructor',
  '__proto__',
  'toString',
  'hasOwnProperty',
  'valueOf',
  'length',
  '10',
  '1',
  'a.t\'"[0] x',
];
const plain = hostile.map((_, i) => `c${String.fromCharCode(97 + i)}`);
const rows = 8 * hostile.length;
const stream = randomStream(1, 'names');
const series = Float64Array.from({ length: rows * 2 }, () => stream.normal());
const load = Array.from({ length: rows }, () => stream.normal());

const eventsOf = (names: readonly string[], modulator?: string): SeriesEvent[] =>
  [0, 1].flatMap((round) =>
    names.map((trialType, i) => ({
      onset: (round * names.length + i) * 4,
      duration: 2,
      trialType,
      values: { [modulator ?? 'load']: (i * 7 + round * 3) % 5 },
    })),
  );
const fit = (names: readonly string[], config: SeriesConfigInput, confound?: string, modulator?: string) =>
  fitSeries({
    series,
    rows,
    units: 2,
    events: eventsOf(names, modulator),
    config: { noise: 'ols', ...config },
    ...(confound && { confounds: new Map([[confound, load]]) }),
  });
const values = ({ contrasts }: Awaited<ReturnType<typeof fit>>) =>
  [...contrasts.values()].map((each) => Array.from((each as TContrastResult).t));

test.each([
  {},
  { regressor: { kind: 'fir', length: 2 } },
  { regressor: { kind: 'glover', derivative: true } },
] as SeriesConfigInput[])('conditions may have any name, and keep their order: %j', async (config) => {
  const [odd, even] = [await fit(hostile, config), await fit(plain, config)];
  expect([...odd.contrasts.keys()]).toEqual(hostile);
  expect(odd.design.X).toEqual(even.design.X);
  expect(values(odd)).toEqual(values(even));
});

test.each(hostile)('a confound or a modulator may be called %s', async (name) => {
  const contrasts = { x: `"${name}"` };
  if (name.includes('"')) return;
  expect(values(await fit(plain, { contrasts }, name))).toEqual(
    values(await fit(plain, { contrasts: { x: 'other' } }, 'other')),
  );
  const asked = (value: string) => ({ modulators: [{ value, of: 'all', centre: 'all' }] }) as SeriesConfigInput;
  expect(values(await fit(plain, { ...asked(name), contrasts }, undefined, name))).toEqual(
    values(await fit(plain, { ...asked('load'), contrasts: { x: 'load' } })),
  );
  // What nobody gave is not found on the prototype of all objects.
  await expect(fit(plain, asked(name))).rejects.toThrow(`There is no modulator ${name}`);
  await expect(fit(plain, { ...asked(name), regressor: { kind: 'glover' } })).rejects.toThrow(
    `There is no modulator ${name}`,
  );
});

test('a contrast may be called anything', async () => {
  const contrasts = Object.fromEntries(hostile.slice(0, 8).map((name, i) => [name, plain[i]]));
  const named = await fit(plain, { contrasts });
  expect([...named.contrasts.keys()].sort()).toEqual(hostile.slice(0, 8).sort());
  expect((named.contrasts.get('__proto__') as TContrastResult).t).toEqual(
    ((await fit(plain, { contrasts: { x: plain[1] } })).contrasts.get('x') as TContrastResult).t,
  );
});

let folder: string;
const at = (...names: string[]) => join(folder, ...names);
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'galvani-names-'));
  const header = Buffer.from(`${`{'descr': '<f8', 'fortran_order': False, 'shape': (${rows}, 2), }`.padEnd(117)}\n`);
  const magic = Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length, 0]);
  await writeFile(at('series.npy'), Buffer.concat([magic, header, Buffer.from(series.buffer)]));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const quoted = (cell: unknown) => `"${String(cell).replaceAll('"', '""')}"`;
async function onDisk(names: readonly string[], config: string, confounds?: string, events = eventsOf(names)) {
  const lines = events.map(({ onset, duration, trialType }) => [onset, duration, quoted(trialType)].join());
  await writeFile(at('events.csv'), `onset,duration,trial_type\n${lines.join('\n')}\n`);
  if (confounds) await writeFile(at('confounds.csv'), `${quoted(confounds)}\n${load.join('\n')}\n`);
  await writeFile(at('glm.yaml'), `noise: ols\n${confounds ? 'confounds: confounds.csv\n' : ''}${config}`);
  await fitSeriesFiles({
    series: [at('series.npy')],
    events: [at('events.csv')],
    config: at('glm.yaml'),
    out: at('out'),
  });
}

test('files hold every name in its order', async () => {
  await onDisk(hostile, '');
  const map = await readMap(at('out/map.arrow'));
  expect([...map.contrasts.keys()]).toEqual(hostile);
  const right = values(await fit(plain, {}));
  expect([...map.contrasts.values()].map(({ t }) => Array.from(t))).toEqual(right);
  const file = await asyncBufferFromFile(at('out/design.parquet'));
  const { schema } = await parquetMetadataAsync(file);
  expect(schema.slice(1).map(({ name }) => name)).toEqual(['run', 'prompt', ...hostile, 'run 1']);
  const { design } = await fit(hostile, {});
  await parquetRead({
    file,
    rowFormat: 'array',
    onComplete: (table) => {
      expect(table.map((row) => row.slice(2))).toEqual(
        Array.from({ length: rows }, (_, i) =>
          Array.from(design.X.subarray(i * design.columns, (i + 1) * design.columns)),
        ),
      );
    },
  });
});

test('contrasts in YAML may be called what objects inherit, and stay in the order of the file', async () => {
  await onDisk(plain, 'contrasts:\n  __proto__: ca\n  "10": cb\n  constructor: cc - cd\n  1: ce\n');
  const { contrasts } = await readMap(at('out/map.arrow'));
  expect([...contrasts.keys()]).toEqual(['__proto__', '10', 'constructor', '1']);
  const { contrasts: right } = await fit(plain, { contrasts: { x: 'ca', y: 'cc - cd' } });
  expect(contrasts.get('__proto__')!.t).toEqual((right.get('x') as TContrastResult).t);
  expect(contrasts.get('constructor')!.t).toEqual((right.get('y') as TContrastResult).t);
  expect((await readManifest(at('out')))!.parameters.contrasts).toEqual([
    ['__proto__', 'ca'],
    ['10', 'cb'],
    ['constructor', 'cc - cd'],
    ['1', 'ce'],
  ]);
});

test.each([
  [
    'ca',
    '',
    /'ca' as a condition \(a trial_type in .*events\.csv\) and as a confound \(a column of .*confounds\.csv\)/,
  ],
  ['run 1', '', /as a confound \(a column of .*confounds\.csv\) and as a drift or the intercept of a run/],
  ['run 1 drift_2', 'drift: { kind: polynomial, order: 2 }\n', /as a confound .* and as a drift/],
  ['ca[1]', 'regressor: { kind: fir, length: 2 }\n', /'ca\[1\]' as a regressor of a condition .* and as a confound/],
  [
    'ca_derivative',
    'regressor: { kind: glover, derivative: true }\n',
    /as a regressor of a condition .* and as a conf/,
  ],
  ['rest', '', /'rest' as what contrasts call the baseline and as a confound/],
  [
    'run',
    '',
    /'run' is a column of .*confounds\.csv, and design\.parquet has a column 'run' that says which row it is/,
  ],
  ['prompt', '', /'prompt' is a column of .*confounds\.csv, and/],
])('a confound called %s is refused where that is another column: %j', async (name, config, message) => {
  await expect(onDisk(plain, config, name)).rejects.toThrow(message);
  await expect(onDisk(plain, config, name)).rejects.toMatchObject({ name: 'UserMistake' });
});

test('a condition called run, or like another one’s derivative, is refused before anything is written', async () => {
  await rm(at('out'), { recursive: true, force: true });
  await expect(onDisk(['run', ...plain], '', undefined, eventsOf(['run', ...plain].slice(0, 9)))).rejects.toThrow(
    /'run' is a trial_type in .*events\.csv, and design\.parquet/,
  );
  await expect(
    onDisk([], 'regressor: { kind: spm, derivative: true }\n', undefined, eventsOf(['a', 'a_derivative'])),
  ).rejects.toThrow(/'a_derivative' as a condition .* and as a regressor of a condition/);
  expect(await readdir(folder)).not.toContain('out');
});

test('a contrast that names nothing is told with file and line', async () => {
  await expect(onDisk(plain, 'contrasts:\n  x: ca\n  y: ca - cbb\n')).rejects.toThrow(
    /glm\.yaml:4: contrasts\.y: Contrast 'ca - cbb': unknown name 'cbb' at character 6\. Did you mean 'cb'\?/,
  );
  expect(await readFile(at('glm.yaml'), 'utf8')).toContain('cbb');
});
