/**
 * What tests import as onnxruntime-node: the real one, whose sessions have one thread unless they ask for more. Its threads wait for
 * work by spinning, which on the cores that run the tests took a quarter of the models' time. Processes that tests start have threads
 * as they come.
 */
import { createRequire } from 'node:module';

const runtime: typeof import('onnxruntime-node') = createRequire(
  new URL('../packages/core/onnx/package.json', import.meta.url),
)('onnxruntime-node');

const { create } = runtime.InferenceSession;
Object.assign(runtime.InferenceSession, {
  create: (model: Uint8Array, options?: object) =>
    create.call(runtime.InferenceSession, model, { intraOpNumThreads: 1, ...options }),
});

export const { InferenceSession, Tensor, env, listSupportedBackends } = runtime;
