import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { collectRarely } from './collect-rarely.js';
import { setCaller } from './command-name.js';
import { runCommand } from './exit-code.js';
import { interruptible } from './interrupt.js';
import { UserMistake } from './mistake.js';

/** What every stage is told. */
export interface StageArguments {
  /** The study's derivatives: `data/derivatives/<study>`, absolute. */
  study: string;
  /** The workspace that paths in stages' parameters are relative to, absolute. */
  root: string;
  /** The runs to work on, for stages that work run by run. Default: all of the study. */
  runs?: readonly string[];
  /** Runs that the same command does one after another, so that a run may be computed together with them alone. Default: with all. */
  among?: readonly string[];
  /** Told of each run that is whole, before the next one is begun. */
  ended?(run: string): void;
  /** study.yaml, for the plan stage, which alone reads it; absolute. */
  yaml?: string;
  /** Aborts on Ctrl-C. */
  signal: AbortSignal;
}

/**
 * The process of a stage: `node main.js --study FOLDER [--root FOLDER] [--run NAME]... [--yaml FILE] [--project NAME]`,
 * the last being that of the study in Nx. Whoever forks it is sent
 * `{ run }` for each run that is whole.
 */
export function stageMain(stage: (args: StageArguments) => Promise<void>): Promise<void> {
  collectRarely();
  return runCommand(async () => {
    const text = { type: 'string' } as const;
    const options = { study: text, root: text, run: { ...text, multiple: true }, yaml: text, project: text } as const;
    let values: { study?: string; root?: string; run?: string[]; yaml?: string; project?: string };
    try {
      values = parseArgs({ options }).values;
    } catch (cause) {
      throw new UserMistake(
        `${(cause as Error).message} Allowed: --study FOLDER, --root FOLDER, --run NAME (several times for several runs), --yaml FILE, --project NAME.`,
        {
          cause,
        },
      );
    }
    const { study, run: runs, project } = values;
    if (project) setCaller({ command: 'npx galvani', project });
    const yaml = values.yaml === undefined ? undefined : resolve(values.yaml);
    const empty = Object.entries(values).find(([, value]) => [value].flat().includes(''));
    if (empty) throw new UserMistake(`--${empty[0]} is empty.`);
    if (!study) throw new UserMistake('--study is missing: give the folder of the study’s derivatives.');
    const root = resolve(values.root ?? '.');
    const ended = (run: string) => void (process.connected && process.send?.({ run }));
    await interruptible((signal) => stage({ study: resolve(study), root, runs, yaml, ended, signal }));
  });
}
