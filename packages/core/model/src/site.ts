/** What kind of module a site's numbers come out of. `block`: a whole transformer block's output, the residual stream after it. */
export type SiteKind = 'embedding' | 'norm' | 'linear' | 'activation' | 'block' | 'head' | 'other';

/** A named output of a module: the region whose units are recorded. */
export interface Site {
  /** Hugging Face's module path, such as `model.decoder.layers.3.fc1`. */
  name: string;
  /** Units: numbers for each token. */
  width: number;
  kind: SiteKind;
  /** The group of sites that shares a file: `embeddings`, `block-00`, `block-01`, …, `final`. */
  layer: string;
}
