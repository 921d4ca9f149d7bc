/** Parts of a model, whose shares models of any depth can be compared by. */
export const modelParts = [
  'embeddings',
  'first quarter',
  'second quarter',
  'third quarter',
  'last quarter',
  'final',
] as const;

export type ModelPart = (typeof modelParts)[number];

/**
 * The part of its model that each layer lies in: embeddings, what comes after all blocks, and quarters of the blocks by relative depth, (k + 0.5) / blocks
 * of block k. Where a model's layers are not called blocks, all but embeddings and final count as such.
 *
 * @param layers in the order of the model
 */
export function partsOfModel(layers: readonly string[]): Map<string, ModelPart> {
  const blocks = layers.filter((layer) => layer !== 'embeddings' && layer !== 'final');
  return new Map(
    layers.map((layer): [string, ModelPart] => {
      if (layer === 'embeddings' || layer === 'final') return [layer, layer];
      const depth = (blocks.indexOf(layer) + 0.5) / blocks.length;
      return [layer, modelParts[1 + Math.floor(4 * depth)]];
    }),
  );
}
