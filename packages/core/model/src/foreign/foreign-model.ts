import { basename } from 'node:path';
import type { InferenceSession, Tensor } from '@galvani/onnx';
import { UserMistake } from '@galvani/terminal';
import { encodeModel, type ModelProto, type TensorProto } from '../onnx/model-proto.js';
import { type Device, type GraphOptimization, openSession } from '../session/open-session.js';
import type { Site } from '../site.js';
import { decodeNumbers, firstNonFinite } from '../weights/number-format.js';
import { type Companions, readCompanions } from './companions.js';
import { type ForeignPorts, isPresent, readPorts, textFeeds } from './foreign-inputs.js';
import { withoutCacheBranch } from './if-branch.js';
import { type OnnxFile, readOnnxFile } from './onnx-file.js';
import { exposeValues, type Tap } from './tap-graph.js';
import { findTappable } from './tappable.js';
import { layoutOf } from './tensor-layout.js';

/** A site of a foreign file and the tensor that it is. */
export interface ForeignSite extends Site {
  tap: Tap;
}

/** A foreign file after a probe run. */
export interface ForeignModel {
  file: OnnxFile;
  /** The file's model with its weights outside the graph, and of a merged decoder the branch without cache. */
  model: ModelProto;
  externalData: OnnxFile['externalData'];
  sites: ForeignSite[];
  logits: Tap;
  vocabularySize: number;
  ports: ForeignPorts;
  companions: Companions;
  probe: Probe;
}

/** What the file's own graph gave for some made-up tokens, onnxruntime changing nothing about it. */
export interface Probe {
  texts: Int32Array[];
  logits: Float32Array;
  /** By name of the site's tensor, as the graph lays it out. */
  values: Map<string, Float32Array>;
}

/** Below this many bytes a weight stays in the graph, where onnxruntime can infer shapes from it. */
const inlineLimit = 1024;

/** Reads a file, and finds by two probe runs which of its tensors are rows of numbers for each token. */
export async function examineForeign(path: string, device?: Device, threads?: number): Promise<ForeignModel> {
  const file = await readOnnxFile(path);
  const companions = await readCompanions(path);
  const graph = withoutCacheBranch(file.model.graph);
  const { model, externalData } = weightsOutside({ ...file.model, graph }, file);
  const presents = new Set(graph.output.map(({ name }) => name).filter(isPresent));
  const tappable = findTappable(graph, presents);
  const exposed = exposeValues(
    model,
    tappable.map(({ value }) => value),
  );
  const session = await openForeignSession(exposed, externalData, path, device, threads, 'disabled');
  try {
    // A merged decoder's other branch is gone, so its past inputs are fed empty and every prefix is computed anew.
    const ports = readPorts(session, path, graph === file.model.graph, companions.headSize);
    const rows = Math.min(2, ports.mostRows);
    const types = new Map(session.outputMetadata.map((o) => [o.name, o.isTensor ? o.type : '']));
    const wanted = [...new Set([ports.logits, ...tappable.map(({ value }) => value)])].filter((name) =>
      ['float32', 'float16'].includes(types.get(name) ?? ''),
    );
    const runs: { texts: Int32Array[]; positions: number; outputs: Record<string, Tensor> }[] = [];
    for (const positions of [3, 5]) {
      const texts = probeTexts(rows, positions);
      runs.push({ texts, positions, outputs: await runForeign(session, textFeeds(ports, texts, 0), wanted, path) });
    }
    const place = (value: string) => {
      const found = runs.map(({ positions, outputs }) => layoutOf(outputs[value]?.dims ?? [], rows, positions));
      return found.every((f) => f?.layout === found[0]?.layout && f?.width === found[0]?.width) ? found[0] : undefined;
    };
    const [, { texts, outputs }] = runs;
    const head = place(ports.logits);
    if (!head)
      throw new UserMistake(
        `${path}: the output ${ports.logits} has the shape [${outputs[ports.logits]?.dims.join(', ') ?? ''}] for ${rows} texts of 5 tokens, and logits for every token were expected.`,
      );
    const sites = nameSites(
      tappable.flatMap(({ value, ...site }) => {
        const placed = place(value);
        return placed ? [{ ...site, width: placed.width, tap: { name: site.name, value, layout: placed.layout } }] : [];
      }),
    );
    if (!sites.some(({ tap }) => tap.value === ports.logits)) {
      const tap = { name: 'logits', value: ports.logits, layout: head.layout };
      sites.push({ name: 'logits', kind: 'head', layer: 'final', width: head.width, tap });
    }
    for (const site of sites) {
      if (site.tap.value === ports.logits) site.kind = 'head';
      if (firstNonFinite(floatsOf(outputs[site.tap.value])) >= 0)
        throw new UserMistake(
          `${path}: ${site.name} gives numbers that are not finite for some ordinary tokens: its weights are damaged, or it overflows its number format.`,
        );
    }
    return {
      file,
      model,
      externalData,
      sites,
      logits: { name: '', value: ports.logits, layout: head.layout },
      vocabularySize: head.width,
      ports,
      companions,
      probe: {
        texts,
        logits: floatsOf(outputs[ports.logits]),
        values: new Map(sites.map(({ tap }) => [tap.value, floatsOf(outputs[tap.value])])),
      },
    };
  } finally {
    await session.release();
  }
}

/** A block has one output, its last; of other modules with several, each gets a number behind its name. */
function nameSites(found: ForeignSite[]): ForeignSite[] {
  const counts = new Map<string, number>();
  const last = new Map(found.map((site) => [site.name, site]));
  return found
    .filter((site) => site.kind !== 'block' || last.get(site.name) === site)
    .map((site) => {
      const count = (counts.get(site.name) ?? 0) + 1;
      counts.set(site.name, count);
      const name = count === 1 ? site.name : `${site.name}:${count}`;
      return { ...site, name, tap: { ...site.tap, name } };
    });
}

/** Small ids, which every vocabulary has; texts and positions differ, so that no dimension is taken for another. */
function probeTexts(rows: number, positions: number): Int32Array[] {
  return Array.from({ length: rows }, (_, r) =>
    Int32Array.from({ length: positions }, (_, c) => 1 + ((r * 3 + c * 2) % 7)),
  );
}

/** Opens a session over a changed model; what onnxruntime has against it is a mistake about the file. */
export async function openForeignSession(
  model: ModelProto,
  externalData: OnnxFile['externalData'],
  path: string,
  device: Device = 'cpu',
  threads?: number,
  optimization?: GraphOptimization,
): Promise<InferenceSession> {
  try {
    return await openSession({ bytes: encodeModel(model), externalData }, device, threads, optimization);
  } catch (error) {
    if (error instanceof UserMistake || device !== 'cpu') throw error;
    throw new UserMistake(`${basename(path)}: ${(error as Error).message.trim().replace(/\.?$/, '.')}`, {
      cause: error,
    });
  }
}

/** What fails is thrown; onnxruntime need not print it as well. */
const quiet = { logSeverityLevel: 4 } as const;

/** Runs a session; what fails in the graph is a mistake about the file. */
export async function runForeign(
  session: InferenceSession,
  feeds: Record<string, Tensor>,
  fetches: string[],
  path: string,
): Promise<Record<string, Tensor>> {
  try {
    return (await session.run(feeds, fetches, quiet)) as Record<string, Tensor>;
  } catch (cause) {
    throw new UserMistake(`${basename(path)} cannot be run: ${(cause as Error).message.trim().replace(/\.?$/, '.')}`, {
      cause,
    });
  }
}

/** A float32 or float16 tensor's numbers. */
export function floatsOf(tensor: Tensor): Float32Array {
  if (tensor.data instanceof Float32Array) return tensor.data;
  if (tensor.type !== 'float16') throw new UserMistake(`a tensor of the type ${tensor.type} holds no activity.`);
  const raw = tensor.data as unknown as Uint16Array;
  const out = new Float32Array(raw.length);
  decodeNumbers(new Uint8Array(raw.buffer, raw.byteOffset, raw.byteLength), 'F16', out);
  return out;
}

/**
 * The model with its large weights outside the graph. They are not copied: onnxruntime is told where they stand in the
 * file's own bytes.
 */
function weightsOutside(model: ModelProto, file: OnnxFile): Pick<ForeignModel, 'model' | 'externalData'> {
  const location = 'galvani:file';
  let used = false;
  const initializer = model.graph.initializer.map((tensor): TensorProto => {
    const { rawData } = tensor;
    if (!rawData || rawData.length <= inlineLimit || rawData.buffer !== file.bytes.buffer) return tensor;
    used = true;
    return {
      ...tensor,
      rawData: undefined,
      dataLocation: 1,
      externalData: [
        { key: 'location', value: location },
        { key: 'offset', value: String(rawData.byteOffset - file.bytes.byteOffset) },
        { key: 'length', value: String(rawData.length) },
      ],
    };
  });
  const externalData = used ? [...file.externalData, { path: location, data: file.bytes }] : file.externalData;
  return { model: { ...model, graph: { ...model.graph, initializer } }, externalData };
}
