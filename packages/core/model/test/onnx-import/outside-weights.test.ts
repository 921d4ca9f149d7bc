import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { decodeModel, encodeModel } from '@galvani/onnx';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { examineImported } from '../../src/onnx-import/imported-model.js';
import { openImported } from '../../src/onnx-import/imported-subject.js';
import { readOnnxFile } from '../../src/onnx-import/onnx-file.js';
import { greedy } from '../recording.js';
import { fixture } from './exported-file.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'galvani-outside-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const [model, data] = [fixture('gpt2-external'), `${fixture('gpt2-external')}_data`];

async function logProbabilitiesOf(path: string) {
  const subject = await openImported(path, { threads: 1 });
  const { logProbabilities } = await subject.generate({
    ...{ prompts: [Int32Array.of(5, 6, 7)], newTokens: 3, sampling: greedy },
  });
  await subject.release();
  return [...logProbabilities[0]];
}

/** A folder whose files are links to copies in other folders, by their names and those of the copies. */
function linked(copies: Record<string, string>): string {
  const links = join(folder, 'snapshot');
  mkdirSync(links);
  for (const [name, copy] of Object.entries(copies)) {
    mkdirSync(join(folder, copy, '..'), { recursive: true });
    copyFileSync(name === basename(model) ? model : data, join(folder, copy));
    symlinkSync(join('..', copy), join(links, name));
  }
  return join(links, basename(model));
}

/** Entries of a tensor's external data as somebody's exporter may write them. */
type Entries = (offset: number, length: number) => Record<string, string>;
const usual: Entries = (offset, length) => ({ offset: String(offset), length: String(length) });

/** A copy of a file whose constants, shapes among them, lie beside it. */
function constantsBeside(source: string, entriesOf = usual): string {
  const held = decodeModel(readFileSync(source));
  const parts: Uint8Array[] = [];
  let offset = 0;
  for (const { opType, attribute } of held.graph.node)
    for (const { t } of opType === 'Constant' ? attribute : []) {
      if (!t?.rawData || t.dims.length === 0) continue;
      const entries = { location: 'constants', ...entriesOf(offset, t.rawData.length) };
      t.externalData = Object.entries(entries).map(([key, value]) => ({ key, value }));
      t.dataLocation = 1;
      parts.push(t.rawData);
      offset += t.rawData.length;
      t.rawData = undefined;
    }
  expect(offset).toBeGreaterThan(0);
  writeFileSync(join(folder, 'constants'), Buffer.concat(parts));
  writeFileSync(join(folder, 'model.onnx'), encodeModel(held));
  return join(folder, 'model.onnx');
}

describe('weights of an .onnx file', () => {
  test('are not held in memory', async () => {
    const path = fixture('gpt2-plain');
    const { model: read, weights, files } = await readOnnxFile(path);
    expect(files).toEqual([path]);
    expect(weights.externalData).toEqual([]);
    const held = read.graph.initializer.map(({ rawData }) => rawData?.buffer?.byteLength ?? 0);
    expect(Math.max(...held)).toBeLessThan(statSync(path).size / 2);
  });

  test('are found where its files are links into one folder under other names, as in the Hub’s cache', async () => {
    const path = linked({ 'model.onnx': 'blobs/1f', 'model.onnx_data': 'blobs/2e' });
    expect((await readOnnxFile(path)).weights.externalData).toEqual([]);
    expect(await logProbabilitiesOf(path)).toEqual(await logProbabilitiesOf(model));
  });

  test('are in the graph where they are small, as shapes are, from which onnxruntime infers others', async () => {
    const path = constantsBeside(fixture('gpt2-plain'));
    expect(await logProbabilitiesOf(path)).toEqual(await logProbabilitiesOf(fixture('gpt2-plain')));
  });

  test('take as many bytes as their shapes where their entries have no length', async () => {
    const path = constantsBeside(fixture('gpt2-plain'), (offset) => ({ offset: String(offset) }));
    expect(await logProbabilitiesOf(path)).toEqual(await logProbabilitiesOf(fixture('gpt2-plain')));
    truncateSync(join(folder, 'constants'), statSync(join(folder, 'constants')).size - 1);
    await expect(readOnnxFile(path)).rejects.toThrow(/constants has \d+ bytes, and .* at least \d+: it is cut short/);
  });

  test.each<[string, Entries, RegExp]>([
    ['start before the file', () => ({ offset: '-1' }), /has the offset "-1", which has to be a whole number of bytes/],
    ['have a text as length', () => ({ length: 'all' }), /has the length "all", which has to be a whole number/],
    [
      'do not fit their shapes',
      (_, length) => ({ length: String(length + 8) }),
      /by their shape \[1\], and .* length 16/,
    ],
  ])('are refused with a sentence where they %s', async (_, entriesOf, pattern) => {
    await expect(readOnnxFile(constantsBeside(fixture('gpt2-plain'), entriesOf))).rejects.toThrow(pattern);
  });

  test('are read where its files are links into two folders', async () => {
    const path = linked({ 'model.onnx': 'one/model.onnx', 'model.onnx_data': 'two/model.onnx_data' });
    expect((await readOnnxFile(path)).weights.weightFolder).toBeUndefined();
    expect(await logProbabilitiesOf(path)).toEqual(await logProbabilitiesOf(model));
  });
});

test('what was found of a file is found once, until the file changes', async () => {
  const path = join(folder, 'model.onnx');
  copyFileSync(fixture('gpt2-plain'), path);
  const [first, again] = [await examineImported(path), await examineImported(path)];
  expect(again.sites).toBe(first.sites);
  expect(again.ports).not.toBe(first.ports);
  copyFileSync(fixture('opt-past'), path);
  expect((await examineImported(path)).sites.map(({ name }) => name)).toContain('model.decoder.layers.0');
  writeFileSync(join(folder, 'config.json'), JSON.stringify({ max_position_embeddings: 9 }));
  expect((await examineImported(path)).companions.contextLength).toBe(9);
});
