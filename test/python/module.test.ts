/** What python/galvani.py reads of a study, beside what @galvani/results reads in the same files: equal to the last bit. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stage as design } from '@galvani/design';
import { stage as extract, twinStage as twin } from '@galvani/extract';
import { stage as geometry } from '@galvani/geometry';
import { stage as glm } from '@galvani/glm';
import { stage as networks } from '@galvani/networks';
import { stage as plan } from '@galvani/plan';
import { membership, openResults, type Recording, type WholeMap } from '@galvani/results';
import { derivativesOf, readParameters, studyFolder } from '@galvani/study';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { expectWithinRelative } from '../closeness.js';
import { home } from '../packages.js';
import { type StageWorkspace, stageWorkspace } from '../stage-workspace.js';
import { hasPython, inPython, pythonHas, runPython } from './python.js';

/** An array as dump_study.py prints it. */
interface Packed {
  type: 'float32' | 'float64' | 'int32' | 'uint8';
  shape: number[];
  bytes: string;
}
interface DumpedRecording {
  prompts: boolean;
  warnings: string[];
  tokens: Record<string, unknown[] | Packed>;
  stored: number;
  activations: Record<string, Packed>;
  last: Record<string, Packed>;
  means: Record<string, Packed>;
}
interface DumpedMap {
  sites: [name: string, kind: string, layer: string, units: number, start: number][];
  flags: Packed;
  copyOf: Packed;
  unreachable: Packed;
  statistics: Record<string, Packed>;
  types: string[];
  of: boolean;
}
interface DumpedNetwork {
  members: [site: string, unit: number][];
  sign: number[];
  masks: Record<string, number[]>;
  widths: Record<string, number>;
}
interface Dump {
  runs: [name: string, session: number, task: string][];
  tasks: string[];
  sites: DumpedMap['sites'];
  events: Record<string, Record<string, unknown[] | Packed>>;
  recordings: Record<string, DumpedRecording>;
  twins: Record<string, DumpedRecording>;
  maps: Record<string, DumpedMap>;
  networks: Record<string, DumpedNetwork>;
  contrasts: Record<string, DumpedNetwork>;
  tables: Record<string, Record<string, unknown[] | Packed>>;
  rest: Record<string, Packed>;
  checked: number;
  unchecked: string[];
  problems: string[];
  mistakes: string[];
}

const arrays = { float32: Float32Array, float64: Float64Array, int32: Int32Array, uint8: Uint8Array };

function unpacked({ type, shape, bytes }: Packed) {
  const raw = Uint8Array.from(Buffer.from(bytes, 'base64'));
  const values = new arrays[type](raw.buffer);
  expect(values.length).toBe(shape.reduce((product, n) => product * n, 1));
  return values;
}

const columnOf = (column: unknown[] | Packed) => (Array.isArray(column) ? column : [...unpacked(column)]);

/** Rows of a table as columns, as Python has them. */
const columnsOf = (rows: readonly object[], names: readonly string[]) =>
  Object.fromEntries(names.map((name) => [name, rows.map((row) => (row as Record<string, unknown>)[name])]));

const unpackedColumns = (table: Record<string, unknown[] | Packed>) =>
  Object.fromEntries(Object.entries(table).map(([name, column]) => [name, columnOf(column)]));

/** All rows of a recording that are read, by site. */
async function activationsOf(recording: Recording): Promise<Map<string, Float32Array>> {
  const found = new Map<string, Float32Array>();
  for (const layer of recording.layers) {
    const { moments } = recording;
    const reader = await (moments ? moments.open(layer, 'means') : recording.openLayer(layer));
    const parts = reader.columns.map((): number[] => []);
    for await (const { values } of reader.batches())
      for (const [c, own] of values.entries()) for (const value of own) parts[c].push(value);
    await reader.close();
    for (const [c, { site }] of reader.columns.entries()) found.set(site, Float32Array.from(parts[c]));
  }
  return found;
}

let workspace: StageWorkspace;
const studies = new Map<string, Dump>();
const opened = (name: string, stage: 'report' | 'lesion' = 'report') =>
  openResults(studyFolder(workspace.placeOf(name, ''), workspace.placeOf('..', '')), stage);

const yaml = (extraction: string) => `model: ../../data/models/small
prompts: ../../data/prompts/small.csv
tasks: [weather, cooking]
design: { sessions: 2, promptsPerBlock: 2 }
extraction: { newTokens: 5, ${extraction} sites: { include: ['*.fc2', lm_head, '*.layers.1'] } }
glm: { relabellings: 100, runRelabellings: 100, contrasts: { wet: weather - cooking } }
networks: { correction: none, minimumEffect: 0.3 }
geometry: { relabellings: 99, components: 2 }
`;

/** Its head, which stands behind another site of its layer, has units that copy others, of tokens that it hardly met. */
const frog = `tasks: [pathology, paleontology]
design: { sessions: 2, promptsPerBlock: 2, cycles: 2 }
extraction: { newTokens: 2, sites: { include: ['*.activation_fn', model.decoder.final_layer_norm, lm_head] } }
glm: { relabellings: 100, runRelabellings: 100 }
networks: { correction: none, minimumEffect: 1 }
`;

beforeAll(async () => {
  if (!hasPython) return;
  workspace = stageWorkspace('galvani-python-');
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
  // Many tokens end a text, so that texts end at different places.
  workspace.write(
    'data/models/small/generation_config.json',
    JSON.stringify({ eos_token_id: [2, 10, 20, 30, 40, 50] }),
  );
  await workspace.run('tokens', yaml(''), [plan, design, extract, twin, glm, networks, geometry]);
  await workspace.run('prompts', yaml('keep: prompts,'), [plan, design, extract, glm, networks]);
  await workspace.run('halves', yaml('storage: float16,'), [plan, design, extract]);
  await workspace.run('frog', frog, [plan, design, extract, glm, networks]);
  for (const name of ['tokens', 'prompts', 'halves', 'frog'])
    studies.set(name, JSON.parse(await runPython('dump_study.py', [workspace.placeOf(name, '')])));
});
afterAll(() => {
  vi.restoreAllMocks();
  workspace?.remove();
});

test('hooks zero, scale and replace units, inside modules too, and are taken off', async ({ skip }) => {
  if (!pythonHas('numpy')) skip('numpy is not installed');
  expect(await runPython('check_hooks.py', ['stand-in'])).toBe('hooks hold\n');
});

describe.skipIf(!hasPython)(inPython, () => {
  describe.each(['tokens', 'prompts', 'halves'])('a study that keeps %s', (name) => {
    test('runs, tasks and events', async () => {
      const dump = studies.get(name)!;
      const results = await opened(name);
      expect(dump.runs).toEqual(results.runs.map(({ name, session, task }) => [name, session, task]));
      expect(dump.tasks).toEqual(['weather', 'cooking']);
      for (const run of results.runs) {
        const events = dump.events[run.name];
        expect(unpackedColumns(events)).toEqual(columnsOf((await results.events(run))!, Object.keys(events)));
      }
    });

    test('tokens, activations and prompts’ means', async () => {
      const dump = studies.get(name)!;
      const results = await opened(name);
      // The report reads no twin; what lesion reads is only there in one study.
      const twins = name === 'tokens' ? await opened(name, 'lesion') : undefined;
      let afterEnd = 0;
      for (const run of results.runs)
        for (const [own, recording] of [
          [dump.recordings[run.name], await results.recording(run)],
          [dump.twins[run.name], await twins?.twin(run)],
        ] as const) {
          expect(own === undefined).toBe(recording === undefined);
          if (!own || !recording) continue;
          expect(own.prompts).toBe(name === 'prompts');
          expect(unpackedColumns(own.tokens)).toEqual(columnsOf(recording.tokens, Object.keys(own.tokens)));
          expect(own.stored).toBe(recording.tokens.length + recording.afterEnd);
          afterEnd += recording.afterEnd;
          const rows = name === 'prompts' ? recording.events.length : recording.tokens.length;
          const expected = await activationsOf(recording);
          expect(Object.keys(own.activations)).toEqual([...expected.keys()]);
          for (const [site, values] of expected) {
            const width = values.length / rows;
            expect(own.activations[site]).toMatchObject({ type: 'float32', shape: [rows, width] });
            expect(unpacked(own.activations[site])).toEqual(values);
            expect(unpacked(own.last[site])).toEqual(values.filter((_, i) => i % width === width - 1));
          }
          for (const layer of recording.layers) {
            const { columns, units, prompts, means } = await recording.promptMeans(layer);
            let first = 0;
            for (const { site, width } of columns) {
              const [start, end] = [first, first + width];
              const wanted = means.filter((_, i) => i % units >= start && i % units < end);
              expect(own.means[site].shape).toEqual([prompts, width]);
              expect(unpacked(own.means[site])).toEqual(wanted);
              first = end;
            }
          }
          expect(own.warnings.length > 0).toBe(name === 'prompts');
        }
      expect(afterEnd).toBeGreaterThan(0);
    });

    test('means at rest', async () => {
      const dump = studies.get(name)!;
      const results = await opened(name);
      const sums = new Map<string, Float64Array>();
      let rows = 0;
      for (const run of results.runs) {
        const recording = await results.recording(run);
        const prompts = name === 'prompts' ? recording.events.map((_, p) => p) : [...recording.promptOfRow];
        rows += prompts.filter((p) => recording.isTask[p] === 0).length;
        for (const [site, values] of await activationsOf(recording)) {
          const width = values.length / prompts.length;
          const sum = sums.get(site) ?? new Float64Array(width);
          sums.set(site, sum);
          for (const [i, value] of values.entries())
            if (recording.isTask[prompts[Math.floor(i / width)]] === 0) sum[i % width] += value;
        }
      }
      for (const [site, sum] of sums)
        expectWithinRelative(
          unpacked(dump.rest[site]),
          sum.map((value) => value / rows),
          1e-9,
          site,
        );
    });

    test('every file is verified, or it is said that it is not', () => {
      const { problems, unchecked, checked } = studies.get(name)!;
      expect(problems).toEqual([]);
      expect(checked).toBeGreaterThan(10);
      expect(unchecked.length > 0).toBe(!pythonHas('xxhash'));
      expect(unchecked.filter((file) => !file.endsWith('.arrow'))).toEqual([]);
    });
  });

  describe.each(['tokens', 'prompts', 'frog'])('what was found in the study %s', (name) => {
    test('every map of the glm stage', async () => {
      const { maps, sites } = studies.get(name)!;
      const results = await opened(name);
      const made = results.glm!.maps.map((map) => map.name);
      expect(Object.keys(maps).filter((map) => !map.includes('/'))).toEqual(made);
      let copies = 0;
      for (const map of made) {
        const own = maps[map];
        const whole = await results.map(map);
        expect(own.sites).toEqual(
          whole.sites.map(({ site, kind, layer, width, start }) => [site, kind, layer, width, start]),
        );
        expect(own.sites).toEqual(sites);
        expect(unpacked(own.flags)).toEqual(whole.flags);
        expect(unpacked(own.copyOf)).toEqual(whole.copyOf);
        expect(unpacked(own.unreachable)).toEqual(whole.unreachable);
        expect(Object.keys(own.statistics)).toEqual(whole.statistics);
        for (const statistic of whole.statistics)
          expect(unpacked(own.statistics[statistic]), `${map} ${statistic}`).toEqual(whole.statistic(statistic));
        expect(own.types).toEqual(['float32', 'float64']);
        expect(own.of).toBe(true);
        copies += whole.copyOf.filter((of) => of >= 0).length;
      }
      if (name === 'frog') expect(copies).toBeGreaterThan(0);
    });

    test('networks are the units that the rule of membership says, of contrasts too', async () => {
      const { networks: tasks, contrasts, tasks: names } = studies.get(name)!;
      const results = await opened(name);
      const rule = await readParameters(studyFolder(workspace.placeOf(name, '')), 'networks');
      expect(Object.keys(tasks)).toEqual(names);
      expect(Object.keys(contrasts)).toEqual(name === 'frog' ? [] : ['wet']);
      const all: [DumpedNetwork, WholeMap][] = [];
      for (const { name: map, kind, task, contrast } of results.glm!.maps)
        if (kind === 'task' || kind === 'contrast')
          all.push([kind === 'task' ? tasks[task!] : contrasts[contrast], await results.map(map)]);
      expect(all).toHaveLength(name === 'frog' ? 2 : 3);
      for (const [own, whole] of all) {
        const signs = membership(whole, rule);
        const places = new Map(whole.sites.map(({ site, start }) => [site, start]));
        const found = new Int8Array(signs.length);
        for (const [i, [site, unit]] of own.members.entries()) found[places.get(site)! + unit] = own.sign[i];
        expect(found).toEqual(signs);
        expect(own.members.length).toBeGreaterThan(0);
        expect(Object.entries(own.widths)).toEqual(whole.sites.map(({ site, width }) => [site, width]));
        for (const { site, start, width } of whole.sites)
          expect(own.masks[site]).toEqual([...Array(width).keys()].filter((u) => signs[start + u] !== 0));
      }
    });

    test('every table', async () => {
      const { tables } = studies.get(name)!;
      const results = await opened(name);
      let compared = 0;
      for (const stage of ['glm', 'networks'] as const)
        for (const [table, rows] of Object.entries(await results.tables(stage))) {
          const own = tables[`${stage}/${table}`];
          expect(unpackedColumns(own), table).toEqual(columnsOf(rows as object[], Object.keys(own)));
          compared++;
        }
      expect(compared).toBeGreaterThan(10);
    });
  });

  test('maps of components have a column for each', () => {
    const { maps, sites } = studies.get('tokens')!;
    const { statistics, sites: own } = maps['geometry/components'];
    expect(Object.keys(statistics)).toEqual(['component-1.z', 'component-2.z']);
    expect(own).toEqual(sites);
  });

  test('a mistake is answered with a sentence', () => {
    const { mistakes } = studies.get('tokens')!;
    expect(mistakes).toEqual([
      expect.stringMatching(/no map 'task-nothing'.*task-cooking/),
      expect.stringMatching(/no run 'ses-99'/),
      expect.stringMatching(/no site 'no.such.site'/),
      expect.stringMatching(/has units 0 to \d+; asked for/),
      expect.stringMatching(/'sometimes'; allowed are 'study', 'drop' and 'keep'/),
      expect.stringMatching(/networks has no file 'nothing.parquet'/),
      expect.stringMatching(/'sleep'; allowed are 'rest' and 'task'/),
      expect.stringMatching(/lesion.manifest.json is missing: run `galvani lesion STUDY` first/),
    ]);
  });

  test('a damaged file is refused, and a study is found by its folder, its study.yaml or its derivatives', async () => {
    const place = mkdtempSync(join(tmpdir(), 'galvani-places-'));
    const copied = (name: string) => {
      cpSync(workspace.placeOf('tokens', ''), join(place, name), { recursive: true });
      return join(place, name);
    };
    try {
      const short = copied('short');
      truncateSync(join(short, 'networks/units.parquet'), 100);
      const altered = copied('altered');
      const text = join(altered, 'plan/glm.json');
      writeFileSync(text, 'x'.repeat(readFileSync(text).length));
      const asked = [place, short, altered];
      const answers = [
        expect.stringContaining('is no study: name the folder that holds study.yaml'),
        expect.stringMatching(/units\.parquet has 100 bytes instead of \d+: run `galvani networks STUDY` again/),
        expect.stringContaining('glm.json differs from its checksum: run `galvani plan STUDY` again'),
      ];
      for (const [folder, isWorkspace] of [
        [join(place, 'workspace/pipelines/mine'), true],
        [join(place, 'alone'), false],
      ] as const) {
        mkdirSync(folder, { recursive: true });
        writeFileSync(join(folder, 'study.yaml'), '');
        if (isWorkspace) writeFileSync(join(place, 'workspace/nx.json'), '{}');
        const derivatives = derivativesOf(join(folder, 'study.yaml'));
        cpSync(workspace.placeOf('tokens', 'plan'), join(derivatives, 'plan'), { recursive: true });
        asked.push(folder, join(folder, 'study.yaml'), derivatives);
        answers.push(derivatives, derivatives, derivatives);
      }
      expect((await runPython('find_study.py', asked)).trim().split('\n')).toEqual(answers);
    } finally {
      rmSync(place, { recursive: true });
    }
  });

  test('hooks do in PyTorch what they do on numpy', async ({ skip }) => {
    if (!pythonHas('torch')) skip('torch is not installed');
    expect(await runPython('check_hooks.py', [])).toBe('hooks hold\n');
  });

  test('the notebook and the examples of docs/python.md run', async () => {
    const [printed, documented] = await Promise.all(
      ['examples/python/galvani.ipynb', 'docs/python.md'].map((path) =>
        runPython('run_notebook.py', [join(home, path)], { GALVANI_STUDY: workspace.placeOf('frog', '') }),
      ),
    );
    expect(documented).toMatch(/executed cell by cell/);
    expect(printed).toMatch(/2 tasks, 4 runs/);
    expect(printed).toMatch(/mean over prompts of the task -?\d/);
    expect(printed).toMatch(pythonHas('torch', 'transformers') ? /hooks taken off/ : /is not installed: no hooks/);
  });
});
