import { asNumber, type TensorProto } from '@galvani/onnx';
import { UserMistake } from '@galvani/terminal';

/** Bits of a number, by the kinds of onnx.proto's TensorProto.DataType; texts cannot lie outside. */
const bitsOf: Readonly<Record<number, number>> = {
  ...{ 1: 32, 2: 8, 3: 8, 4: 16, 5: 16, 6: 32, 7: 64, 9: 8, 10: 16, 11: 64, 12: 32, 13: 64, 14: 64, 15: 128, 16: 16 },
  ...{ 17: 8, 18: 8, 19: 8, 20: 8, 21: 4, 22: 4, 23: 4, 24: 8, 25: 2, 26: 2 },
};

/** Where a tensor's bytes lie in a file beside the model. */
export interface ExternalPlace {
  offset: number;
  length: number;
}

/**
 * As its entry says; where that has no length, which it need not have, as many bytes as its shape takes, or, of numbers of a kind that is not known here, the
 * rest of the file.
 *
 * @param model path of the .onnx file
 * @param fileSize in bytes
 */
export function externalPlace(tensor: TensorProto, model: string, fileSize: number): ExternalPlace {
  const entry = (key: string) => tensor.externalData?.find((each) => each.key === key)?.value;
  const offset = byteOf(tensor, model, 'offset', entry('offset') ?? '0');
  const needed = bytesByShape(tensor);
  const written = entry('length');
  if (written === undefined) return { offset, length: needed ?? Math.max(0, fileSize - offset) };
  const length = byteOf(tensor, model, 'length', written);
  if (needed !== undefined && needed !== length)
    throw new UserMistake(
      `${model}: the weights of ${JSON.stringify(tensor.name)} take ${needed} bytes by their shape ${JSON.stringify(tensor.dims.map(asNumber))}, and their entry has the length ${length}. Export the model again.`,
    );
  return { offset, length };
}

function byteOf({ name }: TensorProto, model: string, key: string, written: string): number {
  const value = /^\d+$/.test(written) ? Number(written) : Number.NaN;
  if (Number.isSafeInteger(value)) return value;
  throw new UserMistake(
    `${model}: the entry of the weights of ${JSON.stringify(name)} has the ${key} ${JSON.stringify(written.slice(0, 100))}, which has to be a whole number of bytes. Export the model again.`,
  );
}

/** Bytes that a tensor's shape takes, as the file has its numbers; undefined of kinds that are not known here. */
export function bytesByShape({ dims, dataType }: TensorProto): number | undefined {
  const bits = bitsOf[dataType];
  if (bits === undefined) return undefined;
  const bytes = Math.ceil((dims.reduce<number>((product, dim) => product * asNumber(dim), 1) * bits) / 8);
  return Number.isSafeInteger(bytes) && bytes >= 0 ? bytes : undefined;
}
