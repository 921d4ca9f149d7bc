import type { Storage } from '@galvani/artifact';

/** How fast a machine is at a model, measured on a few tokens in the study's batches and with its sites recorded; all cores together. */
export interface Pace {
  /** Seconds that loading the model takes. */
  loading: number;
  /** Seconds for a prompt of 16 tokens, of those that share a batch. */
  prompt: number;
  /** Seconds for a token that is generated; 0 of a study that reads. */
  token: number;
}

/** What of a study decides what it takes. All of it is known before the model is loaded. */
export interface StudySize {
  /** Bytes of the model's weights as float32, as they are computed with. */
  weights: number;
  /** Times that they lie in memory: 2 of an .onnx file, which stays mapped, or converted, beside the copy that products read. Default: 1. */
  weightCopies?: number;
  /** Bytes of the model's files. */
  modelBytes: number;
  /** Numbers that are recorded for one token. */
  units: number;
  /** Numbers of the layer that has most. */
  widestLayer: number;
  /** Sites that are recorded. */
  sites: number;
  runs: number;
  /** Default: 6. */
  tasks?: number;
  /** Prompts of all runs together. */
  prompts: number;
  /** Rows of each prompt: tokens that are generated, or that are read and kept, in the mean. */
  tokens: number;
  /** Whether prompts are read and nothing is generated. Default: false. */
  read?: boolean;
  /** Tokens of a prompt as the model is given it, its template included, in the mean. Default: 16. */
  promptTokens?: number;
  /** Tokens of the longest prompt. Default: `promptTokens`. */
  longestPrompt?: number;
  /** Sums that are kept of each prompt and unit in place of its tokens' rows: 1 for the mean, 2 with squares, 4 with lagged products. Default: rows are kept. */
  moments?: number;
  storage: Storage;
  /** Prompts at once. Default: 32. */
  batch?: number;
  /** Prompts at once where runs share batches. Default: `batch`. */
  together?: number;
  /** Numbers that the model gives for the next token. Default: none. */
  vocabulary?: number;
  /** Bytes of keys and values for each token of each prompt at once. Default: none. */
  cacheBytes?: number;
  /** Bytes of states that are carried from token to token, for each prompt at once. Default: none. */
  stateBytes?: number;
  /** Tokens of each prompt that gather before they are written. Default: all, as far as memory is given them. */
  steps?: number;
  /** Tokens that lesions read at most, those of controls included. Default: none. */
  lesionTokens?: number;
  /** Default: by a stated rate. */
  pace?: Pace;
  /** Whether the untrained twin is recorded too. */
  twin: boolean;
  /** Stages that it does not have. Default: none. */
  absent?: readonly string[];
}
