import { join } from 'node:path';
import { withClaims } from '@galvani/artifact';
import { type StageRow, stageTable } from '@galvani/pipeline';
import { type Stage, studyFolder } from '@galvani/study';
import { answerFacts, interruptible, outputMode, readJsonFileIfThere, startWhole } from '@galvani/terminal';
import { Command } from 'commander';
import { calibrateCommand } from './calibrate-command.js';
import { glmCommand } from './glm-command.js';
import { loadStage } from './load-stage.js';
import { planCommand } from './plan-command.js';
import { powerCommand } from './power-command.js';
import { type StageWork, stageWork } from './stage-work.js';
import { steerCommand } from './steer-command.js';
import { checkRun, derivativesDefault, type StudyToRun, withStudy } from './study-argument.js';
import { forecastSteps } from './study-forecast.js';

const studyArgument = ['<study>', 'study.yaml, or the folder that holds it'] as const;
const outOption = ['--out <folder>', `folder for derivatives (${derivativesDefault})`] as const;

/** Commands that take more than a study. */
const special: Record<string, (() => Command) | undefined> = {
  plan: planCommand,
  glm: glmCommand,
  calibrate: calibrateCommand,
  power: powerCommand,
  steer: steerCommand,
};

/** A command for the whole study, and one for each stage of the table. */
export function stageCommands(): Command[] {
  return [runCommand(), ...stageTable.map((row) => special[row.name]?.() ?? stageCommand(row))];
}

function runCommand(): Command {
  return new Command('run')
    .description('run every stage of a study, one after another (nx adds caching: npx nx run <study>:all)')
    .argument(...studyArgument)
    .option(...outOption)
    .action(async (named: string, { out }: { out?: string }) => {
      const rows: readonly StageRow[] = stageTable;
      const wanted = rows.filter(({ name, byHand }) => name !== 'plan' && !byHand);
      const loaded = await Promise.all(wanted.map(({ name }) => loadStage(name as Stage)));
      await interruptible((signal) =>
        withStudy(named, out, signal, (found, planned) => {
          const { study, root, runs } = found;
          const write = wanted.flatMap(({ name, per }) =>
            per === 'run' ? runs.map((run) => `${name}/${run}`) : [name],
          );
          // All of it, or two of these commands would take turns, stage by stage.
          return withClaims(studyFolder(study), { write }, planned, async (signal) => {
            const whole = startWhole('run', await forecastSteps(found, wanted));
            const stages: StageWork[] = [];
            try {
              for (const [i, stage] of loaded.entries()) {
                whole.next();
                stages.push(
                  await stageWork(found, wanted[i].name as Stage, undefined, () => stage({ study, root, signal })),
                );
              }
            } finally {
              whole.finish();
            }
            await answerRun(found, stages);
          });
        }),
      );
    });
}

function stageCommand({ name, summary, per }: StageRow): Command {
  const command = new Command(name)
    .description(summary)
    .argument(...studyArgument)
    .option(...outOption);
  const gather = (run: string, before: string[] = []) => [...before, run];
  if (per === 'run') command.option('--run <name>', 'one run, several times for several runs (default: all)', gather);
  return command.action(async (named: string, { out, run: runs }: { out?: string; run?: string[] }) => {
    const stage = await loadStage(name as Stage);
    await interruptible((signal) =>
      withStudy(named, out, signal, async (planned, signal) => {
        for (const run of runs ?? []) checkRun(planned, run);
        const { study, root } = planned;
        const done = await stageWork(planned, name as Stage, runs, () => stage({ study, root, runs, signal }));
        answerFacts({ study: planned.name, derivatives: study, stages: [done] });
      }),
    );
  });
}

/** What a whole run came to: what each stage did, where the report is, and what it says first. */
async function answerRun({ name, study }: StudyToRun, stages: readonly StageWork[]): Promise<void> {
  if (!outputMode().json) return;
  const folder = studyFolder(study);
  const findings = (await readJsonFileIfThere(join(folder.report, 'findings.json'))) as
    | Record<'summary' | 'cautions', string[]>
    | undefined;
  const report = join(folder.report, 'index.html');
  answerFacts({
    study: name,
    derivatives: study,
    stages,
    report,
    summary: findings?.summary,
    cautions: findings?.cautions,
  });
}
