import { stageRow } from '@galvani/pipeline';
import { absentStages, readPlan } from '@galvani/study';
import { answerFacts, interruptible, outputMode, say, UserMistake } from '@galvani/terminal';
import { Command } from 'commander';
import { shortOfMemory, tellShort } from './short-here.js';
import { derivativesDefault, withStudy } from './study-argument.js';
import { forecastOf, tellForecast, warnOfMistake } from './study-forecast.js';
import { withTaskList } from './study-tasks.js';

/** Checks a study and says what it takes, and with --json lists it as tasks. */
export function planCommand(): Command {
  return new Command('plan')
    .description(stageRow('plan').summary)
    .argument('<study>', 'study.yaml, or the folder that holds it')
    .option('--out <folder>', `folder for derivatives (${derivativesDefault})`)
    .option('--no-measure', 'forecast time at a stated rate, without running the model')
    .action(async (named: string, { out, measure }: { out?: string; measure: boolean }) => {
      if (outputMode().json) {
        return interruptible((signal) =>
          withTaskList(
            named,
            out,
            signal,
            async (list, folder, _, size) => {
              const stages = forecastOf(size, 1);
              if (size instanceof UserMistake) {
                warnOfMistake(size);
                return answerFacts({ ...list, short: shortOfMemory(stages) });
              }
              answerFacts({ ...list, short: await tellShort(folder, stages, await readPlan(folder)) });
            },
            { whereUnwritable: true },
          ),
        );
      }
      await interruptible((signal) =>
        withStudy(
          named,
          out,
          signal,
          async ({ name, folder, root, runs, unwritable }) => {
            const where = unwritable
              ? `nothing can be written in ${folder.root} (${unwritable}), so what each stage is told is not kept`
              : `what each stage is told is in ${folder.plan}`;
            say(`plan: ${name} has ${runs.length} runs; ${where}`);
            for (const { stage, why } of absentStages(await readPlan(folder)))
              say(`plan: ${stage} is left out. ${why}`);
            await tellForecast(folder, root, { measure, signal });
          },
          { whereUnwritable: true },
        ),
      );
    });
}
