import { createHash } from 'node:crypto';
import { basename, dirname } from 'node:path';
import { openModelTokenizer, readModelFile, readTokenizerFiles } from '../model-files.js';
import type { Site } from '../site.js';
import { type SitePatterns, selectSites } from '../site-patterns.js';
import { type Subject, type SubjectDescription, type SubjectOptions, sizesOf } from '../subject.js';
import { companionNames } from './companions.js';
import { examineForeign, type ForeignModel } from './foreign-model.js';
import { type ForeignGenerator, generateForeign } from './generate-foreign.js';
import { readOnnxFile } from './onnx-file.js';
import { readForeign } from './read-foreign.js';
import { openTapped, type TapCheck } from './tap-check.js';
import type { UnnamedNodes } from './unnamed-nodes.js';

/** A subject from somebody else's ONNX file. */
export interface ForeignSubject extends Subject {
  /** What the taps change, measured when the file was opened. */
  check: TapCheck;
  unnamed: UnnamedNodes;
}

/** Opens somebody else's ONNX file: its graph is edited so that the chosen sites are outputs. */
export async function openForeign(path: string, options: SubjectOptions = {}): Promise<ForeignSubject> {
  const { device, threads } = options;
  const foreign = await examineForeign(path, device, threads);
  const chosen = options.tap === false ? [] : selectSites(foreign.sites, options.sites);
  const sites = foreign.sites.filter((site) => chosen.includes(site));
  const { session, check } = await openTapped(foreign, sites, device, threads, options.optimization);
  const { vocabularySize, ports, companions, readOnly, unnamed } = foreign;
  const { contextLength } = companions;
  const generator: ForeignGenerator = { path, session, sites, ports, vocabularySize, contextLength, readOnly };
  return {
    name: nameOf(path),
    architecture: architectureOf(foreign),
    sites: sites.map(plainSite),
    half: false,
    vocabularySize,
    contextLength,
    readOnly,
    unnamed,
    digest: await digestForeign(path, foreign.file.digest),
    tokenizer: await openModelTokenizer(path),
    check,
    generate: (request) => generateForeign(generator, request),
    read: (request) => readForeign(generator, request),
    release: () => session.release(),
  };
}

/** Which sites an ONNX file has. It is run once on made-up tokens, since shapes are not written in it. */
export async function describeForeign(path: string, patterns?: SitePatterns): Promise<SubjectDescription> {
  const foreign = await examineForeign(path);
  const sites = selectSites(foreign.sites.map(plainSite), patterns);
  return {
    name: nameOf(path),
    architecture: architectureOf(foreign),
    sites,
    vocabularySize: foreign.vocabularySize,
    contextLength: foreign.companions.contextLength,
    readOnly: foreign.readOnly,
    unnamed: foreign.unnamed,
    ...sizesOf(sites),
  };
}

/** The file's identity in cache keys, as `Subject.digest` has it. `file` is the SHA-256 over its bytes, if known. */
export async function digestForeign(path: string, file?: string): Promise<string> {
  const hash = createHash('sha256').update(file ?? (await readOnnxFile(path)).digest);
  for (const name of companionNames) {
    const bytes = await readModelFile(path, name);
    if (bytes) hash.update(`\n${name}\n`).update(bytes);
  }
  for (const { name, bytes } of await readTokenizerFiles(path)) hash.update(`\n${name}\n`).update(bytes);
  return hash.digest('hex');
}

const architectureOf = ({ companions, file }: ForeignModel) =>
  companions.architecture ?? (file.model.producerName || 'onnx');

const plainSite = ({ name, width, kind, layer }: Site): Site => ({ name, width, kind, layer });

/** `model.onnx` says nothing: then it is the folder's name. */
function nameOf(path: string): string {
  const name = basename(path).replace(/\.onnx$/i, '');
  if (!/^(decoder_)?model/.test(name)) return name;
  const folder = basename(dirname(path));
  return folder === 'onnx' ? basename(dirname(dirname(path))) : folder || name;
}
