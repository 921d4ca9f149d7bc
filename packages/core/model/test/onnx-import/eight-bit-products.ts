import { elementType, encodeModel, graphNode, InferenceSession, Tensor } from '@galvani/onnx';

/**
 * Whether onnxruntime's products of unsigned by signed numbers of eight bits are right on this processor. Without VNNI they are added up in pairs in 16 bits,
 * where large ones saturate, and what a quantized file gives is far from what its numbers say
 * (https://onnxruntime.ai/docs/performance/model-optimizations/quantization.html, "When and why do I need to try U8U8").
 */
export async function productsAreRight(): Promise<boolean> {
  const length = 64;
  const info = (name: string, type: number, dims: number[]) => ({
    name,
    type: { tensorType: { elemType: type, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } },
  });
  const bytes = encodeModel({
    irVersion: 9,
    opsetImport: [{ domain: '', version: 17 }],
    graph: {
      name: 'product',
      node: [graphNode('MatMulInteger', ['a', 'b'], ['c'])],
      initializer: [],
      input: [info('a', 2, [1, length]), info('b', 3, [length, 8])],
      output: [info('c', elementType.int32, [1, 8])],
      valueInfo: [],
    },
  });
  const session = await InferenceSession.create(bytes);
  const { c } = await session.run({
    a: new Tensor('uint8', new Uint8Array(length).fill(255), [1, length]),
    b: new Tensor('int8', new Int8Array(8 * length).fill(127), [length, 8]),
  });
  await session.release();
  return (c.data as Int32Array).every((value) => value === 255 * 127 * length);
}
