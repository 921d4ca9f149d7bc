import { resolve } from 'node:path';
import { stageRow } from '@galvani/pipeline';
import { calibrationPath, claimed, studyFolder } from '@galvani/study';
import { answer, interruptible, note } from '@galvani/terminal';
import { Command } from 'commander';
import { wholeNumber } from './number-option.js';
import { withStudy } from './study-argument.js';

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
    .description(stageRow('calibrate').summary)
    .option('--quick', 'seconds instead of minutes, with wide intervals')
    .option('--study <study>', 'also label rest prompts of this study (extracted before) as task, at random')
    .option('--derivatives <folder>', "the study's derivatives (default: data/derivatives/<study> in the workspace)")
    .option(
      '--out <file>',
      'Parquet file to write (default with a study: calibrate/calibration.parquet in its derivatives)',
    )
    .option('--seed <n>', 'seed of everything random', wholeNumber(0), 1)
    .action(async ({ quick = false, study, derivatives, out, seed }: CalibrateOptions) => {
      const { calibrationText, calibrationTrials, measureErrorRates } = await import('@galvani/calibrate');
      const request = { quick, seed, out: out === undefined ? undefined : resolve(out) };
      const { rows, path } = await interruptible(
        async (signal) =>
          study === undefined
            ? { rows: await measureErrorRates({ ...request, signal }), path: request.out }
            : withStudy(study, derivatives, signal, async (planned, signal) => {
                const path = request.out ?? calibrationPath(studyFolder(planned.study));
                const calibrating = claimed('calibrate', measureErrorRates);
                return {
                  rows: await calibrating({ ...request, study: planned.study, root: planned.root, out: path, signal }),
                  path,
                };
              }),
        'no rate was kept',
      );
      answer(`${calibrationText(rows)}\n${calibrationTrials(rows)}`);
      if (path) note(`calibrate: ${rows.length} rates in ${path}`);
    });
}
