import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure, readTextFileIfThere } from '@galvani/terminal';
import { z } from 'zod';
import { writeFileWhole } from './atomic.js';
import { canonicalJson } from './canonical-json.js';
import { sha256OfFile } from './checksum.js';

/** The version that manifests carry; also galvani's version. */
export const galvaniVersion = '0.1.0';

const digest = z.string().regex(/^[0-9a-f]{64}$/);

const manifestSchema = z.object({
  galvani: z.string(),
  stage: z.string(),
  /** What the stage was asked to do. */
  parameters: z.record(z.string(), z.unknown()),
  /** Files (relative to the study's derivatives, or a name for a file elsewhere) that were read, with their SHA-256. */
  inputs: z.record(z.string(), digest),
  /** Files that were written, relative to the manifest's folder. */
  outputs: z.record(z.string(), z.object({ sha256: digest, bytes: z.number().int().nonnegative() })),
  /** Counts that readers want without opening the files: units, rows, prompts. */
  facts: z.record(z.string(), z.unknown()),
});

/** The record of one stage's work, in `manifest.json`, written last: a folder with a manifest is whole. */
export type Manifest = z.infer<typeof manifestSchema>;

export const manifestName = 'manifest.json';

/** Describes a written file for a manifest. */
export async function describeOutput(path: string): Promise<{ sha256: string; bytes: number }> {
  return { sha256: await sha256OfFile(path), bytes: (await stat(path)).size };
}

/** Writes `folder/manifest.json`. The bytes depend on the content alone: no clock, host or absolute path. */
export function writeManifest(folder: string, manifest: Omit<Manifest, 'galvani'>): Promise<void> {
  return writeFileWhole(join(folder, manifestName), canonicalJson({ galvani: galvaniVersion, ...manifest }));
}

/** Reads `folder/manifest.json`, or undefined where there is none. A damaged manifest is a Failure. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  const path = join(folder, manifestName);
  const text = await readTextFileIfThere(path);
  if (text === undefined) return undefined;
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new Failure(`${path} is not a galvani manifest. Delete its folder and run the stage again.`, { cause });
  }
}

/** Reads a manifest that must be there: `need` says which stage writes it. */
export async function requireManifest(folder: string, need: string): Promise<Manifest> {
  const manifest = await readManifest(folder);
  if (manifest) return manifest;
  throw new Failure(`${join(folder, manifestName)} is missing: run the ${need} stage first.`);
}

/** Names of outputs whose file is missing or differs from its checksum. */
export async function damagedOutputs(folder: string, manifest: Manifest): Promise<string[]> {
  const damaged: string[] = [];
  for (const [name, expected] of Object.entries(manifest.outputs)) {
    const found = await describeOutput(join(folder, name)).catch(() => undefined);
    if (found?.sha256 !== expected.sha256) damaged.push(name);
  }
  return damaged;
}
