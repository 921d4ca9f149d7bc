import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { describeOutput, partialPath, sha256OfFile, writeManifest } from '@galvani/artifact';
import { makeFolder, UserMistake, whileWriting } from '@galvani/terminal';
import { analyseGroup, type GroupAnalysis } from './analyse-group.js';
import { readCovariates } from './covariate.js';
import { type NamedStudy, openGroupStudy, studyLabels } from './group-study.js';
import { writeGroupTables } from './group-tables.js';

export interface GroupRequest {
  studies: readonly NamedStudy[];
  /** A table of covariates (`readCovariates`). */
  by?: string;
  /** The folder to write, which is not there yet. */
  out: string;
  /** Of relabellings that are drawn. Default: 1. */
  seed?: number;
  signal?: AbortSignal;
}

/** What was found, and what studies are called in it. */
export type WrittenGroup = GroupAnalysis & { studies: string[] };

/**
 * Compares studies whose subjects are different models and writes the tables with a manifest. The folder appears whole or not at all; the same
 * studies in the same order give the same bytes.
 *
 * @throws UserMistake for fewer than two studies, one that is named twice, one without networks, a wrong table of covariates, and a folder that is there
 */
export async function writeGroup({ studies, by, out, seed = 1, signal }: GroupRequest): Promise<WrittenGroup> {
  if (studies.length < 2)
    throw new UserMistake('a group takes two studies or more: name each study.yaml, or its folder.');
  const roots = studies.map(({ folder }) => folder.root);
  const twice = studies.find((_, i) => roots.indexOf(roots[i]) !== i);
  if (twice) throw new UserMistake(`${twice.named} is named twice: a study is one observation.`);
  if (existsSync(out)) throw new UserMistake(`--out ${out} is there already: name a folder that is not, or delete it.`);
  const labels = studyLabels(studies);
  const opened = [];
  for (const [i, study] of studies.entries()) opened.push(await openGroupStudy(study, labels[i], signal));
  const covariates = by === undefined ? [] : await readCovariates(by, opened);
  const analysis = await analyseGroup(opened, covariates, seed);
  signal?.throwIfAborted();
  const inputs = opened.flatMap(({ label, inputs: own }) =>
    Object.entries(own).map(([path, digest]) => [`${label}/${path}`, digest]),
  );
  const beside = partialPath(out);
  try {
    await whileWriting(out, async () => {
      await makeFolder(beside);
      const names = await writeGroupTables((name) => join(beside, name), analysis);
      const outputs = await Promise.all(names.map(async (name) => [name, await describeOutput(join(beside, name))]));
      await writeManifest(beside, {
        stage: 'group',
        parameters: { studies: labels, seed, ...(by !== undefined && { by: basename(by) }) },
        inputs: Object.fromEntries([...inputs, ...(by === undefined ? [] : [[basename(by), await sha256OfFile(by)]])]),
        outputs: Object.fromEntries(outputs),
        facts: { studies: labels.length, tasks: analysis.tasks, notes: analysis.notes },
      });
      await rename(beside, out);
    });
  } catch (error) {
    await rm(beside, { recursive: true, force: true });
    throw error;
  }
  return { ...analysis, studies: labels };
}
