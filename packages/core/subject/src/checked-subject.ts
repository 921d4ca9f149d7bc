import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, sha256, writeFileWhole } from '@galvani/artifact';
import { describeUnnamed, type ImportedSubject, type Subject, type SubjectOptions, selfCheck } from '@galvani/model';
import { machinery } from './store/recording-key.js';

/**
 * Compares a few tokens of two of the prompts as they are recorded with the plain model (see `selfCheck`), once for a model,
 * its sites and this code: a store remembers what was found right.
 * @throws Failure if the two differ by more than rounding.
 */
export async function checkSubject(
  path: string,
  subject: Subject,
  prompts: readonly Int32Array[],
  options: Pick<SubjectOptions, 'sites' | 'device'>,
  storeFolder: string,
): Promise<void> {
  // One that only reads was compared with its untapped graph when it was opened: there is no cache, batch or step to check.
  if (subject.readOnly) return;
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
  // A store that cannot be written costs another check the next time.
  await writeFileWhole(memory, canonicalJson(result)).catch(() => undefined);
}

/**
 * What a person should know about a subject from somebody else's ONNX file: that onnxruntime computes its logits a little
 * differently where sites are outputs, that modules have no site because nodes do not say which they belong to, and that there
 * are no log probabilities.
 */
export function subjectWarnings(subject: Subject | ImportedSubject): string[] {
  if (!('check' in subject)) return [];
  const { name, check, unnamed, readOnly } = subject;
  const warnings: string[] = [];
  if (check.logits !== 0)
    warnings.push(
      `recording ${name} changes its logits by up to ${check.logits.toExponential(1)}: onnxruntime cannot fuse operators whose outputs are recorded.`,
    );
  if (unnamed.nodes > 0 && unnamed.missing.length > 0) warnings.push(describeUnnamed(name, unnamed));
  if (readOnly) warnings.push(`${name} gives no log probabilities and entropies, which are NaN: ${readOnly}.`);
  return warnings;
}
