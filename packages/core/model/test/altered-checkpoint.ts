import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { folderOf } from './reference.js';

export interface Entry {
  dtype: string;
  shape: number[];
  data: Buffer;
}

/** What is changed. */
export interface Altered {
  tensors?(all: Map<string, Entry>): void;
  config?(json: Record<string, unknown>): void;
}

/** A copy of a tiny checkpoint with changed tensors and config.json, in a folder that is removed after the test. */
export function alteredCheckpoint(model: string, { tensors, config }: Altered): string {
  const from = folderOf(model);
  const folder = mkdtempSync(join(tmpdir(), 'galvani-model-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const json = JSON.parse(readFileSync(join(from, 'config.json'), 'utf8'));
  config?.(json);
  writeFileSync(join(folder, 'config.json'), JSON.stringify(json));
  const all = readEntries(readFileSync(join(from, 'model.safetensors')));
  tensors?.(all);
  writeFileSync(join(folder, 'model.safetensors'), writeEntries(all));
  return folder;
}

/** Renames tensors; those that `to` gives no name are dropped. */
export function renameTensors(all: Map<string, Entry>, to: (name: string) => string | undefined): void {
  for (const [name, entry] of [...all]) {
    all.delete(name);
    const other = to(name);
    if (other) all.set(other, entry);
  }
}

function readEntries(bytes: Buffer): Map<string, Entry> {
  const start = 8 + Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, start));
  const entries = new Map<string, Entry>();
  for (const [name, { dtype, shape, data_offsets: offsets }] of Object.entries<
    Entry & { data_offsets: [number, number] }
  >(header))
    if (name !== '__metadata__')
      entries.set(name, { dtype, shape, data: bytes.subarray(start + offsets[0], start + offsets[1]) });
  return entries;
}

function writeEntries(all: Map<string, Entry>): Buffer {
  let at = 0;
  const header: Record<string, object> = {};
  for (const [name, { dtype, shape, data }] of all) {
    header[name] = { dtype, shape, data_offsets: [at, at + data.length] };
    at += data.length;
  }
  const json = Buffer.from(JSON.stringify(header).padEnd(Math.ceil(JSON.stringify(header).length / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, ...[...all.values()].map(({ data }) => data)]);
}
