import { cp, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { partWord } from '@galvani/pipeline';
import { jsonText, startProgress, whileWriting } from '@galvani/terminal';
import type { ServedStudy } from './serve-view.js';
import type { StudyView } from './view-types.js';

export interface WriteViewOptions {
  /** Folder of the viewer's built page. */
  page: string;
  studies: readonly ServedStudy[];
  /** The folder to write; nothing is there yet. */
  out: string;
  /** Members of each network whose series are written, the strongest. Default: 100. */
  members?: number;
  signal?: AbortSignal;
}

/**
 * Writes the viewer and the parts of studies into a folder that any web server can serve: everything that `serveView` serves but masks, replays and the
 * series of units outside networks. The folder appears whole or not at all.
 *
 * @returns bytes that were written of studies
 */
export async function writeView({ page, studies, out, members = 100, signal }: WriteViewOptions): Promise<number> {
  const beside = `${out}.partial-${process.pid}`;
  let bytes = 0;
  const write = async (path: string, content: Uint8Array | string) => {
    const place = join(beside, 'data', path);
    await mkdir(dirname(place), { recursive: true });
    await writeFile(place, content);
    bytes += content.length;
  };
  try {
    await whileWriting(out, async () => {
      await mkdir(dirname(out), { recursive: true });
      await cp(page, beside, { recursive: true });
      // GitHub Pages would leave out what Jekyll does: names that begin with an underscore.
      await writeFile(join(beside, '.nojekyll'), '');
      await write('studies.json', jsonText(studies.map(({ name }) => name)));
      const wanted: { study: number; words: string[] }[] = [];
      for (const [k, { parts }] of studies.entries()) {
        const view = JSON.parse(Buffer.from((await parts.part(['study.json']))!.bytes).toString()) as StudyView;
        for (const words of partsOf(view)) wanted.push({ study: k, words });
        for (const { site, unit } of await strongestMembers(parts, view, members))
          for (const part of view.twin ? ['series', 'twin'] : ['series'])
            wanted.push({ study: k, words: [part, partWord(site), `${unit}.arrow`] });
      }
      const progress = startProgress('view', wanted.length, 'parts');
      try {
        for (const { study, words } of wanted) {
          signal?.throwIfAborted();
          const part = await studies[study].parts.part(words);
          if (part) await write([study, ...words].join('/'), part.bytes);
          progress.advance(1);
        }
      } finally {
        progress.finish();
      }
      await rename(beside, out);
    });
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    throw error;
  }
  return bytes;
}

/** Words of all parts of a study but series. */
function partsOf({ runs, stages, maps, tables, twin }: StudyView): string[][] {
  const designed = stages.some(({ stage, done }) => stage === 'design' && done > 0);
  return [
    ['study.json'],
    ['state.json'],
    ...(designed ? runs : []).map(({ name }) => ['runs', `${partWord(name)}.json`]),
    ...(twin ? runs.filter(({ rows }) => rows > 0) : []).map(({ name }) => ['twin-runs', `${partWord(name)}.json`]),
    ...maps.flatMap(({ name, columns }) =>
      columns.map((column) => ['maps', partWord(name), `${partWord(column)}.arrow`]),
    ),
    ...maps
      .filter(({ kind, task }) => kind === 'task' && task !== undefined && runs.some(({ rows }) => rows > 0))
      .map(({ task }) => ['networks', `${partWord(task!)}.arrow`]),
    ...tables.flatMap(({ stage, names }) => names.map((name) => ['tables', partWord(stage), `${partWord(name)}.json`])),
  ];
}

/** The strongest members of each network, by |t|, each once. */
async function strongestMembers(
  parts: ServedStudy['parts'],
  { tables }: StudyView,
  most: number,
): Promise<{ site: string; unit: number }[]> {
  if (!tables.some(({ stage, names }) => stage === 'networks' && names.includes('units'))) return [];
  const part = await parts.part(['tables', 'networks', 'units.json']);
  const rows = JSON.parse(Buffer.from(part!.bytes).toString()) as {
    task: string;
    site: string;
    unit: number;
    t: number;
  }[];
  const tasks = [...new Set(rows.map(({ task }) => task))];
  const strongest = tasks.flatMap((task) =>
    rows
      .filter((row) => row.task === task)
      .sort((a, b) => Math.abs(b.t) - Math.abs(a.t))
      .slice(0, most),
  );
  return [...new Map(strongest.map(({ site, unit }) => [`${site}:${unit}`, { site, unit }])).values()];
}
