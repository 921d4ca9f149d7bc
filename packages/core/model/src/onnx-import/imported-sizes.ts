import { asNumber, elementType, type GraphProto, type TensorProto } from '@galvani/onnx';
import { bytesByShape } from './external-place.js';
import type { ImportedPorts } from './imported-inputs.js';

const floats: readonly number[] = [elementType.float32, elementType.float16, elementType.bfloat16, elementType.float64];

/** Bytes of a graph's weights: of floating-point numbers as float32, of quantized ones as they are. */
export function weightBytesOf({ initializer }: GraphProto): number {
  return initializer.reduce((sum, tensor) => sum + bytesOf(tensor), 0);
}

function bytesOf(tensor: TensorProto): number {
  const { dims, dataType } = tensor;
  if (floats.includes(dataType)) return 4 * dims.reduce<number>((product, dim) => product * asNumber(dim), 1);
  return bytesByShape(tensor) ?? 0;
}

/** Bytes of keys and values, as float32, for each token of each text. */
export function cacheBytesOf({ inputs, caches }: ImportedPorts): number {
  const numbers = caches.map(({ past }) => {
    const { shape } = inputs.find(({ name }) => name === past)!;
    return shape.slice(1).reduce<number>((product, dim) => product * (typeof dim === 'number' ? dim : 1), 1);
  });
  return 4 * numbers.reduce((a, b) => a + b, 0);
}
