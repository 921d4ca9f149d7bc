/**
 * What kind of place a site's numbers come out of. `block`: a whole transformer block's output, the residual stream after it. Inside modules:
 * `gated`, the product of a gate and what it lets through, such as a feed-forward's hidden units; `residual`, the stream between attention and
 * feed-forward; `query`, `key`, `value`; `z`, what attention's heads hand to the output projection; `heads`, the length of what each of them
 * adds to the stream; `pattern`, where they look; `router`, the weights of experts.
 */
export type SiteKind =
  | 'embedding'
  | 'norm'
  | 'linear'
  | 'activation'
  | 'block'
  | 'head'
  | 'gated'
  | 'residual'
  | 'query'
  | 'key'
  | 'value'
  | 'z'
  | 'heads'
  | 'pattern'
  | 'router'
  | 'other';

/** A named place in a model: the region whose units are recorded. */
export interface Site {
  /**
   * Hugging Face's module path, such as `model.decoder.layers.3.fc1`, for what the module gives; of what lies inside a module its path, `#` and
   * what it is, such as `model.layers.3.mlp#gated`.
   */
  name: string;
  /** Units: numbers for each token. */
  width: number;
  kind: SiteKind;
  /** The group of sites that shares a file: `embeddings`, `block-00`, `block-01`, …, `final`. */
  layer: string;
}

/** Name of a site that lies inside a module. */
export const insideModule = (module: string, what: string) => `${module}#${what}`;

/** Path of the module that a site is the output of, or lies in. */
export const moduleOf = (name: string) => name.split('#')[0];

/** Whether a site lies inside a module, and is not its output. */
export const liesInside = (name: string) => name.includes('#');

/** Whether a site is recorded where nobody says which: modules' outputs are, and the hidden units of a gated feed-forward. */
export const recordedByDefault = ({ name, kind }: Pick<Site, 'name' | 'kind'>) => !liesInside(name) || kind === 'gated';

/** Why a site of a checkpoint cannot be intervened on, as the end of a sentence; undefined where it can. */
export const whyFixed = ({ kind }: { kind: string }): string | undefined =>
  kind === 'heads' || kind === 'pattern'
    ? 'it is computed beside the model, which does not go on from it; the site that ends in #z holds the same heads’ outputs'
    : undefined;
