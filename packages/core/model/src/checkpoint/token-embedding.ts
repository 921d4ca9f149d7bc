import { isOnnxFile } from '../model-files.js';
import { openCheckpoint } from './checkpoint.js';

/** The table of a model's token embeddings. */
export interface TokenEmbedding {
  /** [vocabulary x width], row-major, as the checkpoint holds it: Gemma's factor, or OPT-350M's projection, comes after it. */
  values: Float32Array;
  width: number;
}

/**
 * Reads the table of token embeddings from a checkpoint's folder. Undefined for an .onnx file, which does not say which of its
 * tensors that is.
 * @throws UserMistake for a checkpoint that is not built, or whose table has not a row for each token of the vocabulary
 */
export async function readTokenEmbedding(path: string): Promise<TokenEmbedding | undefined> {
  if (isOnnxFile(path)) return undefined;
  const { architecture, facts, source, tensors } = await openCheckpoint(path);
  try {
    const name = architecture.base + architecture.embeddingTensor;
    const [, width = facts.hiddenSize] = tensors.shape(name);
    const stored = tensors.require(name, [facts.vocabularySize, width]);
    return { values: await source.readFloat32(stored), width };
  } finally {
    await source.close();
  }
}
