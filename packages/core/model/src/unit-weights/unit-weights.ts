import { UserMistake } from '@galvani/terminal';
import type { Checkpoint } from '../checkpoint/checkpoint.js';
import { buildCheckpointGraph } from '../checkpoint/checkpoint-graph.js';
import { withCheckpoint } from '../checkpoint/checkpoint-subject.js';
import { isOnnxFile } from '../model-files.js';
import { whyFixed } from '../site.js';
import { indexGraph } from './graph-index.js';
import { readingWeights } from './reading-weights.js';
import type { SiteWeights } from './weight-slices.js';
import { writingWeights } from './writing-weights.js';

/** Which weights a model's units are written by and read by. */
export interface ModelWeights {
  /** Name of the folder. */
  name: string;
  architecture: string;
  /** In the order in which sites run. */
  sites: SiteWeights[];
  /** The token embedding's table, where it is the head's too. */
  tied?: string;
}

/**
 * Says of every site of a checkpoint on which the model goes on which rows, columns and numbers of which parameters write to its units and which read from them.
 * It follows from the graph that is run, so that every architecture that is built has it; config.json and the tensors' names and
 * shapes are read, no weights. Parameters have the names that `AutoModelForCausalLM` of transformers 5 gives them, whatever prefix the
 * file's names have.
 *
 * @throws UserMistake for an .onnx file, and for a mixture of experts
 */
export async function describeUnitWeights(path: string): Promise<ModelWeights> {
  if (isOnnxFile(path))
    throw new UserMistake(
      `${path} is an ONNX file, which does not say which parameters its weights are: name weights of a checkpoint folder in Hugging Face's layout, which it was exported from.`,
    );
  return withCheckpoint(path, async (checkpoint) => {
    const { architecture, facts, name } = checkpoint;
    const own = underOwnNames(checkpoint);
    const known = buildCheckpointGraph(own).graph.sites.filter((site) => whyFixed(site) === undefined);
    if (known.some(({ kind }) => kind === 'router'))
      throw new UserMistake(
        `${path} is a mixture of experts, whose matrices transformers stacks in three dimensions: which of their numbers belong to a unit is not described.`,
      );
    const { graph } = buildCheckpointGraph(own, { recorded: new Set(known.map(({ name }) => name)) });
    const index = indexGraph(graph);
    const sites = known.map((site) => ({ site, ...writingWeights(index, site), ...readingWeights(index, site) }));
    const tied = facts.tied ? { tied: architecture.base + architecture.embeddingTensor } : {};
    return { name, architecture: architecture.name, sites, ...tied };
  });
}

/** The same checkpoint, its tensors called as the modules of transformers have them and not as the file does. */
function underOwnNames(checkpoint: Checkpoint): Checkpoint {
  const { tensors } = checkpoint;
  return {
    ...checkpoint,
    tensors: {
      ...tensors,
      require: (name, shape) => {
        tensors.require(name, shape);
        return name;
      },
    },
  };
}
