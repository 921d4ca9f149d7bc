import { createHash } from 'node:crypto';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { canonicalJson, sha256, writeFileWhole } from '@galvani/artifact';
import type { Activations, ImportedSubject, Subject } from '@galvani/model';
import { readTextFileIfThere } from '@galvani/terminal';
import { machinery } from './store/recording-key.js';

/** Tokens of the longest text of a trial. Texts of unequal length test the padding. */
const longest = 4;

/** What trials have found of a subject that is loaded. */
const known = new WeakMap<Subject, Map<string, boolean>>();

/** Does what needs the subject for itself. */
export type Alone = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Whether prompts give the same bits in a batch of `few` as at either end of a batch of `many`, tried with short texts on this
 * processor: kernels may add up in another order when a batch is larger. A store remembers what was found. Never of somebody else's
 * graph, in which rows may depend on each other.
 *
 * @param alone does a trial when nobody else has the subject generate. Default: at once
 */
export async function batchesAgree(
  subject: Subject | ImportedSubject,
  few: number,
  many: number,
  storeFolder: string,
  alone: Alone = (work) => work(),
): Promise<boolean> {
  if ('check' in subject || subject.contextLength <= longest) return false;
  const about = {
    batches: [few, many],
    model: subject.digest,
    sites: subject.sites.map(({ name }) => name),
    half: subject.half,
    summed: subject.summed,
    processor: cpus()[0]?.model ?? '',
    cores: availableParallelism(),
    ...(await machinery()),
  };
  const trial = sha256(canonicalJson(about));
  const own = known.get(subject) ?? new Map<string, boolean>();
  known.set(subject, own);
  const found = own.get(trial);
  if (found !== undefined) return found;
  const memory = join(storeFolder, 'checks', trial);
  const before = await readTextFileIfThere(memory).catch(() => undefined);
  const agree = before === undefined ? await alone(() => tried(subject, few, many)) : before === 'true';
  own.set(trial, agree);
  // A store that cannot be written costs another trial the next time.
  if (before === undefined) await writeFileWhole(memory, String(agree)).catch(() => undefined);
  return agree;
}

async function tried(subject: Subject, few: number, many: number): Promise<boolean> {
  const texts = Array.from({ length: many }, (_, row) =>
    Int32Array.from({ length: 1 + (row % longest) }, (_, i) => (row * 7919 + i * 104_729) % subject.vocabularySize),
  );
  const ends = [0, many - few];
  const [first, last] = await outputsOf(subject, texts, ends, few);
  const [firstAlone] = await outputsOf(subject, texts.slice(0, few), [0], few);
  const [lastAlone] = await outputsOf(subject, texts.slice(-few), [0], few);
  return first === firstAlone && last === lastAlone;
}

/** A digest of all outputs in a first step, of `count` rows from each of `starts` on. */
async function outputsOf(
  subject: Subject,
  prompts: Int32Array[],
  starts: readonly number[],
  count: number,
): Promise<string[]> {
  const digests = starts.map(() => createHash('sha256'));
  const update = (outputs: Activations) => {
    for (const [s, start] of starts.entries())
      for (const { name, width } of subject.sites)
        digests[s].update((outputs.halves ?? outputs.sites).get(name)!.slice(start * width, (start + count) * width));
  };
  const { sums } = await subject.generate({
    prompts,
    newTokens: 1,
    sampling: { method: 'greedy' },
    async onStep(step) {
      for (const [s, start] of starts.entries())
        for (const values of [step.logProbabilities, step.entropies])
          digests[s].update(values.slice(start, start + count));
      if (!subject.summed) update(step);
    },
  });
  if (sums) update(sums);
  return digests.map((digest) => digest.digest('hex'));
}
