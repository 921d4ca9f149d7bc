import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { InferenceSession, ModelProto } from '@galvani/onnx';
import { UserMistake } from '@galvani/terminal';
import { modelFolders } from '../model-files.js';
import type { Device, GraphOptimization } from '../session/open-session.js';
import { firstNonFinite } from '../weights/number-format.js';
import { type Companions, companionNames, readCompanions } from './companions.js';
import { whyFixed } from './fixed-sites.js';
import { withoutCacheBranch } from './if-branch.js';
import { type ImportedPorts, isPresent, readPorts } from './imported-inputs.js';
import { openImportedSession } from './imported-session.js';
import type { ImportedSite, Tap } from './imported-site.js';
import { vocabularyOf, whyNotLogits } from './language-head.js';
import { surveyModules } from './module-survey.js';
import { type OnnxFile, readOnnxFile } from './onnx-file.js';
import { probe } from './probe-runs.js';
import { randomNodes } from './random-nodes.js';
import { exposeValues } from './tap-graph.js';
import type { UnnamedNodes } from './unnamed-nodes.js';

/** An imported file after a probe run. */
export interface ImportedModel {
  file: OnnxFile;
  /** The file's model, and of a merged decoder the branch without cache. */
  model: ModelProto;
  sites: ImportedSite[];
  /** The logits of the next token; undefined where the model gives none. */
  logits?: Tap;
  /** Why it gives none. */
  readOnly?: string;
  /** Tokens that there are; Infinity where nothing says it. */
  vocabularySize: number;
  ports: ImportedPorts;
  companions: Companions;
  unnamed: UnnamedNodes;
  /** How far onnxruntime may rewrite the graph so that it opens it, from most to least. */
  levels: readonly GraphOptimization[];
  /** What the file's own graph gave for some made-up tokens, onnxruntime changing the least about it. */
  probe: { texts: Int32Array[]; numbers(value: string): Float32Array };
}

/** What was found last, and of which state of which files. */
let latest: { about: string; files: readonly string[]; states: string; found: ImportedModel } | undefined;

/**
 * Reads a file, and finds by two probe runs which of its tensors are rows of numbers for each token. What was found last is kept: who records
 * a model describes it, loads it, and loads it plain to check what is recorded.
 */
export async function examineImported(path: string, device?: Device, threads?: number): Promise<ImportedModel> {
  const about = JSON.stringify([path, device, threads]);
  let known = latest;
  if (known?.about !== about || (await statesOf(known.files)) !== known.states) {
    const before = await statesOf([path]);
    const found = await examine(path, device, threads);
    const files = [
      ...found.file.files,
      ...modelFolders(path).flatMap((folder) => companionNames.map((name) => join(folder, name))),
    ];
    known = { about, files, states: await statesOf(files), found };
    // Of a file that changed meanwhile nothing is kept.
    latest = before === (await statesOf([path])) ? known : undefined;
  }
  // Whoever opens it may find that fewer texts fit in a run.
  return { ...known.found, ports: { ...known.found.ports } };
}

/** What the file system says of files, which changes when they do. */
async function statesOf(files: readonly string[]): Promise<string> {
  const states = await Promise.all(files.map((file) => stat(file, { bigint: true }).catch(() => undefined)));
  return states.map((s) => s && [s.ino, s.size, s.mtimeNs, s.ctimeNs].join(' ')).join('; ');
}

async function examine(path: string, device?: Device, threads?: number): Promise<ImportedModel> {
  const file = await readOnnxFile(path);
  refuseRandom(path, file.model);
  const companions = await readCompanions(path);
  const graph = withoutCacheBranch(file.model.graph);
  const model = { ...file.model, graph };
  const presents = new Set(graph.output.map(({ name }) => name).filter(isPresent));
  const survey = surveyModules(graph, presents);
  const values = survey.tappable.map(({ value }) => value);
  const exposed = exposeValues(model, values);
  const open = (level: GraphOptimization) => openImportedSession(exposed, file, device, threads, level);
  // Some float16 files onnxruntime opens only if it may rewrite them a little.
  let levels: ImportedModel['levels'] = ['all', 'basic', 'disabled'];
  const session = await open('disabled').catch(async (error) => {
    levels = ['all', 'basic'];
    return open('basic').catch(() => Promise.reject(error));
  });
  try {
    // A merged decoder's other branch is gone; and numbers that are quantized by what else is in a run depend on what is:
    // then past inputs are fed empty, every prefix is computed anew, and every text alone.
    const alone = graph.node.some(({ opType }) => opType.startsWith('DynamicQuantize'));
    const ports = readPorts(session, path, graph === file.model.graph && !alone, companions.headSize);
    if (alone) ports.mostRows = 1;
    const own = ports.outputs.filter((name) => isFloat(session, name));
    const wanted = [...new Set([...own, ...values])].filter((name) => isFloat(session, name));
    const runs = await probe(session, ports, wanted, path);
    ports.mostRows = runs.mostRows;
    const head = ports.outputs.includes('logits') ? 'logits' : own.find((name) => runs.place(name));
    const readOnly = head === undefined ? 'none of its outputs is a row of numbers for each token' : notLogits(head);
    function notLogits(name: string): string | undefined {
      const width = own.includes(name) ? runs.place(name)?.width : undefined;
      const nothing = { alone: new Float32Array(0), followed: new Float32Array(0) };
      const numbers = width === undefined ? nothing : runs.beginnings(name);
      return whyNotLogits({ name, width, ...numbers }, graph, companions);
    }
    const logits = readOnly === undefined ? head : undefined;
    const fixed = whyFixed(graph, alone);
    const outputs = own.filter((name) => !values.includes(name));
    const sites = nameSites(
      [
        ...survey.tappable,
        ...outputs.map((value) => ({ name: value, kind: 'other' as const, layer: 'final', value })),
      ].flatMap(({ value, ...site }): ImportedSite[] => {
        const placed = runs.place(value);
        if (!placed) return [];
        const { width, layout, tail } = placed;
        const half = session.outputMetadata.some((o) => o.name === value && o.isTensor && o.type === 'float16');
        return [{ ...site, width, tail, half, fixed: fixed(value), tap: { name: site.name, value, layout, width } }];
      }),
    );
    if (sites.length === 0)
      throw new UserMistake(`${path} has no tensor that is a row of numbers for each token: nothing can be recorded.`);
    for (const site of sites) {
      if (site.tap.value === logits) site.kind = 'head';
      if (firstNonFinite(runs.numbers(site.tap.value)) >= 0)
        throw new UserMistake(
          `${path}: ${site.name} gives numbers that are not finite for some ordinary tokens: its weights are damaged, or it overflows its number format.`,
        );
    }
    const named = new Set(survey.tappable.map(({ name }) => name));
    return {
      file,
      model,
      sites,
      logits: logits === undefined ? undefined : { name: '', value: logits, ...runs.place(logits)! },
      readOnly,
      vocabularySize:
        logits === undefined
          ? (vocabularyOf(graph) ?? companions.vocabularySize ?? Number.POSITIVE_INFINITY)
          : runs.place(logits)!.width,
      ports,
      companions,
      unnamed: {
        nodes: survey.unnamed,
        of: graph.node.filter(({ opType }) => opType !== 'Constant').length,
        missing: survey.modules.filter((module) => !named.has(module)),
      },
      probe: runs,
      levels,
    };
  } finally {
    await session.release();
  }
}

const isFloat = ({ outputMetadata }: InferenceSession, value: string) =>
  outputMetadata.some((o) => o.name === value && o.isTensor && (o.type === 'float32' || o.type === 'float16'));

/** Of modules with several outputs each gets a number behind its name: which is the first is not known. */
function nameSites(found: ImportedSite[]): ImportedSite[] {
  const counts = new Map<string, number>();
  return found.map((site) => {
    if (found.filter(({ name }) => name === site.name).length === 1) return site;
    const count = (counts.get(site.name) ?? 0) + 1;
    counts.set(site.name, count);
    const name = `${site.name}:${count}`;
    return { ...site, name, tap: { ...site.tap, name } };
  });
}

function refuseRandom(path: string, model: ModelProto): void {
  const nodes = randomNodes(model);
  if (nodes.length === 0) return;
  const more = nodes.length > 3 ? ` and ${nodes.length - 3} more` : '';
  throw new UserMistake(
    `${path} gives other numbers each time it is run: it holds nodes that draw at random (${nodes.slice(0, 3).join(', ')}${more}), as a model has that was exported in training mode. Export it again after model.eval().`,
  );
}
