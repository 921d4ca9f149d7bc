import { resolve } from 'node:path';
import { calibrationPath, studyFolder } from '@galvani/artifact';
import { answer, interruptible, note } from '@galvani/terminal';
import { Command } from 'commander';
import { wholeNumber } from './number-option.js';
import { planNamed } from './study-argument.js';

interface CalibrateOptions {
  quick?: boolean;
  study?: string;
  derivatives?: string;
  out?: string;
  seed: number;
}

/** Measures the error rates of every noise model and correction, instead of believing them. */
export function calibrateCommand(): Command {
  return new Command('calibrate')
    .description(
      'measure error rates and power of every noise model and correction, on simulated noise and on rest prompts',
    )
    .option('--quick', 'seconds instead of minutes, with wide intervals')
    .option('--study <study>', 'also label rest prompts of this study (extracted before) as task, at random')
    .option('--derivatives <folder>', "the study's derivatives (default: data/derivatives/<study> in the workspace)")
    .option(
      '--out <file>',
      'Parquet file to write (default with a study: calibrate/calibration.parquet in its derivatives)',
    )
    .option('--seed <n>', 'seed of everything random', wholeNumber(0), 1)
    .action(async ({ quick = false, study, derivatives, out, seed }: CalibrateOptions) => {
      const planned = study === undefined ? undefined : await planNamed(study, derivatives);
      const path = out ? resolve(out) : planned && calibrationPath(studyFolder(planned.study));
      const { calibrationText, calibrationTrials, runCalibration } = await import('@galvani/glm');
      const rows = await interruptible(
        (signal) => runCalibration({ study: planned?.study, root: planned?.root, quick, out: path, seed, signal }),
        'no rate was kept',
      );
      answer(`${calibrationText(rows)}\n${calibrationTrials(rows)}`);
      if (path) note(`calibrate: ${rows.length} rates in ${path}`);
    });
}
