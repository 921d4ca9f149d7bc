import { stageRow } from '@galvani/pipeline';
import { answer, interruptible, say } from '@galvani/terminal';
import { Command } from 'commander';
import { withStudy } from './study-argument.js';
import { withTaskList } from './study-tasks.js';

/** Checks a study, and with --json lists it as tasks. */
export function planCommand(): Command {
  return new Command('plan')
    .description(stageRow('plan').summary)
    .argument('<study>', 'study.yaml, or the folder that holds it')
    .option('--out <folder>', 'folder for derivatives (default: data/derivatives/<study> in the workspace)')
    .option('--json', 'print the study as tasks, with inputs, outputs, commands and resources (docs/clusters.md)')
    .action(async (named: string, { out, json }: { out?: string; json?: true }) => {
      if (json) {
        const list = await interruptible((signal) => withTaskList(named, out, signal, async (list) => list));
        return answer(JSON.stringify(list, null, 2));
      }
      const { name, study, runs } = await interruptible((signal) =>
        withStudy(named, out, signal, async (planned) => planned),
      );
      say(`plan: ${name} has ${runs.length} runs; what each stage is told is in ${study}/plan`);
    });
}
