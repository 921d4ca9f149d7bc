import type { LossRequest } from './forward/losses.js';
import type { Device } from './session/open-session.js';
import type { Site } from './site.js';
import type { SitePatterns } from './site-patterns.js';
import type { Tokenizer } from './tokenizer/tokenizer.js';

/** A model that tells how badly it predicts texts while units are changed, and nothing else. */
export interface LossSubject {
  name: string;
  /** The sites that can be intervened on. */
  intervened: readonly Site[];
  contextLength: number;
  tokenizer?: Tokenizer;
  losses(request: LossRequest): Promise<Float64Array[]>;
  release(): Promise<void>;
}

export interface LossSubjectOptions {
  /** Sites that can be intervened on. Default: none. */
  interventions?: SitePatterns;
  /** Default: the CPU. */
  device?: Device;
  /** Threads inside an operator; default: one a core. */
  threads?: number;
}
