import { createHash } from 'node:crypto';
import { UserMistake } from '@galvani/terminal';
import { generationConfig, readEndTokens } from '../end-tokens.js';
import { type Generator, generate } from '../forward/generate.js';
import { read } from '../forward/read.js';
import { readWhole } from '../forward/read-whole.js';
import { cannotGenerate } from '../forward/request.js';
import { type CachePart, cacheSize, grows } from '../graph/block-cache.js';
import { openModelTokenizer, readModelFile, readTokenizerFiles } from '../model-files.js';
import { assembleModel } from '../session/assemble.js';
import { openSession } from '../session/open-session.js';
import { recordedByDefault, type Site, whyFixed } from '../site.js';
import { type SitePatterns, selectSites } from '../site-patterns.js';
import { type Subject, type SubjectDescription, type SubjectOptions, sizesOf } from '../subject.js';
import type { HashOf } from '../weights/tensor-file.js';
import { type Checkpoint, openCheckpoint } from './checkpoint.js';
import { buildCheckpointGraph } from './checkpoint-graph.js';

/** Loads a checkpoint and opens a session on its graph. */
export const openCheckpointSubject = (path: string, options: SubjectOptions): Promise<Subject> =>
  withCheckpoint(path, async (checkpoint) => {
    const intervened = intervenedSites(checkpoint, options.interventions);
    const sites = options.tap === false ? [] : selectSites(sitesOf(checkpoint), options.sites);
    const asked = { intervened: namesOf(intervened), recorded: namesOf(sites) };
    const { graph, caches } = buildCheckpointGraph(checkpoint, asked);
    const summed = options.summed ?? false;
    const half = !summed && (options.half ?? false);
    const readOnly = checkpoint.architecture.encoder?.readOnly;
    const tokenizer = await openModelTokenizer(path);
    const digest = options.digest ?? (await digestOf(checkpoint));
    const session = await openSession(
      await assembleModel(graph, { sites, half, summed, chosen: readOnly !== undefined }, checkpoint.source),
      options.device,
      options.threads,
      'all',
      !options.frugal,
    );
    const { vocabularySize, contextLength } = checkpoint.facts;
    const generator: Generator = { session, sites, intervened, half, summed, caches, vocabularySize, contextLength };
    return {
      name: checkpoint.name,
      architecture: checkpoint.architecture.name,
      sites,
      intervened,
      half,
      summed,
      vocabularySize,
      contextLength,
      digest,
      tokenizer,
      endTokens: await readEndTokens(path),
      readOnly,
      generate: async (request) => {
        if (readOnly) throw new UserMistake(cannotGenerate(checkpoint.name, readOnly));
        return generate(generator, request);
      },
      read: (request) => (readOnly ? readWhole(generator, request) : read(generator, request)),
      release: () => session.release(),
    };
  });

/** Which sites a checkpoint has, from config.json and the tensors' names and shapes. */
export const describeCheckpoint = (path: string, patterns?: SitePatterns): Promise<SubjectDescription> =>
  withCheckpoint(path, async (checkpoint) => {
    const { graph, caches } = buildCheckpointGraph(checkpoint);
    const sites = selectSites(graph.sites, patterns);
    const further = graph.sites.filter((site) => !recordedByDefault(site) && !sites.includes(site));
    const fixed = sites.flatMap((site) => {
      const why = whyFixed(site);
      return why === undefined ? [] : [{ name: site.name, why }];
    });
    const weights = graph.constants.filter(({ kind }) => kind === 'checkpoint');
    return {
      name: checkpoint.name,
      architecture: checkpoint.architecture.name,
      sites,
      ...(further.length > 0 && { further }),
      vocabularySize: checkpoint.facts.vocabularySize,
      contextLength: checkpoint.facts.contextLength,
      readOnly: checkpoint.architecture.encoder?.readOnly,
      ...sizesOf(sites),
      ...(fixed.length > 0 && { fixed }),
      weightBytes: weights.reduce((sum, { dims }) => sum + 4 * dims.reduce((a, b) => a * b, 1), 0),
      cacheBytes: bytesOf(caches.flat().filter(grows)),
      ...(caches.flat().every(grows) ? {} : { stateBytes: bytesOf(caches.flat().filter((part) => !grows(part))) }),
    };
  });

/** What parts of memory take as float32: for a position of those that grow, else in all. */
const bytesOf = (parts: readonly CachePart[]) => parts.reduce((sum, part) => sum + 4 * cacheSize(part), 0);

/** All sites of a checkpoint. */
const sitesOf = (checkpoint: Checkpoint) => buildCheckpointGraph(checkpoint).graph.sites;

export const namesOf = (sites: readonly Site[]): ReadonlySet<string> => new Set(sites.map(({ name }) => name));

/**
 * Sites of a checkpoint that are to be intervened on.
 * @throws UserMistake for one that cannot be
 */
export function intervenedSites(checkpoint: Checkpoint, patterns: SitePatterns | undefined): Site[] {
  const sites = patterns ? selectSites(sitesOf(checkpoint), patterns) : [];
  for (const site of sites) {
    const why = whyFixed(site);
    if (why) throw new UserMistake(`${site.name} can be recorded and not intervened on: ${why}.`);
  }
  return sites;
}

/** A checkpoint's identity in cache keys, as `Subject.digest` has it. */
export const digestCheckpoint = (path: string, hashOf?: HashOf): Promise<string> =>
  withCheckpoint(path, (checkpoint) => digestOf(checkpoint, hashOf));

export async function withCheckpoint<T>(path: string, use: (checkpoint: Checkpoint) => Promise<T>): Promise<T> {
  const checkpoint = await openCheckpoint(path);
  try {
    return await use(checkpoint);
  } finally {
    await checkpoint.source.close();
  }
}

async function digestOf({ configBytes, source, folder }: Checkpoint, hashOf?: HashOf): Promise<string> {
  const hash = createHash('sha256')
    .update(configBytes)
    .update(await source.digest(hashOf));
  const generation = await readModelFile(folder, generationConfig);
  if (generation) hash.update(`\n${generationConfig}\n`).update(generation);
  for (const { name, bytes } of await readTokenizerFiles(folder)) hash.update(`\n${name}\n`).update(bytes);
  return hash.digest('hex');
}
