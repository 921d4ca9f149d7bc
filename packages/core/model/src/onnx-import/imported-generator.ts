import type { InferenceSession } from '@galvani/onnx';
import type { GroupMemory, SiteMemory } from './group-memory.js';
import type { ImportedPorts } from './imported-inputs.js';
import type { ImportedSite } from './imported-site.js';

/**
 * Whether keys and values come out as large as the texts so far, of runs of whole texts and of those that have others cached; undefined until it
 * was seen. Then memory for them can be made before a run.
 */
export interface CacheGrowth {
  first?: boolean;
  later?: boolean;
}

/** A tapped session over an imported graph. */
export interface ImportedGenerator {
  path: string;
  session: InferenceSession;
  sites: readonly ImportedSite[];
  /** The sites that can be intervened on. */
  intervened: readonly ImportedSite[];
  ports: ImportedPorts;
  vocabularySize: number;
  contextLength: number;
  /** Whether a new token's keys and values are cached right behind its text's own, in the place of padding. Default: behind all columns. */
  packsCache?: boolean;
  /** Why it cannot be generated from, where it cannot. */
  readOnly?: string;
  /** What its runs have shown. */
  growth: CacheGrowth;
  /** That of the last generation, while none is under way. */
  memory?: ImportedMemory;
}

/** Memory that one generation after another may use. */
export interface ImportedMemory {
  /** Groups of what sizes it is for. */
  sizes: string;
  groups: GroupMemory[];
  /** What steps hand out, by turns, so that the one before can be stored while the next runs. */
  steps: [SiteMemory, SiteMemory];
}
