import { studyFolder } from '@galvani/study';
import { answer, interruptible, outputMode, UserMistake } from '@galvani/terminal';
import { Command } from 'commander';
import { liveStudy } from './live-study.js';
import { wholeNumber } from './number-option.js';
import { derivativesDefault, findStudy } from './study-argument.js';

interface UnitOptions {
  count: number;
  runs?: true;
  replay?: true;
  derivatives?: string;
}

const about = `
Percentiles are over all recorded tokens, such as one might clamp a unit to (docs/interventions.md). p are corrected over units.
Rows after the end of a prompt's text count where they count for the study's statistics.
On a terminal tokens are coloured by the unit's activity: yellow above its mean, blue below it, from one standard deviation on.`;

/** What a study knows of one unit. */
export function unitCommand(): Command {
  return new Command('unit')
    .description(
      'a unit over a recorded study: its values, statistics, and the prompts and tokens at which it is highest and lowest',
    )
    .argument('<study>', 'study.yaml, or the folder that holds it')
    .argument('<site>', 'the site (galvani sites lists those of a model)')
    .argument('<unit>', 'the unit, from 0', wholeNumber(0))
    .option('--count <number>', 'prompts and tokens of each end', wholeNumber(1), 5)
    .option('--runs', 'statistics in the maps of single runs too')
    .option('--replay', 'play the runs again where activations at every token were not kept')
    .option('--derivatives <folder>', `the study's derivatives (${derivativesDefault})`)
    .addHelpText('after', about)
    .action(async (named: string, site: string, unit: number, options: UnitOptions) => {
      const { count, runs = false, replay, derivatives } = options;
      const { unitAccount } = await import('@galvani/view');
      const { unitText } = await import('./unit-text.js');
      if (outputMode().json && runs)
        throw new UserMistake('--json has the maps of single runs anyway: leave out --runs.');
      await interruptible(async (signal) => {
        const { root, derivatives: place } = await findStudy(named, derivatives);
        const folder = studyFolder(place, root);
        const played = replay && (() => liveStudy(folder, root, signal).replay(site, unit));
        const account = await unitAccount(folder, { site, unit, count, ...(played && { replay: played }) });
        const colour = process.stdout.isTTY === true && !process.env.NO_COLOR;
        answer(unitText(account, { runs, colour }), account);
      });
    });
}
