import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson, sha256, writeFileWhole } from '@galvani/artifact';
import { describeUnnamed, type ImportedSubject, type Subject, type SubjectOptions, selfCheck } from '@galvani/model';
import { machinery } from './store/recording-key.js';

/** What is known of a subject before it is loaded. */
type KnownSubject = Pick<Subject, 'digest' | 'sites' | 'readOnly' | 'contextLength'>;

/**
 * Loads a subject, after a comparison of a few tokens of two of the prompts as they are recorded with the plain model (see
 * `selfCheck`), once for a model, its sites and this code: a store remembers what was found right. Of a checkpoint one model is in
 * memory at a time.
 *
 * @param load loads it as it is recorded
 * @throws Failure if the two differ by more than rounding.
 */
export async function loadChecked(
  path: string,
  load: () => Promise<Subject>,
  known: KnownSubject,
  prompts: readonly Int32Array[],
  options: Pick<SubjectOptions, 'sites' | 'device' | 'summed'>,
  storeFolder: string,
): Promise<Subject> {
  // An .onnx file that only reads is compared with its untapped graph when it is opened, and of an encoder there is no cache or step to check.
  if (known.readOnly) return load();
  const about = {
    model: known.digest,
    sites: known.sites.map(({ name }) => name),
    ...(options.summed && { summed: true }),
    device: options.device ?? 'cpu',
    ...(await machinery()),
  };
  const memory = join(storeFolder, 'checks', sha256(canonicalJson(about)));
  if (await stat(memory).catch(() => undefined)) return load();
  // The longest and the shortest together test the padding.
  const byLength = [...prompts].sort((a, b) => a.length - b.length);
  const ends = byLength.length > 1 ? [byLength[byLength.length - 1], byLength[0]] : byLength;
  // A prompt that is only read may fill the context; the check wants to generate a token.
  const few = ends.map((tokens) => tokens.subarray(0, known.contextLength - 1));
  const newTokens = Math.max(1, Math.min(3, known.contextLength - few[0].length));
  const { worst, difference, subject } = await selfCheck(path, few, { ...options, subject: load, newTokens });
  // A store that cannot be written costs another check the next time.
  await writeFileWhole(memory, canonicalJson({ worst, difference })).catch(() => undefined);
  return subject;
}

/**
 * What a person should know about a subject: that there are no log probabilities; and of somebody else's ONNX file that onnxruntime computes its
 * logits a little differently where sites are outputs, and that modules have no site because nodes do not say which they belong to.
 */
export function subjectWarnings(subject: Subject | ImportedSubject): string[] {
  const { name, readOnly } = subject;
  const unknown = readOnly ? [`${name} gives no log probabilities and entropies, which are NaN: ${readOnly}.`] : [];
  if (!('check' in subject)) return unknown;
  const { check, unnamed } = subject;
  const warnings: string[] = [];
  if (check.logits !== 0)
    warnings.push(
      `recording ${name} changes its logits by up to ${check.logits.toExponential(1)}: onnxruntime cannot fuse operators whose outputs are recorded.`,
    );
  if (unnamed.nodes > 0 && unnamed.missing.length > 0) warnings.push(describeUnnamed(name, unnamed));
  return [...warnings, ...unknown];
}
