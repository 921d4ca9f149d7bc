import { openCheckpoint } from './checkpoint/checkpoint.js';
import { buildCheckpointGraph } from './checkpoint/checkpoint-graph.js';
import { describeForeign } from './foreign/foreign-subject.js';
import type { UnnamedNodes } from './foreign/unnamed-nodes.js';
import { isForeign } from './model-files.js';
import type { Site } from './site.js';
import { type SitePatterns, selectSites } from './site-patterns.js';

/** What can be said of a model without loading its weights. */
export interface SubjectDescription {
  name: string;
  architecture: string;
  /** The sites that the patterns choose. */
  sites: Site[];
  vocabularySize: number;
  contextLength: number;
  /** Why nothing can be generated from it: it gives no logits of the next token. Undefined where it does. */
  readOnly?: string;
  /** Of somebody else's ONNX file: nodes that carry no module's path, and modules that have no site. */
  unnamed?: UnnamedNodes;
  /** Numbers that the sites give for one token. */
  unitsPerToken: number;
  /** The same as float32. */
  bytesPerToken: number;
}

/** Reads config.json and the tensors' names and shapes, and says which sites the model has; an .onnx file is run once. */
export async function describeSubject(path: string, patterns?: SitePatterns): Promise<SubjectDescription> {
  if (isForeign(path)) return describeForeign(path, patterns);
  const checkpoint = await openCheckpoint(path);
  try {
    const sites = selectSites(buildCheckpointGraph(checkpoint).graph.sites, patterns);
    const unitsPerToken = sites.reduce((sum, { width }) => sum + width, 0);
    return {
      name: checkpoint.name,
      architecture: checkpoint.architecture.name,
      sites,
      vocabularySize: checkpoint.facts.vocabularySize,
      contextLength: checkpoint.facts.contextLength,
      unitsPerToken,
      bytesPerToken: 4 * unitsPerToken,
    };
  } finally {
    await checkpoint.source.close();
  }
}
