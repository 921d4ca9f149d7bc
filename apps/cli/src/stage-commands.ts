import { studyFolder, withClaims } from '@galvani/artifact';
import { claimed, requireEveryStage } from '@galvani/study';
import { interruptible, type StageArguments, say } from '@galvani/terminal';
import { Command } from 'commander';
import { glmCommand } from './glm-command.js';
import { checkRun, withStudy } from './study-argument.js';

type Stage = (args: StageArguments) => Promise<void>;

interface StageCommand {
  name: Parameters<typeof claimed>[0];
  description: string;
  /**
   * Stages are loaded when they are asked for, since `galvani --help` need not wait for onnxruntime; and before anything is
   * done, since a build may replace their files meanwhile.
   */
  load(): Promise<Stage>;
  byRun?: boolean;
}

const stages: StageCommand[] = [
  {
    name: 'design',
    description: 'which prompt is shown in which block of which run',
    load: async () => (await import('@galvani/design')).runDesign,
  },
  {
    name: 'extract',
    description: 'run the model and record every site for every generated token',
    load: async () => (await import('@galvani/extract')).runExtract,
    byRun: true,
  },
  {
    name: 'glm',
    description: 'see glm-command.ts, which also takes series without a study',
    load: async () => (await import('@galvani/glm')).runGlm,
  },
  {
    name: 'networks',
    description: 'the units each task engages, how networks overlap and repeat',
    load: async () => (await import('@galvani/networks')).runNetworks,
  },
  {
    name: 'decode',
    description: 'identify the task of runs and prompts that selection never saw',
    load: async () => (await import('@galvani/decode')).runDecode,
  },
  {
    name: 'report',
    description: 'one HTML page with everything',
    load: async () => (await import('@galvani/report')).runReport,
  },
];

const studyArgument = ['<study>', 'study.yaml, or the folder that holds it'] as const;
const outOption = [
  '--out <folder>',
  'folder for derivatives (default: data/derivatives/<study> in the workspace)',
] as const;

/** A command for the whole study, one to check it, and one for each stage. */
export function stageCommands(): Command[] {
  return [runAll(), plan(), ...stages.map((stage) => (stage.name === 'glm' ? glmCommand() : single(stage)))];
}

function runAll(): Command {
  return new Command('run')
    .description('run every stage of a study, one after another (nx adds caching: npx nx run <study>:all)')
    .argument(...studyArgument)
    .option(...outOption)
    .action(async (named: string, { out }: { out?: string }) => {
      const loaded = await Promise.all(stages.map(async ({ name, load }) => claimed(name, await load())));
      await interruptible((signal) =>
        withStudy(
          named,
          out,
          signal,
          ({ study, root, runs }, planned) => {
            const write = stages.flatMap(({ name }) =>
              name === 'extract' ? runs.map((run) => `extract/${run}`) : [name],
            );
            // All of it, or two of these commands would take turns, stage by stage.
            return withClaims(studyFolder(study), { write }, planned, async (signal) => {
              for (const stage of loaded) await stage({ study, root, signal });
            });
          },
          requireEveryStage,
        ),
      );
    });
}

function plan(): Command {
  return new Command('plan')
    .description('check a study and write what each stage needs to know')
    .argument(...studyArgument)
    .option(...outOption)
    .action(async (named: string, { out }: { out?: string }) => {
      const { name, study, runs } = await interruptible((signal) =>
        withStudy(named, out, signal, async (planned) => planned),
      );
      say(`plan: ${name} has ${runs.length} runs; its slices are in ${study}/plan`);
    });
}

function single({ name, description, load, byRun }: StageCommand): Command {
  const command = new Command(name)
    .description(description)
    .argument(...studyArgument)
    .option(...outOption);
  if (byRun) command.option('--run <name>', 'one run alone (default: all)');
  return command.action(async (named: string, { out, run }: { out?: string; run?: string }) => {
    const stage = claimed(name, await load());
    await interruptible((signal) =>
      withStudy(named, out, signal, (planned, signal) => {
        checkRun(planned, run);
        return stage({ study: planned.study, root: planned.root, run, signal });
      }),
    );
  });
}
