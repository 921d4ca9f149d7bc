import { InferenceSession, listSupportedBackends } from '@galvani/onnx';
import { Failure, UserMistake } from '@galvani/terminal';
import type { AssembledModel } from './assemble.js';

/** Where the model runs. */
export type Device = 'cpu' | 'cuda' | 'webgpu';

/** How far onnxruntime rewrites a graph; its fusions may remove or change a tensor that is asked for. */
export type GraphOptimization = 'disabled' | 'basic' | 'extended' | 'all';

const chooseDevice = 'A device is chosen with --device, in a study with extraction.device; cpu runs everywhere.';

/**
 * Opens an onnxruntime session on a device. `threads` is the number of threads inside an operator (default: one a core).
 * Without `prepack` weights are not copied into the order in which products read them: half the memory, half the speed.
 */
export async function openSession(
  model: AssembledModel,
  device: Device = 'cpu',
  threads?: number,
  optimization: GraphOptimization = 'all',
  prepack = true,
): Promise<InferenceSession> {
  const offered = listSupportedBackends().map(({ name }) => name);
  if (!offered.includes(device))
    throw new UserMistake(
      `the device ${device} is not offered by onnxruntime-node on this machine; it offers ${offered.join(', ')}. ${chooseDevice}`,
    );
  const settings = {
    ...(model.weightFolder === undefined ? {} : { model_external_initializers_file_folder_path: model.weightFolder }),
    ...(prepack ? {} : { disable_prepacking: '1' }),
  };
  try {
    return await InferenceSession.create(model.bytes, {
      executionProviders: [device],
      externalData: model.externalData,
      extra: { session: settings },
      graphOptimizationLevel: optimization,
      logSeverityLevel: 4,
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    });
  } catch (cause) {
    const reason = plainReason((cause as Error).message);
    if (device !== 'cpu')
      throw new Failure(`the device ${device} cannot be used on this machine: ${reason}. ${chooseDevice}`, {
        cause,
      });
    throw new Failure(`onnxruntime could not open the model: ${reason}.`, { cause });
  }
}

/** What onnxruntime says, without the place in its source or the name of the function that it begins with. */
export function plainReason(message: string): string {
  return message
    .trim()
    .replace(/^\/\S+:\d+ .*? was (?:true|false)\.\s*/s, '')
    .replace(/^Ort\w+:\s*/, '')
    .replace(/\.$/, '');
}
