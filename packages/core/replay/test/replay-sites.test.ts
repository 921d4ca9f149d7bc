import { chmod, copyFile, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeOutput, openActivationFile, readManifest, tokenTable, writeManifest } from '@galvani/artifact';
import { type StageParameters, tokensPath } from '@galvani/study';
import { Failure, UserMistake } from '@galvani/terminal';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { extractStage } from '../../../stages/extract/src/extract-stage.js';
import {
  copyCheckpoint,
  event,
  letter,
  plan,
  readRun,
  referenceEvents,
  spell,
  type TinyStudy,
  targetOf,
  tinyStudy,
} from '../../../stages/extract/test/tiny-study.js';
import { compareWithRecording } from '../src/compare-recording.js';
import { replayPath } from '../src/replay-file.js';
import { type ReplayedRun, type ReplayRequest, replaySites } from '../src/replay-sites.js';

const onnx = fileURLToPath(new URL('../../model/test/onnx-import/fixtures/opt-past/model.onnx', import.meta.url));
let study: TinyStudy;
const runs = ['ses-01_task-a', 'ses-02_task-a'];
const [run] = runs;
const site = 'model.decoder.layers.1.fc1';

beforeEach(async () => {
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockImplementation(() => true);
  const more = [10, 11, 12, 13].map((id, p) => event(runs[1], p, spell([id, id + 1, ...Array(p * 7).fill(id)])));
  study = await tinyStudy(
    { [run]: referenceEvents(run), [runs[1]]: more },
    { sampling: { method: 'sample', temperature: 1.2 } },
  );
  vi.stubEnv('GALVANI_STORE', study.store);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await study.remove();
});

const signal = new AbortController().signal;
const extract = () => extractStage({ study: study.folder.root, root: study.root, signal });
const replay = ({ sites = [site], ...request }: Partial<Omit<ReplayRequest, 'sites'>> & { sites?: string[] } = {}) =>
  replayUnits(
    sites.map((each) => ({ site: each })),
    request,
  );
const replayUnits = (sites: ReplayRequest['sites'], request: Partial<ReplayRequest> = {}) =>
  replaySites({ folder: study.folder, root: study.root, sites, signal, ...request });
const replan = (extraction: Partial<StageParameters['extract']>) => plan(study.folder, runs, extraction);
const valuesOf = async (replayed: ReplayedRun, name = site) => [...(await replayed.rows(name))];
const written = (name = site, of = run) => stat(replayPath(study.folder, name, of)).then(({ mtimeMs }) => mtimeMs);

const sampling = { method: 'sample', temperature: 1.2 } as const;
const templated = { template: `${spell([30, 31])}{prompt}${spell([33])}`, templateTokens: 'drop' } as const;
const extractions: Record<string, Partial<StageParameters['extract']>> = {
  'generated, greedy': {},
  'generated, sampled, two at once': { sampling, batch: 2 },
  'generated, float16': { sampling, storage: 'float16' },
  read: { mode: 'read' },
  'read, means': { mode: 'read', tokens: 'mean' },
  'read, last tokens in float16': { mode: 'read', tokens: 'last', storage: 'float16' },
  'within a template, generated': { sampling, template: `${spell([30, 31])}{prompt}${spell([33])}` },
  'read within a template, its own tokens alone': { mode: 'read', ...templated },
  'read within a template, means of its own tokens': { mode: 'read', tokens: 'mean', ...templated },
  'generated until the texts end': { sampling, stopAtEnd: true },
  'generated until the texts end, two at once': { sampling, stopAtEnd: true, batch: 2 },
  'an ONNX file, generated': { sampling, model: { path: 'model/model.onnx' } },
  'an ONNX file, read': { mode: 'read', model: { path: 'model/model.onnx' } },
  'a twin': { model: { twin: { path: 'model' }, seed: 3 } },
};

test.each(Object.entries(extractions))('a replay is the recording, bit for bit: %s', async (name, extraction) => {
  if (name.includes('ONNX')) await copyFile(onnx, join(study.model, 'model.onnx'));
  if (extraction.stopAtEnd)
    await writeFile(
      join(study.model, 'generation_config.json'),
      JSON.stringify({ eos_token_id: [2, 10, 20, 30, 40, 50] }),
    );
  await replan(extraction);
  await extract();
  const sites = ['lm_head', site, 'model.decoder.embed_tokens'];
  const replayed = await replay({ sites });
  expect(replayed.map((own) => own.run)).toEqual(runs);
  for (const own of replayed) {
    const recorded = await readRun(study, own.run);
    expect(own.sites.map(({ name }) => name)).toEqual(sites.toReversed());
    for (const name of sites) {
      expect(await valuesOf(own, name), name).toEqual(recorded.get(name));
      const { different, numbers, largest } = (await compareWithRecording(study.folder, own, name))!;
      expect({ different, numbers, largest }).toEqual({
        different: 0,
        numbers: recorded.get(name)!.length,
        largest: 0,
      });
    }
    expect(own.tokens).toEqual(await tokenTable.read(tokensPath(study.folder, own.run)));
    expect(own.sameProbabilities).toBe(['mean', 'last'].includes(extraction.tokens ?? '') ? undefined : true);
  }
});

test.each([
  ['generated', {}],
  ['generated, with squares', { moments: 'squares' }],
  ['generated, rounded to half', { storage: 'float16' }],
  ['read', { mode: 'read' }],
] as const)('where means over prompts were kept, a replay gives the tokens that they are of: %s', async (_, kept) => {
  // Many tokens end a text, so that texts end at different places.
  await writeFile(
    join(study.model, 'generation_config.json'),
    JSON.stringify({ eos_token_id: [2, 10, 20, 30, 40, 50, 60] }),
  );
  const asked = { sampling, ...('mode' in kept && { mode: kept.mode }) } as const;
  await replan(asked);
  await extract();
  const recorded = await readRun(study, runs[1]);
  await replan({ ...asked, ...kept, keep: 'prompts', afterEnd: 'drop' });
  await extract();
  for (const own of await replay({ sites: [site, 'lm_head'] })) {
    if (own.run === runs[1]) expect(await valuesOf(own)).toEqual(recorded.get(site));
    expect(own.sameProbabilities).toBe(true);
    for (const name of [site, 'lm_head']) {
      const { of, numbers, largest } = (await compareWithRecording(study.folder, own, name))!;
      expect({ of, prompts: numbers / (name === site ? 64 : 97) }).toEqual({
        of: 'prompts',
        prompts: own.events.length,
      });
      expect(largest).toBeLessThan('storage' in kept ? 2 ** -11 : 1e-6);
    }
  }
});

test('sites that were not recorded are replayed too, as they would have been recorded', async () => {
  await extract();
  const recorded = await readRun(study, run);
  await replan({ sampling, sites: { include: ['*.fc2'], exclude: [] } });
  await extract();
  const [own] = await replay();
  expect(await valuesOf(own)).toEqual(recorded.get(site));
  expect(await compareWithRecording(study.folder, own, site)).toBeUndefined();
});

test('what was replayed is kept, and replayed again where it is damaged or of another recording', async () => {
  await extract();
  const first = await replay({ runs: [run] });
  expect(first.map(({ kept }) => kept)).toEqual([false]);
  const past = new Date(1000);
  await utimes(replayPath(study.folder, site, run), past, past);
  const [again] = await replay({ runs: [run] });
  expect(again).toMatchObject({ kept: true, sameProbabilities: true });
  expect(await valuesOf(again)).toEqual(await valuesOf(first[0]));
  expect(await written()).toBe(1000);
  const manifest = await readManifest(join(study.folder.root, 'replay', site, run));
  expect(Object.keys(manifest!.inputs)).toEqual([`design/${run}.parquet`, `extract/${run}/tokens.parquet`]);
  // One run is missing.
  expect((await replay()).map(({ kept }) => kept)).toEqual([true, false]);
  const path = replayPath(study.folder, site, run);
  const bytes = await readFile(path);
  await writeFile(
    path,
    bytes.map((byte, i) => (i === bytes.length >> 1 ? byte ^ 1 : byte)),
  );
  const [mended] = await replay();
  expect(mended.kept).toBe(false);
  expect((await readFile(path)).equals(bytes)).toBe(true);
  await replan({ sampling, seed: 8 });
  await extract();
  const [other] = await replay();
  expect(other.kept).toBe(false);
  expect(await valuesOf(other)).toEqual((await readRun(study, run)).get(site));
});

test('of units that are asked for nothing else is kept, and others come beside them', async () => {
  await extract();
  const whole = (await readRun(study, run)).get(site)!;
  const column = (unit: number) => whole.filter((_, at) => at % 64 === unit);
  const columns = async (name = site) => {
    const reader = await openActivationFile(replayPath(study.folder, name, run));
    await reader.close();
    return reader.columns.map((each) => `${each.site} ${each.width}`);
  };
  const request = { runs: [run], spare: 0 };
  const [first] = await replayUnits([{ site, units: [9, 3] }], request);
  expect(await columns()).toEqual([`${site}.3 1`, `${site}.9 1`]);
  expect([...(await first.rows(site, [9]))]).toEqual(column(9));
  expect([...(await first.rows(site))]).toEqual(column(9).flatMap((value, row) => [value, column(3)[row]]));
  expect(await compareWithRecording(study.folder, first, site)).toMatchObject({ different: 0, numbers: 2 * 18 });
  await expect(first.rows(site, [4])).rejects.toThrow(/rows\.arrow has no column .*fc1\.4/);
  // Other units, of one site in one run and of another in both.
  const asked = [
    { site, units: [63] },
    { site: 'lm_head', units: [5], runs: [runs[1]] },
    { site, units: [0], runs: [runs[1]] },
  ];
  const [more, other] = await replayUnits(asked, { spare: 0 });
  expect([more.kept, more.sites.length, other.sites.length]).toEqual([false, 1, 2]);
  expect(await columns()).toEqual([3, 9, 63].map((unit) => `${site}.${unit} 1`));
  expect([...(await more.rows(site))]).toEqual(column(63));
  expect(other.unitsOf(site)).toEqual([63, 0]);
  expect([...(await other.rows('lm_head'))]).toEqual(
    (await readRun(study, runs[1])).get('lm_head')!.filter((_, at) => at % 97 === 5),
  );
  const [again] = await replayUnits([{ site, units: [3, 63] }], request);
  expect([again.kept, again.sameProbabilities]).toEqual([true, true]);
  // A site that is narrow enough is kept whole, which has all of its units.
  await replayUnits([{ site, units: [4] }], { runs: [run], spare: 18 * 4 * 64 });
  expect(await columns()).toEqual([`${site} 64`]);
  const [last] = await replayUnits([{ site, units: [60, 1] }], request);
  expect(last.kept).toBe(true);
  expect([...(await last.rows(site, [1]))]).toEqual(column(1));
});

test.each(['all', 'mean', 'last'] as const)(
  'of texts that are read the units are those of the recording too: %s',
  async (tokens) => {
    await replan({ mode: 'read', tokens });
    await extract();
    const [own] = await replayUnits(
      [
        { site, units: [7, 2] },
        { site: 'lm_head', runs: [runs[1]] },
      ],
      { spare: 0 },
    );
    const whole = (await readRun(study, run)).get(site)!;
    expect([...(await own.rows(site, [2]))]).toEqual(whole.filter((_, at) => at % 64 === 2));
    expect((await compareWithRecording(study.folder, own, site))!.different).toBe(0);
  },
);

test('two that ask for different units at once get theirs, and both are kept', async () => {
  await extract();
  const whole = (await readRun(study, run)).get(site)!;
  const ask = (unit: number) => replayUnits([{ site, units: [unit] }], { runs: [run], spare: 0 });
  const both = await Promise.all([ask(1), ask(2)]);
  for (const [i, [own]] of both.entries())
    expect([...(await own.rows(site))]).toEqual(whole.filter((_, at) => at % 64 === i + 1));
  expect((await Promise.all([ask(1), ask(2)])).map(([own]) => own.kept)).toEqual([true, true]);
});

test('two that replay the same at once get the same', async () => {
  await extract();
  const both = await Promise.all([replay(), replay({ sites: [site, 'lm_head'] })]);
  for (const [r, own] of both[0].entries()) expect(await valuesOf(own)).toEqual(await valuesOf(both[1][r]));
  expect((await replay({ sites: ['lm_head', site] })).map(({ kept }) => kept)).toEqual([true, true]);
});

test('tokens that are not the recorded ones are told, the first of them, and nothing is kept', async () => {
  await extract();
  const path = tokensPath(study.folder, run);
  const tokens = await tokenTable.read(path);
  await chmod(path, 0o644);
  await rm(path);
  await tokenTable.write(
    path,
    tokens.map((row, at) => (at < 8 ? row : { ...row, token_id: 96 - row.token_id, token: letter(96 - row.token_id) })),
  );
  await expect(replay()).rejects.toThrow(/extract\/ses-01_task-a\/tokens\.parquet .*Run galvani extract/);
  // And where the manifest knows these tokens, as on a machine that made them.
  const manifest = (await readManifest(targetOf(study, run)))!;
  const { galvani: _, ...record } = manifest;
  await writeManifest(targetOf(study, run), {
    ...record,
    outputs: { ...manifest.outputs, 'tokens.parquet': await describeOutput(path) },
  });
  const error = await replay().catch((thrown) => thrown);
  expect(error).toBeInstanceOf(Failure);
  const id = tokens[8].token_id;
  expect(error.message).toContain(
    `${run}: token 2 (from 0) of the prompt 'p-1' was "${letter(96 - id)}" (${96 - id}) when it was recorded and is "${letter(id)}" (${id}) now; it is the first of 10 of 18 tokens that differ.`,
  );
  await expect(written()).rejects.toThrow(/ENOENT/);
});

test('activations that differ are counted', async () => {
  await extract();
  const [own] = await replay();
  const bits = await readFile(replayPath(study.folder, site, run));
  const values = await own.rows(site);
  const at = bits.indexOf(Buffer.from(values.buffer, 0, 64));
  bits.writeFloatLE(values[1] + 1, at + 4);
  await writeFile(replayPath(study.folder, site, run), bits);
  const { different, numbers, largest } = (await compareWithRecording(study.folder, own, site))!;
  expect({ different, numbers }).toEqual({ different: 1, numbers: 18 * 64 });
  expect(largest).toBeCloseTo(1 / Math.max(...values.map(Math.abs)), 5);
});

test('a site, unit or run that does not exist is a mistake that names the nearest', async () => {
  await extract();
  const mistakes: [ReplayRequest['sites'], RegExp][] = [
    [[{ site: 'model.decoder.layers.1.fc3' }], /no site 'model\.decoder\.layers\.1\.fc3'\. Did you mean '.*fc[12]'\?/],
    [[{ site, units: [3, 64] }], /layers\.1\.fc1 has no unit 64: its 64 units are counted from 0, so the last is 63/],
    [[{ site, runs: ['ses-03_task-a'] }], /no run 'ses-03_task-a'\. Did you mean 'ses-0[12]_task-a'\?/],
  ];
  for (const [request, sentence] of mistakes) {
    const error = await replayUnits(request).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(UserMistake);
    expect(error.message).toMatch(sentence);
  }
});

test('a run that is not recorded, or of another plan, says what to run', async () => {
  await expect(replay()).rejects.toThrow(/extract\/ses-01_task-a\/manifest\.json is missing: run galvani extract/);
  await extract();
  await replan({ sampling, newTokens: 5 });
  await expect(replay()).rejects.toThrow(/extract \(2 runs\) was made for another plan .*newTokens/);
  await replan({ sampling });
  await rm(study.model, { recursive: true });
  await copyCheckpoint('opt-relu', study.model);
  await expect(replay()).rejects.toThrow(
    /ses-01_task-a was recorded of another model than there is now: run galvani extract/,
  );
});

test('a study in which nothing can be written is played all the same, once for a process, and nothing is kept of it', async () => {
  await extract();
  const expected = await valuesOf((await replay({ runs: [run] }))[0]);
  const place = join(study.folder.root, 'replay');
  await rm(place, { recursive: true });
  await writeFile(place, '');
  for (let time = 0; time < 2; time++) {
    const [own] = await replay({ runs: [run] });
    expect(await valuesOf(own)).toEqual(expected);
  }
  expect(await readFile(place, 'utf8')).toBe('');
  const said = vi.mocked(process.stderr.write).mock.calls.map(([text]) => String(text));
  expect(said.filter((line) => line.includes('is not kept'))).toHaveLength(1);
});
