import {
  type ActivationReader,
  type MomentPart,
  type MomentSet,
  momentFile,
  momentParts,
  openActivationLayer,
  type PromptMeans,
  readPromptMeans,
  type Source,
} from '@galvani/artifact';

/** Moments of prompts that a recording stores in place of activations at every token. */
export interface StoredMoments {
  /** What there is beside the means. */
  parts: readonly MomentPart[];
  /** A layer's means or another of its moments, a row for each prompt; whoever opens it closes it. */
  open(layer: string, part: 'means' | MomentPart): Promise<ActivationReader>;
}

/** @param openFile a file of the recording, by its name */
export function storedMoments(set: MomentSet, openFile: (name: string) => Promise<Source>): StoredMoments {
  return {
    parts: momentParts[set],
    open: async (layer, part) => openActivationLayer(await openFile(momentFile(part)), layer),
  };
}

/** Means over prompts where they are stored: a row is a prompt's, so that its mean is itself. */
export async function storedMeans({ open }: StoredMoments, layer: string, prompts: number): Promise<PromptMeans> {
  return readPromptMeans(
    await open(layer, 'means'),
    Array.from({ length: prompts }, (_, p) => p),
  );
}
