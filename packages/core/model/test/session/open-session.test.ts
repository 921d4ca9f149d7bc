import { expect, test } from 'vitest';
import { plainReason } from '../../src/session/open-session.js';

test.each([
  ['OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library', 'Failed to load shared library'],
  [
    '/onnxruntime_src/webgpu_context.cc:133 auto adapter != nullptr was false. Failed to get a WebGPU adapter: No supported adapters.\n',
    'Failed to get a WebGPU adapter: No supported adapters',
  ],
  ['Load model failed: Protobuf parsing failed.', 'Load model failed: Protobuf parsing failed'],
])('of %j a person reads the reason', (message, reason) => {
  expect(plainReason(message)).toBe(reason);
});
