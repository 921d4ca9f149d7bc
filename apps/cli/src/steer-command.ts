import { withClaims } from '@galvani/artifact';
import { stageRow } from '@galvani/pipeline';
import { claimed, foldersOf, type Stage, studyFolder } from '@galvani/study';
import { answer, answerFacts, interruptible, UserMistake } from '@galvani/terminal';
import { Command, InvalidArgumentError } from 'commander';
import { stageWork } from './stage-work.js';
import { derivativesDefault, withStudy } from './study-argument.js';

interface SteerOptions {
  task?: string;
  strength?: number[];
  prompt?: string[];
  out?: string;
}

const strengths = (text: string, before: number[] = []) => {
  const value = Number(text);
  if (text.trim() === '' || !(Math.abs(value) <= 1000))
    throw new InvalidArgumentError('It must be a number from -1000 to 1000; 1 is as much as the task itself does.');
  return [...before, value];
};

/** The steer stage; with a task, samples of what the model writes. */
export function steerCommand(): Command {
  return new Command('steer')
    .description(stageRow('steer').summary)
    .argument('<study>', 'study.yaml, or the folder that holds it')
    .option('--task <name>', 'only show what the model writes when it is steered along this network')
    .option(
      '--strength <number>',
      'how much, of which 1 is the effect of the task itself; repeatable (default: 2)',
      strengths,
    )
    .option(
      '--prompt <text>',
      "what it continues; repeatable (default: a rest prompt's first words)",
      (text: string, before: string[] = []) => [...before, text],
    )
    .option('--out <folder>', `folder for derivatives (${derivativesDefault})`)
    .action(async (named: string, { task, strength, prompt, out }: SteerOptions) => {
      if (task === undefined && (strength || prompt))
        throw new UserMistake(
          '--strength and --prompt belong to samples: name the network too, as in --task pathology.',
        );
      const { stage, steerSamples } = await import('@galvani/steer');
      await interruptible((signal) =>
        withStudy(named, out, signal, async (planned, both) => {
          const { name, study, root } = planned;
          if (task === undefined) {
            const work = claimed('steer', stage);
            const done = await stageWork(planned, 'steer', undefined, () => work({ study, root, signal: both }));
            return answerFacts({ study: name, derivatives: study, stages: [done] });
          }
          const folder = studyFolder(study, root);
          const upstream = stageRow('steer').reads as readonly Stage[];
          const read = (await Promise.all(upstream.map((stage) => foldersOf(folder, stage)))).flat();
          await withClaims(folder, { read: read.map(({ name }) => name) }, both, async (held) => {
            const request = { study, root, task, strengths: strength ?? [2], prompts: prompt, signal: held };
            let opening: string | undefined;
            const samples = await steerSamples(request);
            answerFacts({ study: name, task, samples });
            for (const text of samples) {
              if (text.label === 'untouched' && opening !== undefined) answer('');
              if (text.opening !== opening) answer(`${text.opening} ...`);
              opening = text.opening;
              const label = text.label === 'untouched' ? text.label : `${text.label}, ${text.strength}`;
              answer(
                `  ${label.padEnd(24)} p ${text.probability.toFixed(2)}  perplexity ${text.perplexity.toFixed(1).padStart(7)}  ${JSON.stringify(text.text)}`,
              );
            }
          });
        }),
      );
    });
}
