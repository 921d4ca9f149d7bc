import { Failure } from '@galvani/terminal';
import {
  Dictionary,
  Field,
  Float32,
  Float64,
  Int8,
  Int16,
  Int32,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Uint8,
  Utf8,
  vectorFromArray,
} from 'apache-arrow';
import { openArrowFile } from './arrow/open-arrow.js';
import { createArrowFile } from './arrow-file.js';
import { pathOf, type Source } from './byte-source.js';
import { canonicalNaN } from './canonical-nan.js';

/**
 * Statistics of one contrast, by name (effect, variance, t, z, log10_p, …), each with a value for each unit. docs/statistics.md, "What a
 * map holds", defines them.
 */
export type MapStatistics = Record<string, Float64Array>;

/** The same as a file holds them: a column is float32 or float64 as its array is. */
export type StoredStatistics = Record<string, Float32Array | Float64Array>;

/** Units that are tested like others, and that networks may count otherwise, [units]. */
export interface UnitMarks {
  /** The unit of the same site that a unit copies, from 0; -1 for none. */
  copyOf: Int32Array;
  /** 1 for a unit of the head that stands for no token of any text. */
  unreachable: Uint8Array;
}

/** A statistic map of one layer: a row per unit. */
export interface StatisticMap {
  /** Sites in order, and the units of each; rows follow this order. */
  sites: { site: string; kind: string; width: number }[];
  /** For each unit 0 (tested), 1 (constant) or 2 (not finite). */
  flags: Uint8Array;
  /** Of a study's maps: what is known of units whatever the contrast. */
  marks?: UnitMarks;
  /** For each contrast its statistics. */
  contrasts: ReadonlyMap<string, StoredStatistics>;
  /** Facts about the whole map, as text: noise model, statistic, degrees of freedom (or that each unit has its own). */
  facts: Record<string, string>;
}

/**
 * Writes `glm/<map>/<layer>.arrow`: columns `site`, `kind`, `unit`, `flag`, in a study's maps `copy_of` and
 * `unreachable`, then `<contrast>.<statistic>` as float32 or float64. Sites and kinds are dictionaries, whose indices are small: there are many
 * maps, and each repeats them for every unit. For the same reason they are compressed: numbers of the unit are not, what repeats itself is.
 * Every NaN among the statistics gets the same bits, in place.
 */
export async function writeMap(path: string, map: StatisticMap): Promise<{ sha256: string; bytes: number }> {
  const rows = map.flags.length;
  const unit = new Int32Array(rows);
  const siteIndex = new Int32Array(rows);
  let at = 0;
  for (const [s, { width }] of map.sites.entries())
    for (let u = 0; u < width; u++, at++) {
      unit[at] = u;
      siteIndex[at] = s;
    }
  if (at !== rows) throw new Error(`a map of ${rows} rows was given sites of ${at} units`);
  // Each value once in the dictionary: pandas refuses to open one that repeats itself.
  const text = (id: number, ofSite: string[], indices: Int8 | Int16) => {
    const values = [...new Set(ofSite)];
    const dictionary = vectorFromArray(values, new Utf8());
    const type = new Dictionary(new Utf8(), indices, id);
    const places = ofSite.map((value) => values.indexOf(value));
    const data = new indices.ArrayType(rows);
    for (let row = 0; row < rows; row++) data[row] = places[siteIndex[row]];
    return { type, data: makeData({ type, data, dictionary, nullCount: 0 }) };
  };
  const site = text(
    0,
    map.sites.map((s) => s.site),
    new Int16(),
  );
  const kind = text(
    1,
    map.sites.map((s) => s.kind),
    new Int8(),
  );
  const fields: Field[] = [
    new Field('site', site.type, false),
    new Field('kind', kind.type, false),
    new Field('unit', new Int32(), false),
    new Field('flag', new Uint8(), false),
  ];
  const children: unknown[] = [
    site.data,
    kind.data,
    makeData({ type: new Int32(), data: unit, nullCount: 0 }),
    makeData({ type: new Uint8(), data: map.flags, nullCount: 0 }),
  ];
  if (map.marks) {
    fields.push(new Field('copy_of', new Int32(), false), new Field('unreachable', new Uint8(), false));
    children.push(
      makeData({ type: new Int32(), data: map.marks.copyOf, nullCount: 0 }),
      makeData({ type: new Uint8(), data: map.marks.unreachable, nullCount: 0 }),
    );
  }
  for (const [contrast, statistics] of map.contrasts)
    for (const [name, values] of Object.entries(statistics)) {
      const type = values instanceof Float32Array ? new Float32() : new Float64();
      fields.push(new Field(`${contrast}.${name}`, type, false));
      children.push(makeData({ type, data: canonicalNaN(values), nullCount: 0 } as never));
    }
  const facts = Object.entries(map.facts).sort(([a], [b]) => (a < b ? -1 : 1));
  const schema = new Schema(fields, new Map([['galvani', 'map'], ...facts]));
  const file = await createArrowFile(path, schema, 'sha256', { compressed: true });
  try {
    const struct = makeData({ type: new Struct(fields), length: rows, nullCount: 0, children: children as never });
    file.add(new RecordBatch(schema, struct));
    return await file.finish();
  } catch (error) {
    await file.abandon();
    throw error;
  }
}

/** Reads a map that `writeMap` wrote. */
export async function readMap(source: Source): Promise<StatisticMap> {
  const path = pathOf(source);
  const file = await openArrowFile(source);
  try {
    if (file.schema.metadata.get('galvani') !== 'map') throw new Failure(`${path} is not a galvani map.`);
    const names = file.schema.fields.map((field) => field.name);
    for await (const batch of file.batches()) {
      const { rows } = batch;
      const column = (name: string) => {
        const data = batch.columns[names.indexOf(name)];
        if (data === undefined || data.length !== rows || (data.values as Int32Array).length < rows)
          throw new Failure(`${path} is damaged (its column '${name}' is missing or shorter than its rows).`);
        return data;
      };
      const labels = (name: string) => [...(column(name).dictionary ?? [])] as string[];
      const codesOf = (name: string, count: number) => {
        const codes = (column(name).values as Int32Array).subarray(0, rows);
        if (codes.some((code) => !(code >= 0 && code < count)))
          throw new Failure(`${path} is damaged (a value of '${name}' is not in its dictionary).`);
        return codes;
      };
      const codes = codesOf('site', labels('site').length);
      const widths = labels('site').map(() => 0);
      for (const code of codes) widths[code]++;
      const kinds = labels('kind');
      const kindCodes = codesOf('kind', kinds.length);
      const firstUnits = widths.map((_, s) => codes.indexOf(s));
      const contrasts = new Map<string, StoredStatistics>();
      for (const name of names) {
        const dot = name.lastIndexOf('.');
        if (dot < 0) continue;
        const contrast = name.slice(0, dot);
        const statistics = contrasts.get(contrast) ?? {};
        contrasts.set(contrast, statistics);
        statistics[name.slice(dot + 1)] = (column(name).values as Float32Array | Float64Array).slice(0, rows);
      }
      const marks = names.includes('copy_of') && {
        copyOf: (column('copy_of').values as Int32Array).slice(0, rows),
        unreachable: (column('unreachable').values as Uint8Array).slice(0, rows),
      };
      const facts = Object.fromEntries([...file.schema.metadata].filter(([key]) => key !== 'galvani'));
      return {
        sites: labels('site').map((site, i) => ({ site, kind: kinds[kindCodes[firstUnits[i]]], width: widths[i] })),
        flags: (column('flag').values as Uint8Array).slice(0, rows),
        ...(marks && { marks }),
        contrasts,
        facts,
      };
    }
    throw new Failure(`${path} is empty.`);
  } finally {
    await file.close();
  }
}

/** Names of a contrast's statistics in a map's file, of which its schema alone is read. */
export async function mapStatistics(source: Source, contrast: string): Promise<string[]> {
  const file = await openArrowFile(source);
  await file.close();
  const names = file.schema.fields.map((field) => field.name);
  return names
    .filter((name) => name.slice(0, Math.max(0, name.lastIndexOf('.'))) === contrast)
    .map((name) => name.slice(contrast.length + 1));
}
