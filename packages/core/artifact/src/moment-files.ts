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

/** The file of a run that holds a moment of all layers, a row a prompt. */
export const momentFile = (part: 'means' | MomentPart) => `${part}.arrow`;

/**
 * The file of a run that holds the activations of all layers, or their means where prompts are kept, each column with its layer in its metadata. A file
 * of each layer would have the disk confirm many times as many.
 */
export const recordedFile = (keep: 'tokens' | 'prompts') =>
  keep === 'prompts' ? momentFile('means') : 'activations.arrow';
