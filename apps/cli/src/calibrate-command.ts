import { resolve } from 'node:path';
import type { CalibrationRate } from '@galvani/artifact';
import { stageRow } from '@galvani/pipeline';
import { calibrationPath, claimed, studyFolder } from '@galvani/study';
import { answer, interruptible, note, UserMistake } from '@galvani/terminal';
import { Command } from 'commander';
import { wholeNumber } from './number-option.js';
import { derivativesDefault, withStudyIn } from './study-argument.js';

interface CalibrateOptions {
  quick?: boolean;
  study?: string[];
  derivatives?: string;
  out?: string;
  seed: number;
}

/** Measures the error rates of every noise model and correction, instead of believing them. */
export function calibrateCommand(): Command {
  return new Command('calibrate')
    .description(stageRow('calibrate').summary)
    .option('--quick', 'a minute instead of many, with wide intervals')
    .option('--study <study...>', 'also label rest prompts of these studies (extracted before) as task, at random')
    .option('--derivatives <folder>', `the study's derivatives (${derivativesDefault})`)
    .option(
      '--out <file>',
      'Parquet file to write (default with a study: calibrate/calibration.parquet in its derivatives)',
    )
    .option('--seed <n>', 'seed of everything random', wholeNumber(0), 1)
    .action(async ({ quick = false, study, derivatives, out, seed }: CalibrateOptions) => {
      const { calibrationText, calibrationTrials, isSimulated, measureErrorRates } = await import('@galvani/calibrate');
      const paths = out === undefined || study ? [] : [resolve(out)];
      const request = { quick, seed, out: out === undefined ? undefined : resolve(out) };
      const studies = study ?? [];
      if (studies.length > 1 && (derivatives !== undefined || out !== undefined))
        throw new UserMistake(
          '--out and --derivatives are of one study: name one study, or leave them out, and rates are kept with each study.',
        );
      const rows = await interruptible(async (signal) => {
        if (studies.length === 0) return measureErrorRates({ ...request, signal });
        const known: CalibrationRate[] = [];
        for (const [i, named] of studies.entries()) {
          const own = await withStudyIn(named, derivatives, signal, ({ study, root }, both) => {
            const path = request.out ?? calibrationPath(studyFolder(study));
            const simulated = i === 0 ? undefined : known.filter(isSimulated);
            paths.push(path);
            return claimed(
              'calibrate',
              measureErrorRates,
            )({ ...request, study, root, simulated, out: path, signal: both });
          });
          known.push(...(i === 0 ? own : own.filter((row) => !isSimulated(row))));
        }
        return known;
      }, 'no rate was kept');
      answer(`${calibrationText(rows)}\n${calibrationTrials(rows)}`, { rates: rows, files: paths });
      for (const path of paths) note(`calibrate: rates are in ${path}`);
    });
}
