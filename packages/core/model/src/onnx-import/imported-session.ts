import { basename } from 'node:path';
import type { InferenceSession, Tensor } from '@galvani/onnx';
import { encodeModel, type ModelProto, runInPlace } from '@galvani/onnx';
import { UserMistake } from '@galvani/terminal';
import { type Device, type GraphOptimization, openSession } from '../session/open-session.js';
import { decodeNumbers } from '../weights/number-format.js';
import type { OnnxFile } from './onnx-file.js';

/** Opens a session over a changed model; what onnxruntime has against it is a mistake about the file. */
export async function openImportedSession(
  model: ModelProto,
  { weights, path }: Pick<OnnxFile, 'weights' | 'path'>,
  device: Device = 'cpu',
  threads?: number,
  optimization?: GraphOptimization,
  prepack?: boolean,
): Promise<InferenceSession> {
  try {
    return await openSession({ bytes: encodeModel(model), ...weights }, device, threads, optimization, prepack);
  } catch (error) {
    if (error instanceof UserMistake || device !== 'cpu') throw error;
    throw new UserMistake(`${basename(path)}: ${sentence(error)}`, { cause: error });
  }
}

/** What fails is thrown; onnxruntime need not print it as well. */
const quiet = { logSeverityLevel: 4 } as const;

/** Runs a session; what fails in the graph is a mistake about the file. */
export async function runImported(
  session: InferenceSession,
  feeds: Record<string, Tensor>,
  fetches: string[],
  path: string,
): Promise<Record<string, Tensor>> {
  try {
    return (await session.run(feeds, fetches, quiet)) as Record<string, Tensor>;
  } catch (cause) {
    throw new UserMistake(`${basename(path)} cannot be run: ${sentence(cause)}`, { cause });
  }
}

/** Runs a session whose graph can be run in place; what fails in the graph is a mistake about the file. */
export async function runImportedInPlace(
  session: InferenceSession,
  feeds: Record<string, Tensor>,
  fetches: Record<string, Tensor>,
  path: string,
): Promise<void> {
  try {
    await runInPlace(session, feeds, fetches, quiet);
  } catch (cause) {
    throw new UserMistake(`${basename(path)} cannot be run: ${sentence(cause)}`, { cause });
  }
}

const sentence = (error: unknown) => (error as Error).message.trim().replace(/\.?$/, '.');

/** A float32 or float16 tensor's numbers. */
export function floatsOf(tensor: Tensor): Float32Array {
  if (tensor.data instanceof Float32Array) return tensor.data;
  if (tensor.type !== 'float16') throw new UserMistake(`a tensor of the type ${tensor.type} holds no activations.`);
  const raw = tensor.data as unknown as Uint16Array;
  const out = new Float32Array(raw.length);
  decodeNumbers(new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength), 'F16', out);
  return out;
}
