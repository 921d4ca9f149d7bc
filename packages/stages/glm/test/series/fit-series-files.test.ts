import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  createActivationFile,
  diagnosticsTable,
  readAnyTable,
  readManifest,
  readMap,
  writeTable,
} from '@galvani/artifact';
import { fitSeries, fitSeriesFiles, openSeries, type SeriesEvent, seriesConfigSchema } from '@galvani/glm';
import { randomStream } from '@galvani/numerics';
import { fixedEffects, type TContrastResult } from '@galvani/statistics';
import { checkYaml, numberCell, readUserTable, textCell } from '@galvani/study';
import {
  Field,
  Float64,
  Int64,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  Schema,
  Struct,
  Table,
  tableToIPC,
  vectorFromArray,
} from 'apache-arrow';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

const rows = 48;
const units = 6;
const events: SeriesEvent[] = Array.from({ length: 12 }, (_, p) => ({
  onset: p * 4,
  duration: 4,
  trialType: p % 4 > 1 ? 'task' : 'rest',
  prompt: String(p),
}));
const stream = randomStream(5, 'series');
const series = Float32Array.from({ length: 2 * rows * units }, () => 10 + stream.normal());
let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'galvani-series-'));
  const lines = events.map((e) => [e.onset, e.duration, e.trialType, e.prompt].join('\t'));
  await writeFile(at('events.tsv'), `onset\tduration\ttrial_type\tprompt\n${lines.join('\n')}\n`);
  await writeFile(at('config.yaml'), 'noise: prompt\nrelabellings: 100\ncontrasts: { effect: task - rest }\n');
  for (const [name, part] of [
    ['one', series.subarray(0, rows * units)],
    ['two', series.subarray(rows * units)],
  ] as const)
    await writeFile(at(`${name}.npy`), npy(part));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A .npy file as numpy.save writes it. */
function npy(values: Float32Array): Uint8Array {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${values.length / units}, ${units}), }`;
  const header = text.padEnd(128 - 10 - 1).concat('\n');
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return Buffer.concat([Buffer.from([0x93]), Buffer.from('NUMPY\x01\x00v\x00', 'latin1'), Buffer.from(header), bytes]);
}

const ask = (names: string[], out: string, config = 'config.yaml') =>
  fitSeriesFiles({
    series: names.map(at),
    events: names.map(() => at('events.tsv')),
    config: at(config),
    out: at(out),
  });

test('the command and the library agree, and a second time gives the same bytes', async () => {
  await ask(['one.npy'], 'out');
  const map = await readMap(at('out/map.arrow'));
  const part = series.subarray(0, rows * units);
  const config = { noise: 'prompt', relabellings: 100, contrasts: { effect: 'task - rest' } } as const;
  const { contrasts } = await fitSeries({ series: part, rows, units, events, config });
  const wanted = contrasts.get('effect') as TContrastResult & { log10pFamilywise: Float64Array };
  expect(map.contrasts.get('effect')!.t).toEqual(wanted.t);
  expect(map.contrasts.get('effect')!.log10_p_familywise).toEqual(wanted.log10pFamilywise);
  const manifest = await readManifest(at('out'));
  expect(Object.keys(manifest!.outputs).sort()).toEqual([
    'design-report.json',
    'design.parquet',
    'diagnostics.parquet',
    'drift.parquet',
    'map.arrow',
  ]);
  const { rows: lines } = await readAnyTable(at('out/design.parquet'));
  expect(lines[8]).toEqual({ run: '1', prompt: 2, task: 1, 'run 1': 1 });
  expect(JSON.parse(await readFile(at('out/design-report.json'), 'utf8'))).toMatchObject({ rank: 2, rows: 12 });
  expect(await diagnosticsTable.read(at('out/diagnostics.parquet'))).toMatchObject([
    { site: 'series', units, sampled: units },
  ]);
  await ask(['one.npy'], 'out');
  expect(await readManifest(at('out'))).toEqual(manifest);
});

test('npy, Parquet and both kinds of Arrow hold the same series', async () => {
  const part = series.slice(0, rows * units);
  const names = Array.from({ length: units }, (_, u) => `u${u}`);
  const column = (u: number) => Float64Array.from({ length: rows }, (_, r) => part[r * units + u]);
  await writeTable(
    at('one.parquet'),
    Object.fromEntries(names.map((name) => [name, 'float64' as const])),
    Array.from({ length: rows }, (_, r) => Object.fromEntries(names.map((name, u) => [name, part[r * units + u]]))),
  );
  const fields = names.map((name) => new Field(name, new Float64(), false));
  const children = names.map((_, u) => makeData({ type: new Float64(), data: column(u), nullCount: 0 }));
  const schema = new Schema(fields);
  const batch = new RecordBatch(
    schema,
    makeData({ type: new Struct(fields), length: rows, nullCount: 0, children: children as never }),
  );
  await writeFile(at('plain.arrow'), RecordBatchFileWriter.writeAll([batch]).toUint8Array(true));
  const sites = [
    { site: 'a', kind: 'linear', width: 2 },
    { site: 'b', kind: 'block', width: 4 },
  ];
  const cut = (from: number, until: number) =>
    Float32Array.from(
      Array.from({ length: rows }, (_, r) => [...part.subarray(r * units + from, r * units + until)]).flat(),
    );
  const scalars = [{ name: 'position', type: 'int32' }] as const;
  const writer = await createActivationFile(at('lists.arrow'), sites, 'float32', { scalars });
  await writer.append(rows, [cut(0, 2), cut(2, 6)], [new Int32Array(rows)]);
  await writer.finish();
  await ask(['one.npy'], 'formats');
  const wanted = await readMap(at('formats/map.arrow'));
  for (const name of ['one.parquet', 'plain.arrow', 'lists.arrow']) {
    await ask([name], `from-${name}`);
    const map = await readMap(at(`from-${name}/map.arrow`));
    expect(map.contrasts, name).toEqual(wanted.contrasts);
  }
  expect((await readMap(at('from-lists.arrow/map.arrow'))).sites).toEqual(sites);
});

test('several runs have one model together, one each, and fixed effects', async () => {
  await ask(['one.npy', 'two.npy'], 'runs');
  expect((await readdir(at('runs/runs'))).sort()).toEqual(['1.arrow', '2.arrow']);
  const parts = [0, 1].map((r) => series.slice(r * rows * units, (r + 1) * rows * units));
  const config = { contrasts: { effect: 'task - rest' } };
  const own = await Promise.all(parts.map((part) => fitSeries({ series: part, rows, units, events, config })));
  const each = own.map(({ contrasts }) => contrasts.get('effect') as TContrastResult);
  expect((await readMap(at('runs/runs/2.arrow'))).contrasts.get('effect')!.t).toEqual(each[1].t);
  const fixed = await readMap(at('runs/fixed-effects.arrow'));
  expect(fixed.contrasts.get('effect')!.t).toEqual(fixedEffects(each).t);
  const manifest = await readManifest(at('runs'));
  expect(manifest?.facts.runs).toEqual([
    { name: '1', rows },
    { name: '2', rows },
  ]);
});

test('only what an earlier run wrote is removed from the folder', async () => {
  await writeFile(at('out/mine.txt'), 'keep');
  await ask(['one.npy', 'two.npy'], 'out');
  await ask(['one.npy'], 'out');
  expect(await readdir(at('out'))).toContain('mine.txt');
  expect(await readdir(at('out'))).not.toContain('fixed-effects.arrow');
});

test.each([
  ['noise: ols\nnosie: ar1', /config\.yaml:2: there is no field 'nosie'\. Did you mean 'noise'\?/],
  ['noise: white', /config\.yaml:1: noise is "white"/],
  ['regressor: { kind: glover, tr: 0 }', /config\.yaml:1: regressor\.tr is 0: must be above 0\.$/],
  ['contrasts:\n  x: 3', /config\.yaml:2: contrasts\.x is 3/],
  ['confounds: []', /config\.yaml:1: confounds is \[\]: must have at least 1 entry\.$/],
  ['hello', /config\.yaml:1: the config is "hello": must be a mapping \(field: value\) with the fields noise, /],
  ['alpha: [', /config\.yaml:\d+:\d+: this is not YAML/],
])('%j is answered with its line', (text, message) => {
  expect(() => checkYaml(text, 'config.yaml', seriesConfigSchema, 'the config')).toThrow(message);
});

test('whatever the config, the answer is a config or a sentence', () => {
  const part = fc.constantFrom(
    'noise: ',
    'ols',
    '\n',
    'regressor: ',
    '{ kind: ',
    'fir',
    ', length: 3',
    ' }',
    'drift: ',
    '- ',
  );
  const text = fc.oneof(
    fc.string(),
    fc.array(part, { maxLength: 8 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(text, (given) => {
      try {
        checkYaml(given, 'config.yaml', seriesConfigSchema, 'the config');
      } catch (error) {
        expect((error as Error).name).toBe('UserMistake');
        expect((error as Error).message).toContain('config.yaml:');
      }
    }),
  );
});

test('files that do not fit together are told', async () => {
  await expect(
    fitSeriesFiles({ series: [at('one.npy')], events: [], config: at('config.yaml'), out: at('no') }),
  ).rejects.toThrow(/1 --series and 0 --events/);
  await writeFile(at('short.csv'), 'motion\n1\n2\n');
  await writeFile(at('confounds.yaml'), 'confounds: short.csv\n');
  await expect(ask(['one.npy'], 'no', 'confounds.yaml')).rejects.toThrow(/2 lines of confounds for 48 rows/);
  await writeFile(at('text.parquet'), 'no');
  await expect(ask(['text.parquet'], 'no')).rejects.toThrow(/not a readable Parquet file/);
  await writeTable(at('words.parquet'), { u: 'text' }, [{ u: 'a' }]);
  await expect(ask(['words.parquet'], 'no')).rejects.toThrow(
    /column 'u' holds text; every column of a series is a unit/,
  );
  await writeFile(at('text.arrow'), 'no');
  await expect(ask(['text.arrow'], 'no')).rejects.toThrow(/text\.arrow is not a readable Arrow file/);
  await expect(readdir(at('no'))).rejects.toThrow();
});

test('the index of a pandas frame is no unit; what is missing is NaN and flagged; integers that float64 rounds are refused', async () => {
  const tables = (name: string) =>
    fileURLToPath(new URL(`../../../../core/artifact/test/fixtures/tables/${name}`, import.meta.url));
  for (const name of ['index-plain.parquet', 'index-levels.arrow', 'index-copied.parquet']) {
    const file = await openSeries(tables(name));
    expect(file.columns.map(({ site }) => site)).toEqual(['u0', 'u1']);
    for await (const { values } of file.batches())
      expect(values.map((own) => [...own])).toEqual([
        [1, 2, 3],
        [4, 5, 6],
      ]);
    await file.close();
  }
  for (const [name, message] of [
    ['other.parquet', /column 'list' holds list; every column of a series is a unit/],
    ['other.arrow', /column 'list' holds List/],
    ['duration.parquet', /column 'u' holds duration/],
    ['empty.parquet', /has no rows/],
    ['no-groups.parquet', /has no rows/],
    ['twice.parquet', /the column 'u' is there twice/],
    ['version1.feather', /Feather of version 1/],
  ] as const)
    await expect(openSeries(tables(name)), name).rejects.toThrow(message);
  for (const [name, message] of [
    ['inexact.parquet', /row 2: column 'u' holds 9007199254740993, which float64 rounds/],
    ['inexact-unsigned.parquet', /row 2: column 'u' holds 18446744073709551615/],
  ] as const) {
    const file = await openSeries(tables(name));
    await expect(file.batches()[Symbol.asyncIterator]().next()).rejects.toThrow(message);
    await file.close();
  }
});

test.each([
  [
    's.csv',
    'u0,u1\n1,2\n',
    /s\.csv: a series is read from \.npy, Parquet or Arrow IPC .* a table of text: write it as Parquet/,
  ],
  ['z.npz', 'PK\x03\x04', /z\.npz: a series is read from .* an archive, as numpy\.savez writes them/],
  ['s.mat', 'MATLAB 5.0', /s\.mat: a series is read from .* none of these/],
])('a series in another format: %s', async (name, bytes, message) => {
  await writeFile(at(name), bytes);
  await expect(openSeries(at(name))).rejects.toThrow(message);
});

test('a modulator that the events lack is told with the line of the config', async () => {
  await writeFile(
    at('loads.csv'),
    `onset,duration,trial_type,load,note\n${events.map((e, i) => [e.onset, e.duration, e.trialType, i, 'x']).join('\n')}\n`,
  );
  await writeFile(at('modulated.yaml'), 'noise: ols\nmodulators:\n  - load\n  - { value: laod, of: tasks }\n');
  await expect(
    fitSeriesFiles({ series: [at('one.npy')], events: [at('loads.csv')], config: at('modulated.yaml'), out: at('no') }),
  ).rejects.toThrow(
    /modulated\.yaml:4: modulators\.1: .*loads\.csv has no column 'laod' for a modulator\. Did you mean 'load'\? It has: load, note\./,
  );
});

test('rest that no event has is told with the line of the config, though rows without an event are baseline', async () => {
  const gaps = events.map((e) => [e.onset, 3, e.trialType].join(','));
  await writeFile(at('gaps.csv'), `onset,duration,trial_type\n${gaps.join('\n')}\n`);
  const fit = async (config: string) => {
    await writeFile(at('rest.yaml'), config);
    await fitSeriesFiles({
      series: [at('one.npy')],
      events: [at('gaps.csv')],
      config: at('rest.yaml'),
      out: at('gaps'),
    });
    return [...(await readMap(at('gaps/map.arrow'))).contrasts.keys()];
  };
  expect(await fit('noise: ols\nrest: [rest]\n')).toEqual(['task']);
  expect(await fit('noise: ols\nrest: []\n')).toEqual(['rest', 'task']);
  // The default may be missing: here all of it is in the gaps.
  const tasks = gaps.map((line) => line.replace('rest', 'other'));
  await writeFile(at('gaps.csv'), `onset,duration,trial_type\n${tasks.join('\n')}\n`);
  expect(await fit('noise: ols\n')).toEqual(['other', 'task']);
  for (const [rest, wrong] of [
    [
      'othr',
      /rest\.yaml:3: rest\.1: no event has the trial_type 'othr', which is to be baseline\. Did you mean 'other'\?/,
    ],
    ['Other', /no event has the trial_type 'Other'.* Did you mean 'other'\? There are: other, task\./],
  ] as const)
    await expect(fit(`noise: ols\n# rest\nrest: [other, ${rest}]\n`)).rejects.toThrow(wrong);
  await writeFile(at('gaps.csv'), `onset,duration,trial_type\n${gaps.join('\n').replaceAll('rest', 'Rest')}\n`);
  await expect(fit('noise: ols\n')).rejects.toThrow(/no event has the trial_type 'rest'.* Did you mean 'Rest'\?/);
});

test('an integer beyond 2^53 that float64 holds is a number like others; the first row of one that it does not is named', async () => {
  const file = async (name: string, last: bigint) => {
    const column = () => vectorFromArray([2n ** 53n + 2n, -(2n ** 63n), last], new Int64());
    await writeFile(at(name), tableToIPC(new Table({ u: column(), onset: column() }), 'stream'));
  };
  await file('held.arrows', 2n ** 60n);
  const held = await openSeries(at('held.arrows'));
  for await (const { values } of held.batches()) expect([...values[1]]).toEqual([2 ** 53 + 2, -(2 ** 63), 2 ** 60]);
  await held.close();
  const { rows: lines } = await readUserTable(at('held.arrows'));
  expect(lines.map((line) => numberCell(line, 'onset'))).toEqual([2 ** 53 + 2, -(2 ** 63), 2 ** 60]);
  expect(textCell(lines[2], 'onset')).toBe('1152921504606846976');
  await file('rounded.arrows', 2n ** 60n + 1n);
  const rounded = await openSeries(at('rounded.arrows'));
  await expect(rounded.batches()[Symbol.asyncIterator]().next()).rejects.toThrow(
    /row 3: column 'u' holds 1152921504606846977, which float64 rounds/,
  );
  await rounded.close();
  const others = await readUserTable(at('rounded.arrows'));
  expect(() => numberCell(others.rows[2], 'onset')).toThrow(
    /row 3: onset is 1152921504606846977, which float64 rounds/,
  );
});
