import type { ReadingRequest } from './forward/read.js';
import type { Generation, GenerationRequest } from './forward/request.js';
import type { UnnamedNodes } from './onnx-import/unnamed-nodes.js';
import type { Device, GraphOptimization } from './session/open-session.js';
import type { Site } from './site.js';
import type { SitePatterns } from './site-patterns.js';
import type { Tokenizer } from './tokenizer/tokenizer.js';

export interface SubjectOptions {
  /** Sites that are recorded; default: modules’ outputs and gated products (`recordedByDefault`). */
  sites?: SitePatterns;
  /** Default: the CPU. */
  device?: Device;
  /** Threads inside an operator; default: one a core. */
  threads?: number;
  /** The model's digest, if it is known: computing it reads all weights. */
  digest?: string;
  /** Sites that can be intervened on; default: none, and the graph has nothing that it would take. */
  interventions?: SitePatterns;
  /** false: no site is an output of the graph, which is for comparison only. Default: true. */
  tap?: boolean;
  /** true: activations are given as float16, rounded to nearest. An ONNX file's stays float32. Default: false. */
  half?: boolean;
  /**
   * true: a generation gives, in place of each token's activations, each prompt's sum over its tokens (`Generation.sums`), and nothing can
   * be read. An ONNX file's subject gives each token's all the same. Default: false.
   */
  summed?: boolean;
  /** Of an ONNX file: how far onnxruntime rewrites its graph. Default: as far as recording changes nothing. */
  optimization?: GraphOptimization;
  /** true: slower, and without a second copy of the weights in memory. Default: false. */
  frugal?: boolean;
}

/** A language model, ready to be presented with prompts and recorded. */
export interface Subject {
  /** Name of the folder or file. */
  name: string;
  architecture: string;
  /** The sites that are recorded, in the order in which they run. */
  sites: Site[];
  /** The sites that can be intervened on. */
  intervened: readonly Site[];
  /** Whether activations come as float16 (`halves`) and not as float32 (`sites`). */
  half: boolean;
  /** Whether a generation gives each prompt's sum over its tokens, and not each token's activations. */
  summed: boolean;
  vocabularySize: number;
  /** Most tokens of prompt and continuation together. */
  contextLength: number;
  /** Why nothing can be generated from it: it gives no logits of the next token. Undefined where it does. */
  readOnly?: string;
  /** SHA-256 in hex over config, weights and tokenizer: the model's identity in cache keys. */
  digest: string;
  tokenizer?: Tokenizer;
  /** Ids of the tokens that end a text; none where no file of the model says. */
  endTokens: readonly number[];
  generate(request: GenerationRequest): Promise<Generation>;
  /** The activations at every position of given texts, without generating. Log probabilities and entropies of a model that can only be read are NaN. */
  read(request: ReadingRequest): Promise<void>;
  /** Frees the session's memory. The subject cannot be used after that. */
  release(): Promise<void>;
}

/** What can be said of a model without loading its weights. */
export interface SubjectDescription {
  name: string;
  architecture: string;
  /** The sites that the patterns choose. */
  sites: Site[];
  /** Of a checkpoint: others that lie inside its modules, which a pattern with a `#` would choose. */
  further?: Site[];
  vocabularySize: number;
  contextLength: number;
  /** Why nothing can be generated from it: it gives no logits of the next token. Undefined where it does. */
  readOnly?: string;
  /** Of somebody else's ONNX file: nodes that carry no module's path, and modules that have no site. */
  unnamed?: UnnamedNodes;
  /** Of somebody else's ONNX file: the sites that cannot be intervened on, and why, as the end of a sentence. */
  fixed?: { name: string; why: string }[];
  /** Numbers that the sites give for one token. */
  unitsPerToken: number;
  /** The same as float32. */
  bytesPerToken: number;
  /** Bytes of its weights as float32, as they are computed with; what an .onnx file has quantized as it is. */
  weightBytes: number;
  /** Bytes of the keys and values, float32, that each token of each text in a batch takes while it is generated from or read. */
  cacheBytes?: number;
  /** Of a checkpoint: bytes, as float32, of the states that blocks carry from token to token of a text, whatever its length; absent where there are none. */
  stateBytes?: number;
}

/** Numbers that sites give for one token, and their bytes as float32. */
export function sizesOf(sites: readonly Site[]): Pick<SubjectDescription, 'unitsPerToken' | 'bytesPerToken'> {
  const unitsPerToken = sites.reduce((sum, { width }) => sum + width, 0);
  return { unitsPerToken, bytesPerToken: 4 * unitsPerToken };
}
