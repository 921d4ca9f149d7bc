import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Folder of tiny checkpoints with what transformers computes on them, made by the scripts that lie in it. */
const fixtures = fileURLToPath(new URL('./fixtures', import.meta.url));

const checkpointsIn = (groups: string[]): Record<string, string> =>
  Object.fromEntries(
    groups.flatMap((group) =>
      readdirSync(`${fixtures}/${group}`, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => [name, `${fixtures}/${group}/${name}`]),
    ),
  );

/** Folders of all tiny checkpoints that generate, by name. */
export const referenceModels = checkpointsIn(['reference', 'variants']);

/** Those of encoders, which can be read. */
export const encoderModels = checkpointsIn(['encoders']);

/** The folder of a tiny checkpoint. */
export const folderOf = (model: string): string => referenceModels[model] ?? encoderModels[model];

/** What transformers computed for one prompt: per generated token, or of an encoder per token of the text, each site's output. */
export interface ReferencePrompt {
  inputIds: Int32Array;
  /** Empty of an encoder. */
  generated: number[];
  /** [tokens x width] by site. */
  sites: Map<string, Float32Array>;
}

export const readReference = (model: string): ReferencePrompt[] => readPrompts(model, 'expected');

/** Checkpoints of which what lies inside the blocks is there too. */
export const insideModels = Object.keys(referenceModels).filter((name) =>
  existsSync(`${referenceModels[name]}/inside.safetensors`),
);

/** The same prompts with what lies inside the blocks in place of modules' outputs. */
export const readInside = (model: string): ReferencePrompt[] => readPrompts(model, 'inside');

/** Mixtures of experts, with what their experts compute. */
export const mixtures = Object.keys(referenceModels).filter((name) =>
  existsSync(`${referenceModels[name]}/experts.safetensors`),
);

/** The same prompts with experts' hidden units and routers' weights. */
export const readExperts = (model: string): ReferencePrompt[] => readPrompts(model, 'experts');

function readPrompts(model: string, file: 'expected' | 'inside' | 'experts'): ReferencePrompt[] {
  const tensors = readTensors(`${folderOf(model)}/expected.safetensors`);
  const values = file === 'expected' ? tensors : readTensors(`${folderOf(model)}/${file}.safetensors`);
  const prompts: ReferencePrompt[] = [];
  for (let p = 0; tensors.has(`p${p}.input_ids`); p++) {
    const sites = new Map<string, Float32Array>();
    for (const [name, numbers] of values)
      if (name.startsWith(`p${p}.site.`)) sites.set(name.slice(`p${p}.site.`.length), Float32Array.from(numbers));
    prompts.push({
      inputIds: Int32Array.from(tensors.get(`p${p}.input_ids`)!),
      generated: [...(tensors.get(`p${p}.generated`) ?? [])],
      sites,
    });
  }
  return prompts;
}

/** A reader of its own, so that what is tested does not read its own oracle. */
function readTensors(path: string): Map<string, number[]> {
  const bytes = readFileSync(path);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Record<
    string,
    { dtype: string; data_offsets: [number, number] }
  >;
  const tensors = new Map<string, number[]>();
  for (const [name, { dtype, data_offsets }] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const [from, to] = data_offsets.map((offset) => 8 + length + offset);
    const values: number[] = [];
    for (let at = from; at < to; at += dtype === 'I64' ? 8 : 4)
      values.push(dtype === 'I64' ? Number(bytes.readBigInt64LE(at)) : bytes.readFloatLE(at));
    tensors.set(name, values);
  }
  return tensors;
}

/**
 * The largest difference between two recordings of one site, relative to the numbers themselves, or to a tenth of the site's
 * largest number where they are smaller than that: max |a - b| / max(|b|, max|b| / 10).
 */
export function relativeDifference(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) return Number.POSITIVE_INFINITY;
  let scale = 0;
  for (let i = 0; i < expected.length; i++) scale = Math.max(scale, Math.abs(expected[i]));
  let worst = 0;
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs(found[i] - expected[i]) / Math.max(Math.abs(expected[i]), scale / 10);
    if (!(difference <= worst)) worst = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  }
  return worst;
}
