/** `galvani export bids`: files beside what other programs read in the study's own, and names beside BIDS's schema. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { exportBids } from '@galvani/bids';
import { stage as design } from '@galvani/design';
import { stage as extract } from '@galvani/extract';
import { stage as glm } from '@galvani/glm';
import { stage as networks } from '@galvani/networks';
import { stage as plan } from '@galvani/plan';
import { membership, openResults } from '@galvani/results';
import { readParameters, studyFolder } from '@galvani/study';
import { readHeader, readImage } from 'nifti-reader-js';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { checksums } from './checksums.js';
import { home } from './packages.js';
import { type StageWorkspace, stageWorkspace } from './stage-workspace.js';
import { storedColumns } from './stored-columns.js';

// Two tasks whose labels would be one, and contrasts that have a task's name and a name of no letter.
const yaml = `model: ../../data/models/small
prompts: ../../data/prompts/dashed.csv
tasks: [ear-ache, earache]
design: { sessions: 2, promptsPerBlock: 2 }
extraction: { newTokens: 5, sites: { include: ['*.fc2', lm_head] } }
glm:
  relabellings: 100
  runRelabellings: 100
  secondLevel: true
  contrasts: { earache: '"ear-ache" - earache', _: '"ear-ache" + earache' }
  conjunctions: { both: [ear-ache, earache] }
networks: { correction: none, minimumEffect: 0.3 }
`;

let workspace: StageWorkspace;
let out: string;
const folder = () => studyFolder(workspace.placeOf('default', ''), workspace.placeOf('..', ''));
const func = (name: string) => join(out, 'sub-small/func', `sub-small_${name}`);
const json = (path: string) => JSON.parse(readFileSync(path, 'utf8'));
const lines = (path: string) =>
  readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
const records = (path: string) => {
  const [names, ...rows] = lines(path);
  return rows.map((row) => Object.fromEntries(names.map((name, k) => [name, row[k]])));
};
const files = () =>
  readdirSync(out, { recursive: true, encoding: 'utf8' }).filter((path) => statSync(join(out, path)).isFile());

const types = { 2: Uint8Array, 8: Int32Array, 16: Float32Array, 64: Float64Array };
function image(path: string): ArrayLike<number> {
  const raw = Uint8Array.from(gunzipSync(readFileSync(path))).buffer;
  const header = readHeader(raw)!;
  return new types[header.datatypeCode as keyof typeof types](readImage(header, raw));
}

beforeAll(async () => {
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
  workspace = stageWorkspace('galvani-bids-');
  const topics = ['ear-ache', 'earache', 'travel', 'music'];
  const bank = topics.flatMap((topic) =>
    Array.from({ length: 12 }, (_, i) => `${topic}-${i},${topic},statement,"Say ""${i}""\tof ${topic}\n\\ is"`),
  );
  workspace.write('data/prompts/dashed.csv', `id,topic,form,text\n${bank.join('\n')}\n`);
  // Many tokens end a text, so that texts end at different places.
  workspace.write(
    'data/models/small/generation_config.json',
    JSON.stringify({ eos_token_id: [2, 10, 20, 30, 40, 50] }),
  );
  await workspace.run('default', yaml, [plan, design, extract, glm, networks]);
  out = workspace.placeOf('bids', '').replace(/\/$/, '');
  await exportBids(folder(), out);
});
afterAll(() => {
  vi.restoreAllMocks();
  workspace.remove();
});

test('every name is one of BIDS, or .bidsignore has it', () => {
  const schema = json(join(home, 'packages/core/bids/test/fixtures/bids-names.json'));
  const allowed = schema.names.map((name: string) => new RegExp(name));
  const ignored = readFileSync(join(out, '.bidsignore'), 'utf8').trimEnd().split('\n');
  const isIgnored = (path: string) =>
    ignored.some((glob) =>
      new RegExp(`^${glob.replaceAll('.', '\\.').replaceAll('*', '.*')}$`).test(path.split('/').at(-1)!),
    );
  const wrong = files().filter(
    (path) => path !== '.bidsignore' && !isIgnored(path) && !allowed.some((a: RegExp) => a.test(path)),
  );
  expect(wrong).toEqual([]);
  expect(allowed.some((a: RegExp) => a.test('sub-a/func/sub-a_task-b_desc-c_label-d_mask.nii.gz'))).toBe(false);
  expect(
    files()
      .filter((path) => isIgnored(path))
      .every((path) => /contrast-|_design\.|_units\.|^names\./.test(path)),
  ).toBe(true);
});

test('what BIDS requires of descriptions is there', () => {
  const description = json(join(out, 'dataset_description.json'));
  expect(description).toMatchObject({ Name: 'default', DatasetType: 'derivative', GeneratedBy: [{ Name: 'galvani' }] });
  expect(description.BIDSVersion).toMatch(/^\d+\.\d+\.\d+$/);
  expect(records(join(out, 'participants.tsv'))).toMatchObject([{ participant_id: 'sub-small', sites: '4' }]);
  const names = records(join(out, 'names.tsv')).map(({ entity, label, name }) => [entity, label, name]);
  expect(names).toEqual([
    ['sub', 'small', expect.stringMatching(/data\/models\/small$/)],
    ['task', 'earache', 'ear-ache'],
    ['task', 'earache2', 'earache'],
    ['contrast', 'earache', 'ear-ache'],
    ['contrast', 'earache2', 'earache'],
    ['contrast', 'earache3', 'earache'],
    ['contrast', 'contrast', '_'],
    ['contrast', 'both', 'both'],
    ['desc', 'secondlevel', 'n/a'],
    ['desc', 'conjunction', 'n/a'],
  ]);
  // Every column of a table is described, and nothing else is.
  for (const path of files().filter((each) => /_(events|units)\.tsv$|^(participants|names)\.tsv$/.test(each))) {
    const described = Object.keys(json(join(out, path.replace('.tsv', '.json'))));
    const own = lines(join(out, path))[0].filter((name) => name !== 'participant_id');
    expect(described.sort(), path).toEqual(own.sort());
  }
});

test('every statistic of every map is there, value by value', async () => {
  const results = await openResults(folder(), 'networks');
  let compared = 0;
  for (const { name, kind, contrast, run } of results.glm!.maps) {
    const of = contrast === 'ear-ache' ? 'earache' : 'earache2';
    const session = run?.slice(4, 6);
    const stem =
      kind === 'run'
        ? join(out, `sub-small/ses-${session}/func/sub-small_ses-${session}_task-${of}_contrast-${of}`)
        : kind === 'contrast'
          ? func(contrast === '_' ? 'contrast-contrast' : 'contrast-earache3')
          : kind === 'conjunction'
            ? func('contrast-both')
            : func(`task-${of}_contrast-${of}`);
    const desc = kind === 'second-level' ? '_desc-secondlevel' : kind === 'conjunction' ? '_desc-conjunction' : '';
    const stat = (label: string) => image(`${stem}_stat-${label}${desc}_statmap.nii.gz`);
    const said = json(`${stem}${desc}_statmap.json`);
    expect(said.Contrast).toBe(contrast);
    const tables = await Promise.all(
      results.glm!.layers.map((layer) => storedColumns(workspace.placeOf('default', `glm/${name}/${layer}.arrow`))),
    );
    const column = (field: string) => tables.flatMap((table) => [...table.get(field)!]) as number[];
    const statistics = [...tables[0].keys()].filter((field) => field.startsWith(`${contrast}.`));
    for (const field of statistics) {
      const label = field.slice(contrast.length + 1).replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
      expect([...(stat(label) as Float64Array)], `${name} ${field}`).toEqual(column(field));
      expect(said.Statistics[label], label).toMatch(/\.$/);
      compared++;
    }
    expect([...(stat('flag') as Uint8Array)]).toEqual(column('flag'));
    if (kind === 'task')
      expect([...(stat('p') as Float64Array)]).toEqual(column(`${contrast}.log10_p`).map((value) => 10 ** value));
    if (kind === 'run') {
      const t = column(`${contrast}.t`);
      const expected = column(`${contrast}.effect`).map((effect, u) => (effect / t[u]) ** 2);
      expect([...(stat('variance') as Float64Array)]).toEqual(expected);
    }
  }
  expect(compared).toBeGreaterThan(80);
});

test('units are where the table says, and networks are those of the rule', async () => {
  const results = await openResults(folder(), 'networks');
  const rule = await readParameters(folder(), 'networks');
  const map = await results.map('task-ear-ache');
  const units = records(join(out, 'sub-small/anat/sub-small_units.tsv'));
  const sites = records(join(out, 'sub-small/anat/sub-small_seg-sites_dseg.tsv'));
  const segmented = image(join(out, 'sub-small/anat/sub-small_seg-sites_dseg.nii.gz'));
  expect(units.length).toBe(map.flags.length);
  for (const [at, { index, site, unit, kind, unreachable }] of units.entries()) {
    const own = map.sites.find(({ start, width }) => start <= at && at < start + width)!;
    expect([index, site, unit, kind, unreachable]).toEqual([
      String(at),
      own.site,
      String(at - own.start),
      own.kind,
      String(map.unreachable[at]),
    ]);
    expect(sites[segmented[at] - 1]).toMatchObject({ index: String(segmented[at]), name: site });
  }
  const members = membership(map, rule);
  expect(members.some((sign) => sign > 0) && members.some((sign) => sign < 0)).toBe(true);
  expect([...(image(func('task-earache_label-network_mask.nii.gz')) as Uint8Array)]).toEqual(
    [...members].map(Math.abs),
  );
  expect([...(image(func('task-earache_seg-network_dseg.nii.gz')) as Uint8Array)]).toEqual(
    [...members].map((sign) => (sign < 0 ? 2 : sign)),
  );
  expect(json(func('task-earache_label-network_mask.json')).Members).toBe(members.filter((sign) => sign !== 0).length);
});

test('events count recorded tokens, and keep the text of prompts', async () => {
  const results = await openResults(folder(), 'networks', undefined, { afterEnd: 'keep' });
  let ended = 0;
  for (const [k, run] of results.runs.entries()) {
    const label = ['earache', 'earache2'][k % 2];
    const rows = records(
      join(out, `sub-small/ses-0${run.session}/func/sub-small_ses-0${run.session}_task-${label}_events.tsv`),
    );
    const { events, tokens } = await results.recording(run);
    expect(rows.length).toBe(events.length);
    for (const [p, row] of rows.entries()) {
      const own = tokens.flatMap(({ prompt, after_end }, at) => (prompt === p ? [{ at, after_end }] : []));
      const after = own.filter(({ after_end }) => after_end).length;
      ended += after;
      expect([row.onset, row.duration, row.after_end]).toEqual([own[0].at, own.length, after].map(String));
      expect(row.trial_type).toBe(events[p].condition === 'task' ? run.task : 'rest');
      const text = row.text
        .slice(1, -1)
        .replaceAll('""', '"')
        .replaceAll('\\t', '\t')
        .replaceAll('\\n', '\n')
        .replaceAll('\\\\', '\\');
      expect(text).toBe(events[p].text);
    }
  }
  expect(ended).toBeGreaterThan(0);
});

test('design matrices have a row for each prompt of the task', () => {
  const [columns, ...rows] = lines(func('task-earache_design.tsv'));
  expect(columns[0]).toBe('ear-ache');
  const said = json(func('task-earache_design.json'));
  expect(said).toMatchObject({ TaskName: 'ear-ache', RepetitionTime: 1 });
  for (const { Run, FirstRow, Prompts } of said.Rows) {
    const intercept = columns.indexOf(`run ${Run}`);
    expect(rows.flatMap((row, r) => (Number(row[intercept]) === 1 ? [r] : []))).toEqual(
      Array.from({ length: Prompts }, (_, p) => FirstRow + p),
    );
  }
});

test('the same study gives the same bytes, and nothing is written over', async () => {
  const again = `${out}-again`;
  await exportBids(folder(), again);
  expect(checksums(again)).toEqual(checksums(out));
  await expect(exportBids(folder(), out)).rejects.toThrow(/is there already/);
});

test('a dataset appears whole or not at all', async () => {
  const place = workspace.placeOf('stopped', 'deep');
  await expect(exportBids(folder(), place, AbortSignal.abort())).rejects.toThrow();
  expect(existsSync(place)).toBe(false);
  const empty = studyFolder(workspace.placeOf('unfitted', ''), workspace.placeOf('..', ''));
  await workspace.run('unfitted', yaml, [plan, design]);
  await expect(exportBids(empty, place)).rejects.toThrow(
    /extract\/\S+\/manifest\.json is missing, and so is what glm writes: galvani run makes all/,
  );
  expect(readdirSync(workspace.placeOf('..', 'data')).filter((name) => name.includes('partial'))).toEqual([]);
  expect(existsSync(workspace.placeOf('stopped', '')) ? readdirSync(workspace.placeOf('stopped', '')) : []).toEqual([]);
});

const validator = process.env.GALVANI_BIDS_VALIDATOR;

// bids-validator of npm (1.15) brings 900 packages, so it is run where somebody has it. It knows raw datasets, and no masks or segmentations.
describe.skipIf(!validator)('bids-validator, which GALVANI_BIDS_VALIDATOR names', () => {
  test('finds nothing but names of derivatives, which it does not know', () => {
    let printed: string;
    try {
      printed = execFileSync(validator!, [out, '--json'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    } catch (error) {
      printed = (error as { stdout: string }).stdout;
    }
    const { errors, warnings } = JSON.parse(printed).issues;
    const found = [...errors, ...warnings].flatMap(({ key, files }) =>
      files.map(({ file }: { file?: { relativePath?: string } }) => `${key} ${file?.relativePath ?? ''}`),
    );
    expect(
      found.filter((issue) => !/^NOT_INCLUDED .*_(mask|dseg)\.(json|tsv|nii\.gz)$|^NO_AUTHORS /.test(issue)),
    ).toEqual([]);
  });
});
