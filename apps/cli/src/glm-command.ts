import { resolve } from 'node:path';
import { requireManifest } from '@galvani/artifact';
import { stageRow } from '@galvani/pipeline';
import { claimed } from '@galvani/study';
import { answerFacts, interruptible, UserMistake } from '@galvani/terminal';
import { Command } from 'commander';
import { manifestWork, stageWork } from './stage-work.js';
import { withStudy } from './study-argument.js';

interface GlmOptions {
  series?: string[];
  events?: string[];
  tokens?: string[];
  config?: string;
  out?: string;
}

const repeated = (value: string, before: string[] | undefined) => [...(before ?? []), value];

/** The glm stage of a study; with --series, the same model for a user-supplied series. */
export function glmCommand(): Command {
  return new Command('glm')
    .description(stageRow('glm').summary)
    .argument('[study]', 'study.yaml, or the folder that holds it')
    .option('--series <file>', 'a run: .npy, .parquet or Arrow, rows x units; repeat it for more runs', repeated)
    .option('--events <file>', 'its events, CSV, TSV or Parquet: onset and duration in rows, trial_type', repeated)
    .option('--tokens <file>', "tokens.parquet of a run, where its events are galvani's design table", repeated)
    .option('--config <file>', 'YAML: noise, variance, regressor, drift, contrasts, …')
    .option(
      '--out <folder>',
      'folder to write (default for a study: `derivatives` beside its study.yaml, or data/derivatives/<study> in a workspace of Nx)',
    )
    .action(async (named: string | undefined, options: GlmOptions) => {
      const { series, events, tokens, config, out } = options;
      if (series === undefined) {
        if (named === undefined)
          throw new UserMistake(
            'glm needs a study, or a series: --series FILE --events FILE --config FILE --out FOLDER.',
          );
        if (events ?? tokens ?? config)
          throw new UserMistake('--events, --tokens and --config go with --series, not with a study.');
        const { stage: glmStage } = await import('@galvani/glm');
        const stage = claimed('glm', glmStage);
        await interruptible((signal) =>
          withStudy(named, out, signal, async (planned, signal) => {
            const { name, study, root } = planned;
            const done = await stageWork(planned, 'glm', undefined, () => stage({ study, root, signal }));
            answerFacts({ study: name, derivatives: study, stages: [done] });
          }),
        );
        return;
      }
      if (named !== undefined)
        throw new UserMistake(`--series takes no study, and '${named}' is one: leave out one of the two.`);
      const missing = [events ? '' : '--events', config ? '' : '--config', out ? '' : '--out'].filter(Boolean);
      if (missing.length > 0) throw new UserMistake(`glm --series also needs ${missing.join(', ')}.`);
      const { fitSeriesFiles } = await import('@galvani/glm');
      await interruptible(
        (signal) => fitSeriesFiles({ series, events: events!, tokens, config: config!, out: out!, signal }),
        'no map was kept',
      );
      answerFacts({ folder: resolve(out!), ...manifestWork(await requireManifest(out!, 'glm')) });
    });
}
