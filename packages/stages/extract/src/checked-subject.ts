import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, sha256, writeFileWhole } from '@galvani/artifact';
import { type ForeignSubject, type Subject, type SubjectOptions, selfCheck } from '@galvani/model';
import { machinery } from './store/recording-key.js';

/**
 * Compares a few tokens of two of the prompts as they are recorded with the plain model (see `selfCheck`), once for a model,
 * its sites and this code: a store remembers what was found right.
 * @throws Failure if more than rounding lies between.
 */
export async function checkSubject(
  path: string,
  subject: Subject,
  prompts: readonly Int32Array[],
  options: Pick<SubjectOptions, 'sites' | 'device'>,
  storeFolder: string,
): Promise<void> {
  const about = {
    model: subject.digest,
    sites: subject.sites.map(({ name }) => name),
    device: options.device ?? 'cpu',
    ...(await machinery()),
  };
  const memory = join(storeFolder, 'checks', sha256(canonicalJson(about)));
  if (await stat(memory).catch(() => undefined)) return;
  // The longest and the shortest together test the padding.
  const byLength = [...prompts].sort((a, b) => a.length - b.length);
  const ends = byLength.length > 1 ? [byLength[byLength.length - 1], byLength[0]] : byLength;
  // A prompt that is only read may fill the context; the check wants to generate a token.
  const few = ends.map((tokens) => tokens.subarray(0, subject.contextLength - 1));
  const newTokens = Math.max(1, Math.min(3, subject.contextLength - few[0].length));
  const result = await selfCheck(path, few, { ...options, subject, newTokens });
  await writeFileWhole(memory, canonicalJson(result));
}

/**
 * What a person should know about a subject from somebody else's ONNX file: that onnxruntime computes its logits a little
 * differently where sites are put out. Undefined where they are equal bit for bit.
 */
export function tapWarning(subject: Subject | ForeignSubject): string | undefined {
  if (!('check' in subject) || subject.check.logits === 0) return undefined;
  return `recording ${subject.name} changes its logits by up to ${subject.check.logits.toExponential(1)}: onnxruntime cannot fuse operators whose outputs are recorded.`;
}
