/**
 * What is stored of each prompt beside the mean over its tokens, by set of moments; `squares` are sums of squares, `first` and `last` the
 * first and last token, `lagged` sums of products of neighbours, all about the prompt's own mean.
 */
export const momentParts = {
  mean: [],
  squares: ['squares'],
  lagged: ['squares', 'first', 'last', 'lagged'],
} as const;

export type MomentSet = keyof typeof momentParts;
export type MomentPart = (typeof momentParts)['lagged'][number];

/** The file of a layer's means (a row a prompt), or of another moment of them. */
export const momentFile = (layer: string, part: 'means' | MomentPart) =>
  part === 'means' ? `${layer}.arrow` : `${layer}.${part}.arrow`;
