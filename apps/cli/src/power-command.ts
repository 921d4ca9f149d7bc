import { stageRow } from '@galvani/pipeline';
import { claimed } from '@galvani/study';
import { answer, interruptible, note } from '@galvani/terminal';
import { Command } from 'commander';
import { wholeNumber } from './number-option.js';
import { derivativesDefault, withStudy } from './study-argument.js';

/** How many prompts a study needs, from a recorded one. */
export function powerCommand(): Command {
  return new Command('power')
    .description(stageRow('power').summary)
    .argument('<study>', 'study.yaml of a study that was recorded and fitted, or the folder that holds it')
    .option('--out <folder>', `folder of its derivatives (${derivativesDefault})`)
    .option('--draws <n>', 'choices of prompts of each number', wholeNumber(1), 5)
    .option('--seed <n>', 'seed of the choices', wholeNumber(0), 1)
    .action(async (named: string, { out, draws, seed }: { out?: string; draws: number; seed: number }) => {
      const { measurePower, powerSentences, powerText } = await import('@galvani/power');
      const work = claimed('power', measurePower);
      const { rows, path } = await interruptible((signal) =>
        withStudy(named, out, signal, async ({ study, root }, both) => ({
          rows: await work({ study, root, draws, seed, signal: both }),
          path: `${study}/power/power.parquet`,
        })),
      );
      const sentences = powerSentences(rows);
      answer(`${powerText(rows)}\n\n${sentences.join('\n')}`, { rows, sentences, file: path });
      note(`power: the numbers, by task, are in ${path}`);
    });
}
