import { resolve } from 'node:path';
import { requireWritableFolder } from '@galvani/artifact';
import { studyFolder } from '@galvani/study';
import { answer, formatBytes, formatCount, interruptible } from '@galvani/terminal';
import { Command } from 'commander';
import { derivativesDefault, findStudy } from './study-argument.js';

const about = `
Events, design matrices, every map's statistics as NIfTI-2 and networks as masks; docs/bids.md says how they are laid out and named. Needs what
the stages design, extract and glm write. Recorded activations are not copied.`;

/** A study's results in the formats of neuroimaging. */
export function exportBidsCommand(): Command {
  return new Command('bids')
    .description("a study's results as a BIDS-derivatives dataset, for nilearn, nibabel and what reads NIfTI-2")
    .argument('<study>', 'study.yaml, or the folder that holds it')
    .option('--out <folder>', 'the folder to write, which is not there yet (default: the derivatives’ name and -bids)')
    .option('--derivatives <folder>', `the study's derivatives (${derivativesDefault})`)
    .addHelpText('after', about)
    .action(async (named: string, { out, derivatives }: { out?: string; derivatives?: string }) => {
      const { exportBids } = await import('@galvani/bids');
      const { root, derivatives: place } = await findStudy(named, derivatives);
      const target = out ?? `${place}-bids`;
      await requireWritableFolder(target);
      const written = await interruptible(
        (signal) => exportBids(studyFolder(place, root), target, signal),
        'nothing was kept',
      );
      const { runs, maps, files, bytes, subject } = written;
      answer(
        `${target}: ${subject} with ${formatCount(runs)} runs and ${formatCount(maps)} maps, ${formatCount(files)} files, ${formatBytes(bytes)}`,
        { folder: resolve(target), ...written },
      );
    });
}
