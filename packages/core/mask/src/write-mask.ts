import { canonicalJson, writeFileWhole, writeTable, writeWhole } from '@galvani/artifact';
import { describeUnitWeights, type ModelWeights, writeSafetensors } from '@galvani/model';
import { openResults } from '@galvani/results';
import { readParameters, type StudyFolder, studyFolder } from '@galvani/study';
import { openModel, storeFolder } from '@galvani/subject';
import { UserMistake } from '@galvani/terminal';
import { maskColumns, maskCsv, maskRows } from './mask-rows.js';
import { type MaskedWeights, maskTensors } from './mask-tensors.js';
import { networkUnits, type SiteUnits } from './network-units.js';
import { type NetworkSiteWeights, networkWeights } from './network-weights.js';
import { withoutWeights } from './without-weights.js';

export type MaskFormat = 'safetensors' | 'json' | 'parquet' | 'csv';

/** What is asked for. */
export interface MaskRequest {
  /** Folder of the study's derivatives, absolute. */
  study: string;
  /** Workspace, absolute. */
  root: string;
  task: string;
  /** Units in place of the task's network; `task` is then what they are called. */
  selection?: readonly SiteUnits[];
  format: MaskFormat;
  /** Patterns of site names; default: all that were recorded. */
  sites?: string[];
  /** Default: both. */
  weights?: MaskedWeights;
  /** The file to write. */
  out: string;
  signal?: AbortSignal;
}

/** What was written. */
export interface WrittenMask {
  model: string;
  units: number;
  sites: number;
  parameters: number;
  /** Numbers of the model that the mask lets through. */
  weights: number;
  /** What a person should know: units without weights, weights that more than one thing uses. */
  notes: string[];
}

/**
 * Writes a task's network as a mask over its model's parameters. safetensors: a boolean tensor for each parameter that has any
 * weights of the network, under the parameter's name, which broadcasts over it (`gradient * mask`). json: units, and their slices of
 * parameters, by site. parquet and csv: a row for each unit and slice (`maskColumns`).
 *
 * @throws UserMistake for a task that is not the study's, an empty network, sites that are not there, units without such weights and a model in an .onnx file
 */
export async function writeMask(request: MaskRequest): Promise<WrittenMask> {
  const { study, root, task, selection, format, sites: patterns, weights = 'both', out, signal } = request;
  const folder = studyFolder(study, root);
  const extract = await readParameters(folder, 'extract');
  const own = selection ?? (await unitsOfTask(folder, task, patterns, signal));
  const model = await openModel(extract.model, root, await storeFolder(root), signal);
  const described = await describeUnitWeights(await model.files(folder.verified));
  const network = networkWeights(described, own);
  const tensors = maskTensors(network, weights);
  if (tensors.length === 0)
    throw new UserMistake(
      `no weight ${weights === 'read' ? 'reads' : weights === 'write' ? 'writes to' : 'writes to or reads'} the units of '${task}' in these sites alone, so there is no mask: ${withoutWeights(network).join(' ')} Choose other sites, or --weights both.`,
    );
  if (format === 'safetensors')
    await writeWhole(out, (path) =>
      writeSafetensors(
        path,
        tensors.map(({ parameter, maskShape }) => ({ name: parameter, dtype: 'BOOL', shape: maskShape })),
        async (name) => tensors.find(({ parameter }) => parameter === name)!.mask,
      ),
    );
  else if (format === 'json') await writeFileWhole(out, maskJson(task, described, network, weights));
  else {
    const rows = maskRows(task, network, weights);
    await (format === 'csv' ? writeFileWhole(out, maskCsv(rows)) : writeTable(out, maskColumns, rows));
  }
  return {
    model: described.name,
    units: own.reduce((sum, { units }) => sum + units.length, 0),
    sites: own.length,
    parameters: tensors.length,
    weights: tensors.reduce((sum, each) => sum + each.weights, 0),
    notes: [...withoutWeights(network), ...tiedNote(described, tensors)],
  };
}

async function unitsOfTask(folder: StudyFolder, task: string, patterns?: string[], signal?: AbortSignal) {
  const [design, rule] = await Promise.all([readParameters(folder, 'design'), readParameters(folder, 'networks')]);
  // What the networks stage reads is what a network follows from.
  const results = await openResults(folder, 'networks', signal);
  return networkUnits(results, task, { tasks: design.tasks, rule, patterns });
}

function maskJson(task: string, model: ModelWeights, network: readonly NetworkSiteWeights[], wanted: MaskedWeights) {
  const sites = network.map(({ writes, reads, writtenThrough, readThrough, ...site }) => ({
    ...site,
    ...(wanted !== 'read' && { writes, writtenThrough }),
    ...(wanted !== 'write' && { reads, readThrough }),
  }));
  return canonicalJson({ task, model: model.name, architecture: model.architecture, tied: model.tied, sites });
}

function tiedNote({ tied }: ModelWeights, tensors: readonly { parameter: string }[]): string[] {
  if (tied === undefined || !tensors.some(({ parameter }) => parameter === tied)) return [];
  return [
    `${tied} is the token embedding and the head at once: what is changed in it for one is changed for the other.`,
  ];
}
