import {
  type ActivationColumn,
  diagnosticsTable,
  type NumberArray,
  readArrayFile,
  writeArrayFile,
} from '@galvani/artifact';
import type { LayerFit } from './fit-layer.js';
import type { FittedMap } from './fitted-map.js';

interface Facts {
  columns: ActivationColumn[];
  maps: { name: string; facts: FittedMap['facts'] }[];
}

/** Where two files of a layer lie: arrays, and its sites' diagnostics as a table. */
type Place = (file: string) => string;
const arraysOf = (layer: string) => `${layer}.arrays`;
const diagnosticsOf = (layer: string) => `${layer}.parquet`;

/** Writes what a layer was found to hold, for where shares are joined. */
export async function writeLayerFit(place: Place, { sites, maps, diagnostics, sampled }: LayerFit): Promise<void> {
  const { name, columns, marks } = sites;
  const facts: Facts = {
    columns: [...columns],
    maps: [...maps].map(([name, { facts }]) => ({ name, facts })),
  };
  const arrays = new Map<string, NumberArray>([
    ['copyOf', marks.copyOf],
    ['unreachable', marks.unreachable],
    ['sampled', sampled],
    ...[...maps].map(([name, { flags }]) => [`flags ${name}`, flags] as const),
  ]);
  await writeArrayFile(place(arraysOf(name)), { facts, arrays });
  await diagnosticsTable.write(place(diagnosticsOf(name)), diagnostics);
}

export async function readLayerFit(place: Place, name: string): Promise<LayerFit> {
  const { facts, arrays } = await readArrayFile(place(arraysOf(name)));
  const { columns, maps } = facts as Facts;
  const array = <T extends NumberArray>(name: string) => arrays.get(name) as T;
  return {
    sites: { name, columns, marks: { copyOf: array('copyOf'), unreachable: array('unreachable') } },
    maps: new Map(maps.map(({ name, facts }) => [name, { flags: array(`flags ${name}`), facts }])),
    diagnostics: await diagnosticsTable.read(place(diagnosticsOf(name))),
    sampled: array('sampled'),
  };
}
