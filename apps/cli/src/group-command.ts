import { resolve } from 'node:path';
import { requireWritableFolder } from '@galvani/artifact';
import { studyFolder } from '@galvani/study';
import { answer, interruptible, note } from '@galvani/terminal';
import { Command } from 'commander';
import { wholeNumber } from './number-option.js';
import { findStudy } from './study-argument.js';

interface GroupOptions {
  out: string;
  by?: string;
  seed: number;
}

const about = `
Each study is one observation, whose subject is a model; docs/group.md says what is compared and how. --by names a CSV with a row for each study: its
name in the column 'study', and in the others numbers (parameters) or two groups (trained). Studies with other tasks are compared by those they share.`;

/** The second level: studies as observations. */
export function groupCommand(): Command {
  return new Command('group')
    .description('second-level statistics over studies, with models as subjects: networks, identification, geometry')
    .argument('<study...>', 'study.yaml of each study, or the folder that holds it')
    .option('--by <file>', 'a table of what to compare studies by')
    .option('--out <folder>', 'the folder to write tables into, which is not there yet', 'group')
    .option('--seed <number>', 'of relabellings, where these are too many to take all', wholeNumber(0), 1)
    .addHelpText('after', about)
    .action(async (named: string[], { out, by, seed }: GroupOptions) => {
      const { writeGroup } = await import('@galvani/group');
      const { groupText } = await import('./group-text.js');
      await requireWritableFolder(out);
      const group = await interruptible(async (signal) => {
        const studies = [];
        for (const each of named) {
          const { path, root, derivatives } = await findStudy(each);
          studies.push({ named: each, path: resolve(path), folder: studyFolder(derivatives, root) });
        }
        return writeGroup({ studies, out, seed, signal, ...(by !== undefined && { by }) });
      }, 'nothing was kept');
      for (const sentence of group.notes) note(`group: ${sentence}`);
      const { studies, tasks, notes, effects, covariates, geometry } = group;
      answer(groupText(group, out), {
        folder: resolve(out),
        ...{ studies, tasks, notes, effects, covariates, geometry },
      });
    });
}
