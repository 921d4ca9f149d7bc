import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { pathFingerprint } from '../path-fingerprint.mjs';

const script = fileURLToPath(new URL('../fingerprint.mjs', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'galvani-fingerprint-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const fingerprint = (path: string) => pathFingerprint(join(root, path));

test('it names every file, and another size, time or name changes it', () => {
  mkdirSync(join(root, 'model/shards'), { recursive: true });
  const files = ['model/config.json', 'model/shards/1.safetensors'].map((path) => join(root, path));
  const touch = (path: string, text: string, seconds: number) => {
    writeFileSync(path, text);
    utimesSync(path, seconds, seconds);
  };
  for (const path of files) touch(path, 'abc', 1000);
  const original = fingerprint('model');
  const printed = execFileSync(process.execPath, [script, 'model'], { cwd: root, encoding: 'utf8' });
  expect(printed).toBe('model/config.json 3 1000000\nmodel/shards/1.safetensors 3 1000000\n');
  expect(original).toBe(printed.trimEnd().replaceAll('model/', join(root, 'model/')));
  touch(files[0], 'abcd', 1000);
  expect(fingerprint('model')).not.toBe(original);
  touch(files[0], 'abc', 2000);
  expect(fingerprint('model')).not.toBe(original);
  touch(files[0], 'xyz', 1000);
  expect(fingerprint('model')).toBe(original);
  rmSync(files[1]);
  expect(fingerprint('model')).not.toBe(original);
});

test('a file is its own fingerprint, and what is missing is said to be', () => {
  writeFileSync(join(root, 'prompts.csv'), 'id');
  expect(fingerprint('prompts.csv')).toContain('prompts.csv 2 ');
  expect(fingerprint('nothing')).toBe(`${join(root, 'nothing')} missing`);
});

test('to an .onnx file belongs what lies beside it and above the folder onnx, and no other folder', () => {
  mkdirSync(join(root, 'exported', 'onnx'), { recursive: true });
  mkdirSync(join(root, 'exported', 'notes'));
  const write = (file: string, text: string) => writeFileSync(join(root, 'exported', file), text);
  write('onnx/model.onnx', 'm');
  write('onnx/model.onnx_data', 'w');
  write('notes/a.txt', 'a');
  const bare = fingerprint('exported/onnx/model.onnx');
  write('tokenizer.json', '{}');
  const tokenized = fingerprint('exported/onnx/model.onnx');
  expect(tokenized).not.toBe(bare);
  write('notes/b.txt', 'b');
  expect(fingerprint('exported/onnx/model.onnx')).toBe(tokenized);
  write('onnx/model.onnx_data', 'ww');
  expect(fingerprint('exported/onnx/model.onnx')).not.toBe(tokenized);
  expect(fingerprint('exported/onnx/gone.onnx')).toMatch(/missing/);
});
