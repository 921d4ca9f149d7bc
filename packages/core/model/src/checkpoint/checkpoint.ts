import { basename, resolve } from 'node:path';
import type { Architecture, ModelFacts } from '../architectures/architecture.js';
import { findArchitecture } from '../architectures/registry.js';
import { openWeights, type WeightSource } from '../weights/weight-source.js';
import { type Config, readConfig } from './config.js';
import { headTensorOf, nameTensors, type Tensors } from './tensors.js';
import { isTied } from './tied-head.js';

/** A checkpoint's folder, opened: what config.json says, and where the tensors are. No weights are read yet. */
export interface Checkpoint {
  name: string;
  folder: string;
  config: Config;
  configBytes: Uint8Array;
  architecture: Architecture;
  facts: ModelFacts;
  source: WeightSource;
  tensors: Tensors;
}

export async function openCheckpoint(folder: string): Promise<Checkpoint> {
  const { config, bytes } = await readConfig(folder);
  if (config.has('quantization_config'))
    config.refuse(
      'quantization_config',
      'and quantised weights are not built; a float16 or float32 version of the model is needed',
    );
  const architecture = findArchitecture(config);
  if (!architecture.encoder && config.raw('is_causal') === false)
    config.refuse('is_causal', 'and only causal attention is built');
  const facts = architecture.read(config);
  const source = await openWeights(folder);
  try {
    const tensors = nameTensors(source, folder, architecture, facts.tied);
    const tied = await isTied(facts.tied, tensors, source, {
      embedding: architecture.base + architecture.embeddingTensor,
      head: headTensorOf(architecture),
    });
    return {
      name: basename(resolve(folder)),
      folder,
      config,
      configBytes: bytes,
      architecture,
      facts: { ...facts, tied },
      source,
      tensors,
    };
  } catch (error) {
    await source.close();
    throw error;
  }
}
