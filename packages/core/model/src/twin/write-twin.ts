import { copyFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { randomStream } from '@galvani/numerics';
import { UserMistake } from '@galvani/terminal';
import { openCheckpoint } from '../checkpoint/checkpoint.js';
import { buildCheckpointGraph } from '../checkpoint/checkpoint-graph.js';
import { isOnnxFile } from '../model-files.js';
import { subjectFiles } from '../subject-files.js';
import { bitsOf, isWeightFormat, weightFormats } from '../weights/number-format.js';
import { writeSafetensors } from '../weights/safetensors-write.js';
import { wordsOf } from '../weights/tensor-read.js';
import { permute } from './permute.js';
import { twinStreams } from './twin-streams.js';

/**
 * Writes the untrained twin of a checkpoint into a folder that is there and empty: config and tokenizer as they are, and in
 * model.safetensors every tensor with its values in random order, bit for bit those of the original and in its format. So each
 * tensor keeps its distribution, and what was learned is lost. Tensors that share numbers (a tied head) share the order. The same
 * checkpoint and seed give the same bytes; one tensor is in memory at a time.
 *
 * @param model a folder in Hugging Face's layout
 * @param seed each tensor has a stream of its own: `randomStream(seed, 'twin', name)`
 * @throws UserMistake for an .onnx file, and for weights that are not plain floating-point numbers
 */
export async function writeTwin(model: string, seed: number, folder: string): Promise<void> {
  if (isOnnxFile(model))
    throw new UserMistake(
      `${model} is an .onnx file, which has no twin: which of its numbers are weights, and which belong together, is not known. Name the folder of the checkpoint that it was exported from.`,
    );
  const checkpoint = await openCheckpoint(model);
  const { source } = checkpoint;
  try {
    for (const constant of buildCheckpointGraph(checkpoint).graph.constants)
      if (constant.kind === 'checkpoint') requirePlain(model, constant.tensor, source.dtype(constant.tensor));
    const streams = await twinStreams(checkpoint);
    const tensors = source.names().map((name) => ({ name, dtype: source.dtype(name), shape: source.shape(name) }));
    await writeSafetensors(join(folder, 'model.safetensors'), tensors, async (name) => {
      const bytes = await source.readBytes(name);
      const dtype = source.dtype(name);
      // What else a file holds (attention masks, positions) is no weight.
      if (isWeightFormat(dtype))
        permute(wordsOf(bytes, bitsOf(dtype)! / 8), randomStream(seed, 'twin', streams.get(name)!));
      return bytes;
    });
    const weights = new Set(source.files);
    for (const file of await subjectFiles(model))
      if (!weights.has(file)) await copyFile(file, join(folder, basename(file)));
  } finally {
    await source.close();
  }
}

function requirePlain(model: string, name: string, dtype: string): void {
  if (isWeightFormat(dtype)) return;
  throw new UserMistake(
    `${model} has no twin: its tensor ${JSON.stringify(name)} is stored as ${dtype}, and quantised numbers belong to their scales. A twin is made of weights stored as ${weightFormats.join(', ')}; name such a version of the model.`,
  );
}
