import { createHash } from 'node:crypto';
import { type Checkpoint, openCheckpoint } from './checkpoint/checkpoint.js';
import { buildCheckpointGraph } from './checkpoint/checkpoint-graph.js';
import { digestForeign, openForeign } from './foreign/foreign-subject.js';
import { type Generator, generate } from './generation/generate.js';
import { type ReadingRequest, read } from './generation/read.js';
import type { Generation, GenerationRequest } from './generation/request.js';
import { isForeign, openModelTokenizer, readTokenizerFiles } from './model-files.js';
import { assembleModel } from './session/assemble.js';
import { type Device, type GraphOptimization, openSession } from './session/open-session.js';
import type { Site } from './site.js';
import { type SitePatterns, selectSites } from './site-patterns.js';
import type { Tokenizer } from './tokenizer/tokenizer.js';

export interface SubjectOptions {
  /** Sites that are recorded; default: all. */
  sites?: SitePatterns;
  /** Default: the CPU. */
  device?: Device;
  /** Threads inside an operator; default: one a core. */
  threads?: number;
  /** The model's digest, if it is known: computing it reads all weights. */
  digest?: string;
  /** false: no site is an output of the graph, which is for comparison only. Default: true. */
  tap?: boolean;
  /** true: activity is given as float16, rounded to nearest. An ONNX file's stays float32. Default: false. */
  half?: boolean;
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
  /** Whether activity comes as float16 (`halves`) and not as float32 (`sites`). */
  half: boolean;
  vocabularySize: number;
  /** Most tokens of prompt and continuation together. */
  contextLength: number;
  /** Why nothing can be generated from it: it gives no logits of the next token. Undefined where it does. */
  readOnly?: string;
  /** SHA-256 in hex over config, weights and tokenizer: the model's identity in cache keys. */
  digest: string;
  tokenizer?: Tokenizer;
  generate(request: GenerationRequest): Promise<Generation>;
  /** The activity at every position of given texts, without generating. Log probabilities and entropies of a model that can only be read are NaN. */
  read(request: ReadingRequest): Promise<void>;
  /** Frees the session's memory. The subject cannot be used after that. */
  release(): Promise<void>;
}

/** Loads a model from a folder in Hugging Face's layout (config.json, weights and, if there, tokenizer.json) or from an .onnx file. */
export async function loadSubject(path: string, options: SubjectOptions = {}): Promise<Subject> {
  if (isForeign(path)) return openForeign(path, options);
  const checkpoint = await openCheckpoint(path);
  try {
    const { graph, caches } = buildCheckpointGraph(checkpoint);
    const half = options.half ?? false;
    const sites = options.tap === false ? [] : selectSites(graph.sites, options.sites);
    const tokenizer = await openModelTokenizer(path);
    const digest = options.digest ?? (await digestOf(checkpoint));
    const session = await openSession(
      await assembleModel(graph, sites, checkpoint.source, half),
      options.device,
      options.threads,
      'all',
      !options.frugal,
    );
    const { vocabularySize, contextLength } = checkpoint.facts;
    const generator: Generator = { session, sites, half, caches, vocabularySize, contextLength };
    return {
      name: checkpoint.name,
      architecture: checkpoint.architecture.name,
      sites,
      half,
      vocabularySize,
      contextLength,
      digest,
      tokenizer,
      generate: (request) => generate(generator, request),
      read: (request) => read(generator, request),
      release: () => session.release(),
    };
  } finally {
    await checkpoint.source.close();
  }
}

/** A model's digest, as `Subject.digest` has it, without loading the model. */
export async function digestSubject(path: string): Promise<string> {
  if (isForeign(path)) return digestForeign(path);
  const checkpoint = await openCheckpoint(path);
  try {
    return await digestOf(checkpoint);
  } finally {
    await checkpoint.source.close();
  }
}

async function digestOf({ configBytes, source, folder }: Checkpoint): Promise<string> {
  const hash = createHash('sha256')
    .update(configBytes)
    .update(await source.digest());
  for (const { name, bytes } of await readTokenizerFiles(folder)) hash.update(`\n${name}\n`).update(bytes);
  return hash.digest('hex');
}
