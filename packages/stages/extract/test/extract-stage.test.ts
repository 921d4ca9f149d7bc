import { mkdir, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  canonicalJson,
  digestOf,
  digestOfFile,
  readManifest,
  sha256,
  sha256OfFile,
  tokenTable,
} from '@galvani/artifact';
import { onnxruntimeVersion } from '@galvani/onnx';
import { verifiedFolder } from '@galvani/study';
import { listStore } from '@galvani/subject';
import { Failure, Interrupted, type StageArguments, UserMistake } from '@galvani/terminal';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readReference, relativeDifference } from '../../../core/model/test/reference.js';
import { extractStage } from '../src/extract-stage.js';
import {
  copyCheckpoint,
  design,
  event,
  letter,
  plan,
  readRun,
  referenceEvents,
  spell,
  type TinyStudy,
  targetOf,
  tinyStudy,
} from './tiny-study.js';

const reference = readReference('opt-galactica');
let study: TinyStudy;
let said: string[];
const run = 'ses-01_task-a';

const extract = (options: Partial<StageArguments> = {}) =>
  extractStage({ study: study.folder.root, root: study.root, signal: new AbortController().signal, ...options });

beforeEach(async () => {
  said = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((line) => said.push(String(line)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation((line) => said.push(String(line)) > 0);
  study = await tinyStudy({ [run]: referenceEvents(run) });
  process.env.GALVANI_STORE = study.store;
});
afterEach(async () => {
  delete process.env.GALVANI_STORE;
  delete process.env.GALVANI_FREE_BYTES;
  delete process.env.GALVANI_MEMORY_BYTES;
  vi.restoreAllMocks();
  await study.remove();
});

const newTokens = 6;
/** What transformers computed, in the order of the rows. */
const expected = (site: string) =>
  reference.flatMap(({ sites }) => {
    const all = sites.get(site)!;
    const width = all.length / reference[0].generated.length;
    return [...all.subarray(0, newTokens * width)];
  });

test('a run holds what transformers computes, prompt after prompt, in a file of all layers', async () => {
  await extract();
  expect((await readdir(targetOf(study, run))).sort()).toEqual([
    'activations.arrow',
    'manifest.json',
    'tokens.parquet',
  ]);
  const found = await readRun(study, run);
  expect([...found.keys()].sort()).toEqual([...reference[0].sites.keys()].sort());
  for (const [site, values] of found) expect(relativeDifference(values, expected(site)), site).toBeLessThan(1e-4);
  const tokens = await tokenTable.read(join(targetOf(study, run), 'tokens.parquet'));
  expect(tokens.map((t) => [t.prompt, t.position, t.token_id, t.token])).toEqual(
    reference.flatMap(({ generated }, p) => generated.slice(0, newTokens).map((id, k) => [p, k, id, letter(id)])),
  );
  for (const { log_probability, entropy } of tokens) {
    expect(log_probability).toBeLessThan(0);
    expect(entropy).toBeGreaterThan(0);
    expect(entropy).toBeLessThan(Math.log(97));
  }
});

test('runs that are named are recorded one after another, in that order and no others; whoever asked is told of each that is whole', async () => {
  await design(study.folder, { second: referenceEvents('second'), third: referenceEvents('third') });
  await plan(study.folder, [run, 'second', 'third']);
  const whole: string[] = [];
  const ended = (name: string) => {
    whole.push(name);
    expect(said.at(-1)).toContain(`${name}: `);
  };
  await extract({ runs: ['third', run], ended });
  expect(whole).toEqual(['third', run]);
  expect((await readdir(study.folder.extract)).sort()).toEqual([run, 'third'].sort());
});

test('the manifest says what was asked, what was read, and what is there', async () => {
  await extract();
  const manifest = (await readManifest(targetOf(study, run)))!;
  expect(manifest.stage).toBe('extract');
  expect(manifest.parameters).toMatchObject({ newTokens, storage: 'float32', batch: 3, model: { path: 'model' } });
  expect(manifest.facts).toEqual({
    prompts: 3,
    rows: 18,
    afterEnd: 0,
    unreachable: [],
    units: 1345,
    sites: 34,
    layers: ['embeddings', 'block-00', 'block-01', 'block-02', 'final'],
    storage: 'float32',
    onnxruntime: onnxruntimeVersion(),
  });
  const files = [
    `derivatives/design/${run}.parquet`,
    'model/config.json',
    'model/model.safetensors',
    'model/tokenizer.json',
  ];
  const read = files.map(async (path) => [
    path.replace('derivatives/', ''),
    await sha256OfFile(join(study.root, path)),
  ]);
  expect(manifest.inputs).toEqual(Object.fromEntries(await Promise.all(read)));
  const names = (await readdir(targetOf(study, run))).filter((name) => name !== 'manifest.json').sort();
  expect(Object.keys(manifest.outputs).sort()).toEqual(names);
  for (const name of names) {
    const digest = digestOf(manifest.outputs[name]);
    expect(digest.startsWith('xxh3:')).toBe(name.endsWith('.arrow'));
    expect(await digestOfFile(join(targetOf(study, run), name), digest)).toBe(digest);
  }
});

test('the size of a batch changes no token and no more than the last digits, sampled or greedy', async () => {
  for (const sampling of [{ method: 'greedy' }, { method: 'sample', temperature: 1.5 }] as const) {
    const results = [];
    for (const batch of [1, 2, 3]) {
      await plan(study.folder, [run], { sampling, batch });
      await extract();
      results.push({
        tokens: (await tokenTable.read(join(targetOf(study, run), 'tokens.parquet'))).map((t) => t.token_id),
        sites: await readRun(study, run),
      });
    }
    for (const { tokens, sites } of results.slice(1)) {
      expect(tokens).toEqual(results[0].tokens);
      for (const [site, values] of sites)
        expect(relativeDifference(values, results[0].sites.get(site)!), site).toBeLessThan(1e-4);
    }
  }
});

test('a sampled continuation belongs to the prompt: neither its place nor its run matters, the seed does', async () => {
  const sampling = { method: 'sample', temperature: 2 } as const;
  const events = referenceEvents(run);
  await design(study.folder, { other: [events[2], events[0]] });
  await plan(study.folder, [run, 'other'], { sampling });
  await extract();
  const tokens = async (name: string) => {
    const rows = await tokenTable.read(join(targetOf(study, name), 'tokens.parquet'));
    return [0, 1, 2].map((p) => rows.filter((t) => t.prompt === p).map((t) => t.token_id));
  };
  const [first, , third] = await tokens(run);
  expect((await tokens('other')).slice(0, 2)).toEqual([third, first]);
  await plan(study.folder, [run], { sampling, seed: 8 });
  await extract();
  expect((await tokens(run))[0]).not.toEqual(first);
});

test('a run that is there is kept; a damaged file, other events or another request make it anew', async () => {
  await extract();
  const manifest = join(targetOf(study, run), 'manifest.json');
  const before = await readFile(manifest, 'utf8');
  said = [];
  await extract();
  expect(said).toEqual([`${run}: kept\n`]);

  // As a version that records the same has left it.
  const { checksum, ...content } = JSON.parse(before);
  const earlier = canonicalJson({ ...content, galvani: '0.0.1' });
  await writeFile(manifest, canonicalJson({ ...JSON.parse(earlier), checksum: sha256(earlier) }));
  said = [];
  await extract();
  expect(said).toEqual([`${run}: kept\n`]);
  expect(await readFile(manifest, 'utf8')).toBe(before);

  await rm(join(targetOf(study, run), 'activations.arrow'));
  said = [];
  await extract();
  expect(said).toEqual([`${run}: taken from the store\n`]);
  expect(await readFile(manifest, 'utf8')).toBe(before);

  await design(study.folder, { [run]: referenceEvents(run).slice(0, 2) });
  said = [];
  await extract();
  expect(said).toEqual([`${run}: 2 prompts, 12 tokens, 1,345 units\n`]);

  await plan(study.folder, [run], { newTokens: 2, sites: { include: ['*.fc1', 'lm_head'], exclude: ['*.1.fc1'] } });
  await extract();
  expect([...(await readRun(study, run)).keys()].sort()).toEqual(
    ['lm_head', 'model.decoder.layers.0.fc1', 'model.decoder.layers.2.fc1'].sort(),
  );
});

test('recorded again without the store, every file has the same bytes', async () => {
  const digests = async () => (await readManifest(targetOf(study, run)))!.outputs;
  await extract();
  const before = await digests();
  await rm(study.store, { recursive: true });
  await rm(study.folder.extract, { recursive: true });
  await extract();
  expect(await digests()).toEqual(before);
});

describe('the store', () => {
  test('gives back a run whose folder is gone, to another study too', async () => {
    await extract();
    const before = await readRun(study, run);
    await rm(study.folder.extract, { recursive: true });
    await design(study.folder, { renamed: referenceEvents('renamed') });
    await plan(study.folder, [run, 'renamed']);
    said = [];
    await extract();
    expect(said).toEqual([`${run}: taken from the store\n`, 'renamed: taken from the store\n']);
    expect(await readRun(study, 'renamed')).toEqual(before);
    expect(await listStore(study.store)).toHaveLength(1);
  });

  test('drops a damaged entry, says so, and the run is recorded again', async () => {
    await extract();
    const before = await readFile(join(targetOf(study, run), 'manifest.json'), 'utf8');
    const [{ key }] = await listStore(study.store);
    const file = join(study.store, key, 'activations.arrow');
    const bytes = await readFile(file);
    bytes[bytes.length >> 1] ^= 1;
    await rm(file);
    await writeFile(file, bytes);
    await rm(study.folder.extract, { recursive: true });
    said = [];
    await extract();
    expect(said[0]).toMatch(/activations\.arrow is damaged: the entry is dropped/);
    expect(said[1]).toBe(`${run}: 3 prompts, 18 tokens, 1,345 units\n`);
    expect(await readFile(join(targetOf(study, run), 'manifest.json'), 'utf8')).toBe(before);
    await rm(study.folder.extract, { recursive: true });
    said = [];
    await extract();
    expect(said).toEqual([`${run}: taken from the store\n`]);
  });
});

test('a place in the store that takes no note of the model’s check stops nothing', async () => {
  await mkdir(study.store, { recursive: true });
  await writeFile(join(study.store, 'checks'), '');
  await extract();
  expect(await readManifest(targetOf(study, run))).toBeDefined();
  expect(await listStore(study.store)).toHaveLength(1);
});

describe('what stops an extraction', () => {
  const rejects = async (kind: typeof Error, message: RegExp) => {
    const error = await extract().then(
      () => undefined,
      (e: Error) => e,
    );
    expect(error).toBeInstanceOf(kind);
    expect(error?.message).toMatch(message);
    const left = (await readdir(study.folder.extract, { recursive: true }).catch(() => [])).filter((n) => n !== run);
    expect(left).toEqual([]);
  };

  test('a disk too small, before the model is loaded', async () => {
    process.env.GALVANI_FREE_BYTES = '90000';
    // Weights that cannot be read show that nobody tried.
    const weights = join(study.model, 'model.safetensors');
    const bytes = await readFile(weights);
    const header = 8 + Number(bytes.readBigUInt64LE(0));
    bytes.fill(0xff, header);
    await writeFile(weights, bytes);
    await rejects(Failure, /the recording needs about \d+ KB in .*extract, and 90\.0 KB are free; nothing was started/);
    delete process.env.GALVANI_FREE_BYTES;
    await rejects(UserMistake, /NaN|infinite|finite/);
  });

  test('a model that memory does not hold, before it is loaded', async () => {
    process.env.GALVANI_MEMORY_BYTES = '200000000';
    await rejects(
      Failure,
      /extract needs about \d+ MB of memory, .* weights as float32, and 200 MB are allowed here; nothing/,
    );
    delete process.env.GALVANI_MEMORY_BYTES;
  });

  test('weights that memory does not hold, before they are read, unless the store has a run of them', async () => {
    process.env.GALVANI_MEMORY_BYTES = '1000';
    await rejects(Failure, /weights as float32, and 1\.0 KB are allowed here; nothing was started/);
    const remembered = await readdir(verifiedFolder(study.root)).catch(() => []);
    expect(remembered).not.toContain(`${sha256(study.model)}.json`);
    delete process.env.GALVANI_MEMORY_BYTES;
    await extract();
    await rm(study.folder.extract, { recursive: true });
    process.env.GALVANI_MEMORY_BYTES = '1000';
    said = [];
    await extract();
    expect(said).toEqual([`${run}: taken from the store\n`]);
    expect(await readdir(verifiedFolder(study.root))).toContain(`${sha256(study.model)}.json`);
  });

  test('a forecast that counts every run that is still missing', async () => {
    const runs = ['a', 'b', 'c'];
    for (const name of runs) await design(study.folder, { [name]: referenceEvents(name) });
    await plan(study.folder, runs);
    process.env.GALVANI_FREE_BYTES = '300000';
    await rejects(Failure, /the 3 runs that are not recorded yet need/);
  });

  test('a missing model and weights that are cut off', async () => {
    await truncate(join(study.model, 'model.safetensors'), 5000);
    await rejects(UserMistake, /model\.safetensors/);
    await rm(study.model, { recursive: true });
    await rejects(UserMistake, /model/);
  });

  test('a prompt that is too long, named with its tokens and the limit', async () => {
    const long = event(run, 1, spell(new Int32Array(59)));
    await design(study.folder, { [run]: [...referenceEvents(run).slice(0, 1), long] });
    await rejects(UserMistake, /the prompt 'p-1' has 59 tokens, and at most 58 fit.*context.* 64 and 6/);
  });

  test('a model without a tokenizer', async () => {
    await rm(study.model, { recursive: true });
    await copyCheckpoint('opt-galactica', study.model, false);
    await rejects(UserMistake, /without a tokenizer\.json/);
  });

  test('a pattern that no site has, and a run that the study does not have', async () => {
    await plan(study.folder, [run], { sites: { include: ['*.fc3'], exclude: [] } });
    await rejects(UserMistake, /\*\.fc3.*matches none/);
    await expect(extract({ runs: ['ses-01_task-b'] })).rejects.toThrow(
      /no run 'ses-01_task-b'.*Did you mean 'ses-01_task-a'/,
    );
  });

  test('the person, between two steps: what is finished stays, and the rest goes on from there', async () => {
    const [text] = referenceEvents('second');
    const many = Array.from({ length: 60 }, (_, p) => ({ ...text, prompt: p, prompt_id: `p-${p}` }));
    await design(study.folder, { second: many });
    await plan(study.folder, [run, 'second'], { batch: 1 });
    const controller = new AbortController();
    vi.spyOn(process.stdout, 'write').mockImplementation((line) => {
      // The second run is on its way, since it begins while the files of the first are ended.
      if (String(line).startsWith(run)) controller.abort(new Interrupted('stopped'));
      return true;
    });
    await expect(extract({ signal: controller.signal })).rejects.toBeInstanceOf(Interrupted);
    expect(await readdir(study.folder.extract)).toContain(run);
    const second = targetOf(study, 'second');
    expect(await readdir(second).catch(() => [])).toEqual([]);
    vi.mocked(process.stdout.write).mockImplementation((line) => said.push(String(line)) > 0);
    await extract();
    // A slow machine says how far it is.
    const results = said.filter((line) => !/ of 360 tokens/.test(line));
    expect(results).toEqual([`${run}: kept\n`, 'second: 60 prompts, 360 tokens, 1,345 units\n']);
  });
});

test('in reading mode a row is a token of the prompt, and nothing is generated', async () => {
  await plan(study.folder, [run], { mode: 'read' });
  await extract();
  const tokens = await tokenTable.read(join(targetOf(study, run), 'tokens.parquet'));
  expect(tokens.map(({ token_id }) => token_id)).toEqual(reference.flatMap(({ inputIds }) => [...inputIds]));
  expect(tokens.filter(({ position }) => position === 0).every((row) => Number.isNaN(row.log_probability))).toBe(true);
  expect(tokens.filter(({ position }) => position > 0).every((row) => row.log_probability < 0)).toBe(true);
  const found = await readRun(study, run);
  // A prompt's last row is the position whose logits choose the first new token.
  const lastRows = reference.map((_, p) => tokens.findLastIndex(({ prompt }) => prompt === p));
  for (const [site, values] of found) {
    const width = values.length / tokens.length;
    const last = lastRows.flatMap((row) => values.slice(row * width, (row + 1) * width));
    const first = reference.flatMap(({ sites }) => [...sites.get(site)!.subarray(0, width)]);
    expect(relativeDifference(last, first), site).toBeLessThan(1e-4);
  }
  const manifest = await readManifest(targetOf(study, run));
  expect(manifest?.facts.rows).toBe(tokens.length);
});

test.each(['last', 'mean'] as const)('of prompts that are read one row is kept: %s', async (kept) => {
  await plan(study.folder, [run], { mode: 'read' });
  await extract();
  const [all, allTokens] = [await readRun(study, run), await tokensOf()];
  await plan(study.folder, [run], { mode: 'read', tokens: kept });
  await extract();
  const [found, tokens] = [await readRun(study, run), await tokensOf()];
  const rowsOf = reference.map((_, p) => allTokens.flatMap(({ prompt }, row) => (prompt === p ? [row] : [])));
  const own = rowsOf.map((rows) => (kept === 'last' ? rows.slice(-1) : rows));
  const meanOver = (rows: number[], value: (row: number) => number) =>
    rows.reduce((sum, row) => sum + value(row), -0) / rows.length;
  for (const [site, values] of all) {
    const width = values.length / allTokens.length;
    const expected = own.flatMap((rows) =>
      Array.from({ length: width }, (_, u) => Math.fround(meanOver(rows, (row) => values[row * width + u]))),
    );
    expect([...found.get(site)!], site).toEqual(expected);
  }
  expect(tokens.map(({ prompt, position, token_id }) => [prompt, position, token_id])).toEqual(
    rowsOf.map((rows, p) => [p, 0, allTokens[rows.at(-1)!].token_id]),
  );
  for (const [p, { entropy, log_probability }] of tokens.entries()) {
    expect(entropy).toBeCloseTo(
      meanOver(own[p], (row) => allTokens[row].entropy),
      5,
    );
    const told = own[p].filter((row) => allTokens[row].position > 0);
    expect(log_probability).toBeCloseTo(
      meanOver(told, (row) => allTokens[row].log_probability),
      5,
    );
  }
  expect((await readManifest(targetOf(study, run)))?.facts.rows).toBe(reference.length);
});

const tokensOf = () => tokenTable.read(join(targetOf(study, run), 'tokens.parquet'));

test('a prompt’s last token, read, is the position from which the first token is generated', async () => {
  await plan(study.folder, [run], { newTokens: 1 });
  await extract();
  const generated = await readRun(study, run);
  await plan(study.folder, [run], { mode: 'read', tokens: 'last' });
  await extract();
  for (const [site, values] of await readRun(study, run))
    expect(relativeDifference(values, generated.get(site)!), site).toBeLessThan(1e-4);
});

test('one row of each prompt may be kept in float16', async () => {
  const rows = new Map<string, Awaited<ReturnType<typeof readRun>>>();
  for (const storage of ['float32', 'float16'] as const) {
    await plan(study.folder, [run], { mode: 'read', tokens: 'mean', storage });
    await extract();
    rows.set(storage, await readRun(study, run));
  }
  for (const [site, values] of rows.get('float32')!)
    expect(relativeDifference(rows.get('float16')!.get(site)!, values), site).toBeLessThan(1e-2);
});
