import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { advised, Failure, readTextFileIfThere, UserMistake } from '@galvani/terminal';
import { z } from 'zod';
import { writeFileWhole } from './atomic.js';
import { canonicalJson } from './canonical-json.js';
import { type Checksum, sha256, sha256OfFile } from './checksum.js';
import { galvaniVersion } from './version.js';

const sha256Text = z.string().regex(/^[0-9a-f]{64}$/);
const xxh3Text = z.string().regex(/^[0-9a-f]{16}$/);
const digest = z.union([sha256Text, z.string().regex(/^xxh3:[0-9a-f]{16}$/)]);
const bytes = z.number().int().nonnegative();
const checksum = z.union([z.object({ sha256: sha256Text, bytes }), z.object({ xxh3: xxh3Text, bytes })]);

const manifestSchema = z.object({
  galvani: z.string(),
  stage: z.string(),
  /** What the stage was asked to do. */
  parameters: z.record(z.string(), z.unknown()),
  /** The parts of the plan that its results depend on, by stage, those that stages before it followed included. */
  plan: z.record(z.string(), z.unknown()).default({}),
  /** Files (relative to the study's derivatives, or a name for a file elsewhere) that were read, with their digests (`digestOf`). */
  inputs: z.record(z.string(), digest),
  /** Files that were written, relative to the manifest's folder. */
  outputs: z.record(z.string(), checksum),
  /** Counts that readers want without opening the files: units, rows, prompts. */
  facts: z.record(z.string(), z.unknown()),
});

/** The record of one stage's work, in `manifest.json`, written last: a folder with a manifest is whole. */
export type Manifest = z.infer<typeof manifestSchema>;

export const manifestName = 'manifest.json';

/** Describes a written file for a manifest. */
export async function describeOutput(path: string): Promise<Checksum<'sha256'>> {
  return { sha256: await sha256OfFile(path), bytes: (await stat(path)).size };
}

/**
 * Writes `folder/manifest.json`, with a checksum of its own content. The bytes depend on the content alone: no clock, host or
 * absolute path.
 */
export function writeManifest(
  folder: string,
  manifest: Omit<Manifest, 'galvani' | 'plan'> & Partial<Pick<Manifest, 'plan'>>,
): Promise<void> {
  const content = { galvani: galvaniVersion, ...manifest };
  return writeFileWhole(join(folder, manifestName), canonicalJson({ ...content, checksum: checksumOf(content) }));
}

/** Of a manifest's content, its own `checksum` left out. */
function checksumOf({ checksum: _, ...content }: Record<string, unknown>): string {
  return sha256(canonicalJson(content));
}

/** Whether a manifest is as it was written. The text without the line of the checksum is what was hashed, unless somebody laid it out anew. */
function isWhole(text: string, content: Record<string, unknown>): boolean {
  const line = `  "checksum": "${content.checksum}",\n`;
  return sha256(text.replace(line, '')) === content.checksum || checksumOf(content) === content.checksum;
}

const again = () => `run the stage that wrote it, or ${advised('run', 'all')}, again.`;

/** Reads `folder/manifest.json`, or undefined where there is none. One that is damaged, altered or cannot be read is a Failure. */
export async function readManifest(folder: string): Promise<Manifest | undefined> {
  const path = join(folder, manifestName);
  const text = await readTextFileIfThere(path).catch((cause: Error) => {
    // No person wrote it, so that it is nobody's mistake.
    throw cause instanceof UserMistake
      ? new Failure(`${cause.message.replace(/\.$/, '')}: ${again()}`, { cause })
      : cause;
  });
  if (text === undefined) return undefined;
  let content: Record<string, unknown>;
  let manifest: Manifest;
  try {
    content = JSON.parse(text);
    manifest = manifestSchema.parse(content);
  } catch (cause) {
    throw new Failure(`${path} is not a galvani manifest: ${again()}`, { cause });
  }
  if (!isWhole(text, content))
    throw new Failure(
      `${path} differs from its own checksum: it was altered after the ${manifest.stage} stage wrote it, or an earlier galvani did. Run ${advised(manifest.stage, manifest.stage)} again.`,
    );
  return manifest;
}

/** Reads a manifest that must be there: `need` says which stage writes it. */
export async function requireManifest(folder: string, need: string): Promise<Manifest> {
  const manifest = await readManifest(folder);
  if (manifest) return manifest;
  throw new Failure(`${join(folder, manifestName)} is missing: run ${advised(need, need)} first.`);
}
