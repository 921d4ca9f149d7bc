/**
 * The only module that imports onnxruntime-node (test/boundaries.test.ts). Imports are evaluated in the order in which they
 * stand, and the library reads the variable of the first one when it is first used.
 */
import './telemetry.js';
import { createRequire } from 'node:module';
import { env } from 'onnxruntime-node';

export { InferenceSession, listSupportedBackends, Tensor } from 'onnxruntime-node';

// What goes wrong is thrown; onnxruntime's own lines would mix with a command's output.
env.logLevel = 'fatal';

/** The version of onnxruntime-node, on which the last digits of results depend. */
export function onnxruntimeVersion(): string {
  return (createRequire(import.meta.url)('onnxruntime-node/package.json') as { version: string }).version;
}
