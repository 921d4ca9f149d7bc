import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path';
import { readEndTokens } from '../end-tokens.js';
import { openModelTokenizer, readModelFile, readTokenizerFiles } from '../model-files.js';
import type { Site } from '../site.js';
import { type SitePatterns, selectSites } from '../site-patterns.js';
import { type Subject, type SubjectDescription, type SubjectOptions, sizesOf } from '../subject.js';
import { type HashOf, hashFiles } from '../weights/tensor-file.js';
import { companionNames } from './companions.js';
import { fixedSite } from './fixed-sites.js';
import { generateImported } from './generate-imported.js';
import { roundsToEightBits } from './graph-flow.js';
import type { ImportedGenerator } from './imported-generator.js';
import { examineImported, type ImportedModel } from './imported-model.js';
import type { ImportedSite } from './imported-site.js';
import { cacheBytesOf, weightBytesOf } from './imported-sizes.js';
import { onnxFiles } from './onnx-file.js';
import { createPaddingCheck, packsCache } from './padding-check.js';
import { groupPrompts } from './prompt-groups.js';
import { readImported, readingRuns } from './read-imported.js';
import { openTapped, type TapCheck } from './tap-check.js';
import { isShared } from './tensor-layout.js';
import type { UnnamedNodes } from './unnamed-nodes.js';

/** A subject from somebody else's ONNX file. */
export interface ImportedSubject extends Subject {
  /** What the taps change, measured when the file was opened. */
  check: TapCheck;
  unnamed: UnnamedNodes;
  /** Whether it rounds, in part at least, to float16 or to whole numbers of eight bits. */
  coarse: boolean;
}

/** Opens somebody else's ONNX file: its graph is edited so that the chosen sites are outputs. */
export async function openImported(path: string, options: SubjectOptions = {}): Promise<ImportedSubject> {
  const { device, threads } = options;
  const imported = await examineImported(path, device, threads);
  const chosen = options.tap === false ? [] : selectSites(imported.sites, options.sites);
  const sites = imported.sites.filter((site) => chosen.includes(site));
  const intervened = options.interventions ? changeableSites(imported, options.interventions) : [];
  const { vocabularySize, ports, companions, readOnly, unnamed } = imported;
  const readout = imported.logits && vocabularySize;
  const { session, check } = await openTapped(imported, { sites, intervened, readout }, options);
  const { contextLength } = companions;
  const generator: ImportedGenerator = {
    ...{ path, session, sites, intervened, ports },
    ...{ vocabularySize, contextLength, readOnly, packsCache: packsCache(imported.model.graph, ports), growth: {} },
  };
  const coarse = imported.sites.some((site) => site.half) || imported.model.graph.node.some(roundsToEightBits);
  const padding = createPaddingCheck(generator, coarse);
  return {
    name: nameOf(path),
    architecture: architectureOf(imported),
    sites: sites.map(plainSite),
    intervened: intervened.map(plainSite),
    half: false,
    summed: false,
    vocabularySize,
    contextLength,
    readOnly,
    unnamed,
    digest: options.digest ?? (await digestImported(path)),
    tokenizer: await openModelTokenizer(path),
    endTokens: await readEndTokens(path),
    check,
    coarse,
    async generate(request) {
      const groups = groupPrompts(request.prompts, ports.mostRows, await padding.ofPrompts(request));
      return generateImported(generator, request, groups);
    },
    async read(request) {
      return readImported(generator, request, readingRuns(generator, request, await padding.ofTexts(request)));
    },
    release: () => session.release(),
  };
}

/**
 * The sites of a file that are to be intervened on: without patterns to include all that can be.
 * @throws UserMistake that names a chosen site that cannot be, and why
 */
export function changeableSites(imported: ImportedModel, patterns: SitePatterns): ImportedSite[] {
  const named = patterns.include && patterns.include.length > 0;
  const chosen = selectSites(
    imported.sites.filter(({ fixed }) => named || fixed === undefined),
    patterns,
  ) as ImportedSite[];
  for (const { name, fixed } of chosen)
    if (fixed !== undefined) throw fixedSite(name, nameOf(imported.file.path), fixed);
  // What is the same for every text, as a position embedding is, can be changed for one text at a time.
  if (chosen.some(({ tap }) => isShared(tap.layout))) imported.ports.mostRows = 1;
  return chosen;
}

/** Which sites an ONNX file has. It is run once on made-up tokens, since shapes are not written in it. */
export async function describeImported(path: string, patterns?: SitePatterns): Promise<SubjectDescription> {
  const imported = await examineImported(path);
  const sites = selectSites(imported.sites.map(plainSite), patterns);
  return {
    name: nameOf(path),
    architecture: architectureOf(imported),
    sites,
    vocabularySize: imported.vocabularySize,
    contextLength: imported.companions.contextLength,
    readOnly: imported.readOnly,
    unnamed: imported.unnamed,
    fixed: imported.sites.flatMap(({ name, fixed }) =>
      fixed !== undefined && sites.some((site) => site.name === name) ? [{ name, why: fixed }] : [],
    ),
    ...sizesOf(sites),
    weightBytes: weightBytesOf(imported.model.graph),
    cacheBytes: cacheBytesOf(imported.ports),
  };
}

/** The file's identity in cache keys, as `Subject.digest` has it. */
export async function digestImported(path: string, hashOf?: HashOf): Promise<string> {
  const hash = createHash('sha256').update(await hashFiles(await onnxFiles(path), hashOf));
  for (const name of companionNames) {
    const bytes = await readModelFile(path, name);
    if (bytes) hash.update(`\n${name}\n`).update(bytes);
  }
  for (const { name, bytes } of await readTokenizerFiles(path)) hash.update(`\n${name}\n`).update(bytes);
  return hash.digest('hex');
}

const architectureOf = ({ companions, file }: ImportedModel) =>
  companions.architecture ?? (file.model.producerName || 'onnx');

const plainSite = ({ name, width, kind, layer }: Site): Site => ({ name, width, kind, layer });

/** `model.onnx` says nothing: then it is the folder's name. */
export function nameOf(path: string): string {
  const name = basename(path).replace(/\.onnx$/i, '');
  if (!/^(decoder_)?model/.test(name)) return name;
  const folder = basename(dirname(path));
  return folder === 'onnx' ? basename(dirname(dirname(path))) : folder || name;
}
