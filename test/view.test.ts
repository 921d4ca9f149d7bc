/** What the viewer's server gives of a study, beside what other programs read in the same files, and what it refuses. */
import { renameSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { get as httpGet, type OutgoingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { stage as design } from '@galvani/design';
import { stage as extract } from '@galvani/extract';
import { stage as glm } from '@galvani/glm';
import { stage as networks } from '@galvani/networks';
import { stage as plan } from '@galvani/plan';
import { studyFolder } from '@galvani/study';
import { type RunView, type StudyView, serveView, studyParts, type ViewServer } from '@galvani/view';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { smallRuns, smallStudy } from './small-study.js';
import { type StageWorkspace, stageWorkspace } from './stage-workspace.js';
import { storedColumns } from './stored-columns.js';

let workspace: StageWorkspace;
let server: ViewServer;
let page: string;
const placeOf = (path: string) => workspace.placeOf('default', path);
const served = (study: string) => ({
  name: study,
  parts: studyParts({
    folder: studyFolder(workspace.placeOf(study, ''), workspace.placeOf('..', '')),
    name: study,
    live: true,
  }),
});

beforeAll(async () => {
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
  workspace = stageWorkspace('galvani-view-');
  await workspace.run('default', smallStudy, [plan, design, extract, glm, networks]);
  await workspace.run('planned', smallStudy, [plan]);
  page = workspace.placeOf('page', '');
  workspace.write('data/page/index.html', '<!doctype html><title>page</title>');
  workspace.write('secret.txt', 'a secret');
  server = await serveView({ page, studies: [served('default'), served('planned')] });
});
afterAll(async () => {
  await server?.close();
  vi.restoreAllMocks();
  workspace.remove();
});

const part = async (path: string) => fetch(`${server.url}data/${path}`);
const json = async <T>(path: string): Promise<T> => (await part(path)).json() as Promise<T>;
const column = async (path: string) =>
  Array.from(
    tableFromIPC(new Uint8Array(await (await part(path)).arrayBuffer()))
      .getChild('value')!
      .toArray(),
  ) as number[];

describe('what it gives is what other programs read in the artifacts', () => {
  test('a study: runs, sites and maps', async () => {
    const study = await json<StudyView>('0/study.json');
    expect(study.runs.map(({ name }) => name)).toEqual(smallRuns);
    expect(study.units).toBe(study.sites.reduce((sum, { width }) => sum + width, 0));
    expect(study.problems).toEqual([]);
    expect(study.stages.find(({ stage }) => stage === 'glm')?.state).toBe('done');
    expect(study.stages.find(({ stage }) => stage === 'decode')?.state).toBe('missing');
  });

  test('every column of a map, layer after layer', async () => {
    const { maps, sites } = await json<StudyView>('0/study.json');
    const map = maps.find(({ task }) => task === 'cooking')!;
    const layers = [...new Set(sites.map(({ layer }) => layer))];
    const tables = await Promise.all(layers.map((layer) => storedColumns(placeOf(`glm/${map.name}/${layer}.arrow`))));
    for (const name of map.columns.filter((each) => each !== 'member')) {
      const stored = tables.flatMap((table) => [...(table.get(name) ?? table.get(`${map.contrast}.${name}`))!]);
      expect(await column(`0/maps/${map.name}/${name}.arrow`), name).toEqual(stored);
    }
  });

  test('members are those of networks/units.parquet', async () => {
    const { maps, sites } = await json<StudyView>('0/study.json');
    const connection = await (await DuckDBInstance.create()).connect();
    for (const { name, task } of maps.filter(({ kind }) => kind === 'task')) {
      const rows = await connection.runAndReadAll(
        `select site, unit, sign(t) as sign from '${placeOf('networks/units.parquet')}' where task = '${task}'`,
      );
      const expected = new Array(sites.reduce((sum, { width }) => sum + width, 0)).fill(0);
      for (const [site, unit, sign] of rows.getRows() as [string, number, number][])
        expected[sites.find((each) => each.site === site)!.start + unit] = sign;
      expect(await column(`0/maps/${name}/member.arrow`)).toEqual(expected);
    }
    connection.closeSync();
  });

  test('tables, prompts and tokens', async () => {
    const connection = await (await DuckDBInstance.create()).connect();
    const read = async (query: string) => (await connection.runAndReadAll(query)).getRowObjects();
    const overlap = await json<Record<string, unknown>[]>('0/tables/networks/overlap.json');
    const stored = await read(`select task_a, task_b, same, dice from '${placeOf('networks/overlap.parquet')}'`);
    expect(overlap.map(({ task_a, task_b, same, dice }) => ({ task_a, task_b, same, dice: Number(dice) }))).toEqual(
      stored,
    );
    for (const run of smallRuns) {
      const { prompts, tokens } = await json<RunView>(`0/runs/${run}.json`);
      const events = await read(`select text, condition from '${placeOf(`design/${run}.parquet`)}' order by prompt`);
      expect(prompts.map(({ text, condition }) => ({ text, condition }))).toEqual(events);
      const rows = await read(
        `select prompt, token, log_probability from '${placeOf(`extract/${run}/tokens.parquet`)}'`,
      );
      expect(rows.map(({ prompt }) => prompt)).toEqual(tokens.prompt);
      expect(rows.map(({ token }) => token)).toEqual(tokens.token);
      expect(rows.map(({ log_probability }) => log_probability)).toEqual(tokens.log_probability.map(Number));
    }
    connection.closeSync();
  });

  test('a unit at every token of all runs', async () => {
    const { sites } = await json<StudyView>('0/study.json');
    const { site, width } = sites.at(-1)!;
    const unit = width - 1;
    const stored: number[] = [];
    for (const run of smallRuns) {
      const table = tableFromIPC(await readFile(placeOf(`extract/${run}/activations.arrow`)));
      for (const row of table.getChild(site)!) stored.push(row.get(unit));
    }
    expect(await column(`0/series/${encodeURIComponent(site)}/${unit}.arrow`)).toEqual(stored);
  });
});

test('of a study that is only planned there is what is known of it', async () => {
  const study = await json<StudyView>('1/study.json');
  expect(study).toMatchObject({ maps: [], sites: [], units: 0, tables: [] });
  expect(study.runs.map(({ rows }) => rows)).toEqual([0, 0, 0, 0]);
  expect(await json('studies.json')).toEqual(['default', 'planned']);
  const answer = await part('1/runs/ses-01_task-weather.json');
  expect(answer.status).toBe(500);
  expect(await answer.json()).toEqual({
    error: 'the design stage has not finished: galvani run does it and what comes after it.',
  });
});

describe('what is not there or not for others', () => {
  /** The path goes out as it is, which fetch would tidy. */
  const raw = (path: string, headers: OutgoingHttpHeaders = {}, method = 'GET') =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      const { hostname, port } = new URL(server.url);
      const request = httpGet({ hostname, port, path, method, headers, setHost: !('Host' in headers) }, (response) => {
        let body = '';
        response.on('data', (piece) => {
          body += piece;
        });
        response.on('end', () => resolve({ status: response.statusCode!, body }));
      });
      request.on('error', reject);
    });

  test.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/%252e%252e/secret.txt',
    '/data/0/../../secret.txt',
    '/data/0/maps/..%2f..%2f..%2fsecret.txt/z.arrow',
    '/data/0/runs/..%2f..%2fsecret.json',
    '/data/0/tables/networks/..%2funits.json',
    '/data/0/series/..%2fx/0.arrow',
    '/data/0/series/x/-1.arrow',
    '/data/0/__proto__',
    '/data/0/constructor/name',
    '/data/9/study.json',
    '/data/0',
    '/data/0/study.json%00',
    '/data/0/%zz',
    '//secret.txt',
    '/nothing.html',
  ])('%s', async (path) => {
    const { status, body } = await raw(path);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(body).not.toContain('a secret');
    expect(JSON.parse(body).error).toMatch(/\.$/);
  });

  test('a file of the page that leads out of it', async () => {
    symlinkSync(workspace.placeOf('..', 'secret.txt'), join(page, 'link.txt'));
    const own = await serveView({ page, studies: [] });
    const answer = await fetch(`${own.url}link.txt`);
    await own.close();
    rmSync(join(page, 'link.txt'));
    expect(answer.status).toBe(404);
  });

  test.each([
    ['another Host', { Host: 'galvani.example' }],
    ['another port', { Host: '127.0.0.1:1' }],
    ['another Origin', { Origin: 'http://galvani.example' }],
    ['no Origin of a page', { Origin: 'null' }],
    ['another site, by the browser', { 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors' }],
  ])('a request with %s', async (_, headers) => {
    const { status, body } = await raw('/data/0/study.json', headers);
    expect(status).toBe(403);
    expect(body).not.toContain('weather');
  });

  test('what changes something without being a page of ours', async () => {
    expect((await raw('/data/0/study.json', {}, 'POST')).status).toBe(403);
    expect((await raw('/data/0/study.json', {}, 'DELETE')).status).toBe(403);
  });

  test('its own page, by both of its names, with headers that keep it to itself', async () => {
    const { host, port } = new URL(server.url);
    for (const own of [host, `localhost:${port}`]) expect((await raw('/', { Host: own })).body).toContain('page');
    const answer = await fetch(server.url);
    expect(answer.headers.get('content-security-policy')).toMatch(/^default-src 'none';/);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });
});

test('a file of the study that leads out of it is refused', async () => {
  const file = placeOf('networks/overlap.parquet');
  renameSync(file, workspace.placeOf('..', 'elsewhere.parquet'));
  symlinkSync(workspace.placeOf('..', 'elsewhere.parquet'), file);
  const answer = await part('0/tables/networks/overlap.json');
  expect(await answer.json()).toEqual({
    error: 'networks/overlap.parquet is missing, or is a link that leads out of the study.',
  });
  renameSync(workspace.placeOf('..', 'elsewhere.parquet'), file);
  expect((await part('0/tables/networks/overlap.json')).status).toBe(200);
});

test('damage is told where it is seen, and the rest is shown', async () => {
  await workspace.run('damaged', smallStudy, [plan, design, extract, glm]);
  const own = await serveView({ page, studies: [served('damaged')] });
  const at = (path: string) => fetch(`${own.url}data/0/${path}`);
  const { maps, sites } = (await (await at('study.json')).json()) as StudyView;
  const [{ site }] = sites;
  truncateSync(workspace.placeOf('damaged', `extract/${smallRuns[0]}/activations.arrow`), 100);
  const answer = await at(`series/${encodeURIComponent(site)}/0.arrow`);
  expect(answer.status).toBe(500);
  expect(((await answer.json()) as { error: string }).error).toMatch(
    /^extract\/ses-01_task-weather\/.*\.arrow has 100 bytes instead of \d+\. galvani verify lists all that is damaged\.$/,
  );
  expect((await at(`maps/${maps[0].name}/z.arrow`)).status).toBe(200);
  writeFileSync(workspace.placeOf('damaged', 'glm/manifest.json'), 'not json');
  const after = (await (await at('study.json')).json()) as StudyView;
  expect(after.maps).toEqual([]);
  expect(after.problems.join(' ')).toMatch(/glm\/manifest\.json/);
  await own.close();
});
