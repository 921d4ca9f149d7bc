import type { Site } from '../site.js';
import type { Layout } from './tensor-layout.js';

/** A tensor of which some tokens' numbers are to be handed out. */
export interface Tap {
  /** Name of the site, or of the logits' tap. */
  name: string;
  value: string;
  layout: Layout;
  /** Numbers for a token. */
  width: number;
}

/** A site of an imported file and the tensor that it is. */
export interface ImportedSite extends Site {
  tap: Tap;
  /** The dimensions of a token's numbers: the width, or several that make it. */
  tail: readonly number[];
  /** Whether the tensor is float16. */
  half: boolean;
  /** Why it cannot be intervened on, as the end of a sentence; undefined where it can. */
  fixed?: string;
}
