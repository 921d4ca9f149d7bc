import type { Config } from '../checkpoint/config.js';
import type { Architecture, ModelFacts } from './architecture.js';
import { opt } from './opt/opt.js';

/** Every architecture that is built here. A new one is a folder beside these and a line in this list. */
export const architectures: Architecture[] = [opt].map((a) => a as unknown as Architecture<ModelFacts>);

/** The architecture that config.json's model_type names. */
export function findArchitecture(config: Config): Architecture {
  const type = config.text('model_type');
  const found = architectures.find(({ modelTypes }) => modelTypes.includes(type));
  if (!found)
    config.refuse(
      'model_type',
      `and the families that are built from checkpoints are ${architectures.flatMap((a) => a.modelTypes).join(', ')}; a model of another family can be exported to ONNX and given as an .onnx file`,
    );
  return found as Architecture;
}
