/** Parts of a study that come from other stages than glm and networks, beside what other programs read in the same files. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stage as geometry } from '@galvani/geometry';
import type { LiveStudy, RunView, StudyView, UnitSelection } from '@galvani/view';
import { serveView, studyParts, type ViewServer } from '@galvani/view';
import { tableFromIPC } from 'apache-arrow';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { storedColumns } from '../stored-columns.js';
import type { SyntheticStudy } from '../synthetic-study.js';
import { finish, hostileSite, page, remove, viewedStudy } from './viewed-study.js';

let study: SyntheticStudy;
let server: ViewServer;
const selections: (UnitSelection | undefined)[] = [];
const live: LiveStudy = {
  async mask(_, __, selection) {
    selections.push(selection);
    return Uint8Array.of(1);
  },
  replay: async () => new Float32Array(0),
};

beforeAll(async () => {
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
  study = await viewedStudy({ geometry: { relabellings: 99, components: 2 } } as never);
  await finish(study, [geometry]);
  server = await serveView({
    page,
    studies: [{ name: 'a', parts: studyParts({ folder: study.folder, name: 'a', live }) }],
  });
});
afterAll(async () => {
  await server?.close();
  vi.restoreAllMocks();
  if (study) await remove(study);
});

const part = (path: string, asked?: RequestInit) => fetch(`${server.url}data/0/${path}`, asked);
const json = async <T>(path: string) => (await part(path)).json() as Promise<T>;
const column = async (path: string) => [
  ...(tableFromIPC(new Uint8Array(await (await part(path)).arrayBuffer()))
    .getChild('value')!
    .toArray() as Float64Array),
];
const stored = async (path: string) => tableFromIPC(await readFile(join(study.folder.root, path)));
const word = (name: string) => encodeURIComponent(name).replaceAll('%', '~');

test('components are maps, without a network', async () => {
  const { maps } = await json<StudyView>('study.json');
  const own = maps.filter(({ kind }) => kind === 'component');
  expect(own.map(({ name }) => name)).toEqual(['geometry/component-1', 'geometry/component-2']);
  const tables = await Promise.all(
    ['block-00', 'block-01'].map((layer) =>
      storedColumns(join(study.folder.root, `geometry/components/${layer}.arrow`)),
    ),
  );
  for (const [k, { name, columns }] of own.entries()) {
    expect(columns).toEqual(['z', 'flag', 'copy_of', 'unreachable']);
    const expected = tables.flatMap((table) => [...table.get(`component-${k + 1}.z`)!]);
    expect(await column(`maps/${word(name)}/z.arrow`)).toEqual(expected);
    expect((await part(`maps/${word(name)}/member.arrow`)).status).toBe(404);
  }
});

test('the untrained twin: its tokens, and a unit at each', async () => {
  const { twin, sites, runs } = await json<StudyView>('study.json');
  expect(twin).toBe(true);
  const { site } = sites.find((each) => each.site === hostileSite)!;
  const expected: number[] = [];
  for (const { name, rows } of runs) {
    const table = await stored(`twin/${name}/activations.arrow`);
    for (const row of table.getChild(site)!) expected.push(row.get(5));
    expect((await json<RunView>(`twin-runs/${name}.json`)).tokens.token).toHaveLength(rows);
  }
  expect(await column(`twin/${word(site)}/5.arrow`)).toEqual(expected);
  expect(await column(`series/${word(site)}/5.arrow`)).not.toEqual(expected);
});

const ask = async (body: unknown, name = 'mine') => {
  const headers = { Origin: server.url.slice(0, -1) };
  return part(`mask/${name}.json`, {
    method: 'POST',
    headers,
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
};

test('a mask of chosen units is asked for with these', async () => {
  const selection = [{ site: hostileSite, units: [0, 7, 39], signs: [1, -1, 1] }];
  expect((await ask(selection)).status).toBe(200);
  expect(selections).toEqual([selection]);
  // Without units there is a mask of a task alone.
  expect((await part('mask/mine.json')).status).toBe(404);
});

test.each([
  ['no list', '{', /is not a list of/],
  ['another thing', [null], /is not a list of/],
  ['no units', [], /has no unit/],
  ['another site', [{ site: 'x', units: [0], signs: [1] }], /names x, which is no site/],
  ['a unit that is not there', [{ site: hostileSite, units: [40], signs: [1] }], /have to rise, from 0 to 39/],
  ['a unit twice', [{ site: hostileSite, units: [3, 3], signs: [1, 1] }], /have to rise/],
  ['half a unit', [{ site: hostileSite, units: [0.5], signs: [1] }], /is not a list of/],
  ['no signs', [{ site: hostileSite, units: [0], signs: [0] }], /1 or -1 of each unit/],
])('a selection of %s is refused in a sentence', async (_, body, sentence) => {
  const asked = selections.length;
  const answer = await ask(body);
  expect(answer.status).toBe(500);
  expect(((await answer.json()) as { error: string }).error).toMatch(sentence);
  expect(selections.length).toBe(asked);
});
